"""Is the router up, on which ports, what do its parts say, is the model there, and how fast does it answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import psutil
from msgspec import Struct

from ..agents.facts import ModelFacts, read_facts
from ..config import Config, Listener, Listeners
from ..errors import Garbled, GatewayError, TimedOut
from . import router
from .findings import Finding, fail, ok, warn
from .router import Probe

ANSWER_WITHIN = 180.0
"""Seconds a model gets for its one answer, loading included."""
SLOW_SECONDS = 15.0
SLOW_RATE = 5.0
"""Tokens a second below which work is tiresome."""
FIRST_REQUEST = 12_000
"""Tokens of Claude Code's first request, at least (CLIENTS.md section 5)."""


class _Target(Struct):
    local: bool = False
    window: int | None = None


class _Route(Struct):
    targets: list[_Target] = []


class _Usage(Struct):
    output_tokens: int = 0


class _Answer(Struct):
    usage: _Usage = msgspec.field(default_factory=_Usage)


def check_listeners(listeners: Listeners, found: Probe) -> Iterator[Finding]:
    """Who is on the ports of the settings. `found` is who answers at the router's."""
    yield _router(listeners.router, found)
    for name, listener in (("openai", listeners.openai), ("dashboard", listeners.dashboard)):
        label = f"port of {name}"
        if not listener.enabled:
            yield ok(label, "switched off in the settings")
        elif (finding := _other(name, label, listener, found)) is not None:
            yield finding


def _router(listener: Listener, found: Probe) -> Finding:
    if not listener.enabled:
        return warn("router", "switched off in the settings", "Set listeners.router.enabled to true.")
    where = f"{listener.host}:{listener.port}"
    match found.state:
        case "up":
            health = found.health
            version = health.version if health else "?"
            return ok("router", f"up at {where}, version {version}")
        case "nobody":
            return fail(
                "router", f"connection refused at {where}: it is not running", "Start it with 'landbridge serve'."
            )
        case "silent":
            return fail("router", f"{where}: {found.detail}", f"Restart it; held by {holder(listener.port)}.")
        case "other":
            return fail(
                "router",
                f"something else is at {where} ({holder(listener.port)}): {found.detail}",
                "Stop that program, or set listeners.router.port to a free port.",
            )


def _other(name: str, label: str, listener: Listener, found: Probe) -> Finding | None:
    parts = found.health.parts if found.health else {}
    reported = parts.get(f"listener {name}") or parts.get(name)
    if reported is not None:
        return None  # among the parts the router reports itself
    if found.state == "up":
        return ok(label, "not opened by the running router")
    if router.is_open(listener.host, listener.port):
        return warn(
            label,
            f"port {listener.port} is taken by {holder(listener.port)}",
            f"Free it, or set listeners.{name}.port to another.",
        )
    return ok(label, f"port {listener.port} is free")


def holder(port: int) -> str:
    """The program that listens on `port`, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
    except psutil.Error:
        pass
    return "a program of another user"


def check_parts(found: Probe) -> Iterator[Finding]:
    """What the router says about its parts."""
    for name, part in (found.health.parts if found.health else {}).items():
        words = f"{part.status}{f': {part.detail}' if part.detail else ''}"
        yield fail(name, words, part.remedy) if part.status == "failed" else ok(name, words)


def check_model(url: str, name: str, *, load: bool = True) -> tuple[Finding, ModelFacts | None]:
    """Whether the running router knows the model. `load`: a local one may be loaded, which tells its window."""
    try:
        facts = read_facts(name, router.model_info(url, name)) if load else _led(url, name)
    except GatewayError as error:
        return fail("model", error.message, error.remedy), None
    window = f"window {facts.window} tokens" if facts.window else "window unknown"
    return ok("model", f"{name}: {'local' if facts.local else 'remote'}, {window}"), facts


def _led(url: str, name: str) -> ModelFacts:
    """What is known of the model that the name leads to, without loading it."""
    body = router.told(url, "GET", f"/api/v1/routes/{quote(name, safe='')}")
    try:
        found = msgspec.json.decode(body, type=_Route)
    except msgspec.DecodeError as error:
        raise Garbled(f"The router's answer about the model '{name}' is not understood: {error}.") from None
    target = found.targets[0] if found.targets else _Target()
    return ModelFacts(name=name, window=target.window, local=target.local)


def check_pulled(config: Config, name: str, data_dir: Path) -> Finding:
    """Whether the model is here, while no router runs that could be asked."""
    if "/" in name:
        provider = name.split("/", 1)[0]
        if provider in config.providers:
            return ok("model", f"{name}: provider '{provider}' is in the settings")
    from ..engines.library import Library

    if name in Library(data_dir / "models").names():
        return ok("model", f"{name}: is on this machine")
    return warn("model", f"{name} is not on this machine", f"Fetch it with 'landbridge models pull {name}'.")


def check_answer(url: str, facts: ModelFacts) -> Finding:
    """Whether the model answers, and how fast: one real request of a few tokens."""
    body = {
        "model": facts.name,
        "max_tokens": 24,
        "messages": [{"role": "user", "content": "Say hello in one sentence."}],
    }
    began = time.monotonic()
    try:
        reply = router.ask(url, "POST", "/anthropic/v1/messages", msgspec.json.encode(body), timeout=ANSWER_WITHIN)
    except TimedOut:
        return fail("answer", f"{facts.name} said nothing for {ANSWER_WITHIN:.0f} s", _faster(facts))
    except GatewayError as error:
        return fail("answer", error.message, error.remedy)
    seconds = time.monotonic() - began
    if reply.status != 200:
        return fail("answer", f"status {reply.status}: {router.error_text(reply)}")
    return _judge(facts, seconds, _tokens(reply.body))


def _tokens(body: bytes) -> int:
    try:
        return msgspec.json.decode(body, type=_Answer).usage.output_tokens
    except msgspec.DecodeError:
        return 0


def _judge(facts: ModelFacts, seconds: float, tokens: int) -> Finding:
    rate = tokens / seconds if seconds > 0 else 0.0
    words = f"{facts.name} answered in {seconds:.1f} s ({tokens} tokens, {rate:.1f} tokens/s, loading included)"
    if facts.local and (seconds > SLOW_SECONDS or rate < SLOW_RATE):
        return warn("answer", f"{words}: slow", _faster(facts))
    return ok("answer", words)


def _faster(facts: ModelFacts) -> str:
    if not facts.local:
        return "The provider is slow, or the way to it is; try another model of it."
    return (
        f"Run it again: the first answer includes loading. Claude Code's first request has {FIRST_REQUEST:,} tokens or "
        f"more to be read before the first word; {_window(facts)}'landbridge launch claude' picks the form that fits. "
        f"On a busy machine fewer threads are faster (threads under [models.{facts.name}]); smaller models are faster."
    )


def _window(facts: ModelFacts) -> str:
    return f"this model's window is {facts.window} tokens; " if facts.window else ""
