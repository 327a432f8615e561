"""One real exchange as a client tool would have it, at the router's TCP address: each step as it happens.

For the dashboard's connection test. A step that fails is the last one, with the true error and what to do about it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..errors import GatewayError
from ..gateway.ids import new_id
from ..neutral.events import Delta, Failed, Finish, Usage
from ..upstream.ask import ask
from ..upstream.client import Client, Endpoint
from ..wire.dialects import dialect
from .router import Reply, error_text
from .tryout_requests import Sent, request_of

CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 300.0
"""Seconds of silence, loading included, after which an answer is given up."""
MAX_ERROR = 1024 * 1024
SHOWN = 200
"""Characters of the answer that are repeated."""

Name = Literal["reach", "key", "model", "first", "whole"]
NAMES: tuple[Name, ...] = ("reach", "key", "model", "first", "whole")
"""Listener reachable, key accepted, model known, first token, whole answer."""


class Step(Struct, frozen=True, omit_defaults=True):
    """One step, as it stands."""

    name: Name
    state: Literal["running", "ok", "failed"]
    seconds: float = 0.0
    """It took."""
    detail: str = ""
    remedy: str = ""


class Tryout(Struct, frozen=True, kw_only=True):
    """What is tried."""

    client: str
    """Name in `agents.clients`."""
    model: str
    router: str
    """URL of the router, without a path."""
    off: bool = False
    """Whether its listener is switched off in the settings."""
    key: str
    """What the client would send."""
    keyed: bool = False
    """Whether the router wants a key."""
    borrowed: bool = False
    """Whether `key` is the router's own, which no client should have."""
    own: str
    """The router's own key, for asking it where the model's name leads."""


class _Stop(Exception):
    """A step has failed."""

    def __init__(self, detail: str, remedy: str = "") -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy


async def run(tryout: Tryout) -> AsyncGenerator[Step]:
    """The steps: each first as `running`, then as what came of it."""
    http = Client(straight=True)
    await http.start()
    try:
        async with aclosing(_Run(tryout, http).steps()) as steps:
            async for step in steps:
                yield step
    finally:
        await http.close()


class _Run:
    def __init__(self, tryout: Tryout, http: Client) -> None:
        self._tryout, self._http = tryout, http
        self._sent = request_of(tryout.client, tryout.model, tryout.key)

    async def steps(self) -> AsyncGenerator[Step]:
        ways = {"reach": self._reach, "key": self._key, "model": self._model}
        for name in NAMES[:3]:
            yield Step(name, "running")
            began = time.monotonic()
            try:
                detail = await ways[name]()
            except _Stop as stop:
                yield Step(name, "failed", _since(began), stop.detail, stop.remedy)
                return
            except GatewayError as error:
                yield Step(name, "failed", _since(began), error.message, error.remedy)
                return
            yield Step(name, "ok", _since(began), detail)
        async with aclosing(self._exchange()) as steps:
            async for step in steps:
                yield step

    async def _reach(self) -> str:
        tryout = self._tryout
        if tryout.off:
            raise _Stop(
                "The TCP Server is switched off: no client can connect.",
                "Switch it on (API page, or: landbridge config set listeners.router.enabled true).",
            )
        parts = urlsplit(tryout.router)
        host, port = parts.hostname or "", parts.port or 80
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                _, writer = await asyncio.open_connection(host, port)
        except TimeoutError:
            words = f"{host}:{port} did not accept a connection within {CONNECT_WITHIN:g} s."
            raise _Stop(words, "Is a firewall in between? 'landbridge doctor' names the program at the port.") from None
        except OSError as error:
            words = f"{host}:{port} refuses connections: {error.strerror or error}."
            raise _Stop(words, "Restart landbridge; 'landbridge doctor' names the program at the port.") from None
        writer.close()
        return f"{host}:{port}"

    async def _key(self) -> str:
        """Ask for the model by a path that loads nothing; an unknown one is the next step's affair."""
        reply = await self._get(f"/v1/models/{quote(self._tryout.model, safe='')}", self._tryout.key)
        if reply.status == 401:
            raise _Stop(error_text(reply), "Make a key on the API page (landbridge keys create --name NAME).")
        if not self._tryout.keyed:
            return "No key is needed here: any word will do."
        if self._tryout.borrowed:
            return "A key is needed. This test has used the router's own; a client needs one of yours."
        return "The key was accepted."

    async def _model(self) -> str:
        """Where the name leads, as this client asks."""
        name, agent = self._tryout.model, self._sent.headers["user-agent"].partition("/")[0].lower()
        reply = await self._get(f"/api/v1/routes/{quote(name, safe='')}?client={quote(agent)}", self._tryout.own)
        if reply.status != 200:
            raise _Stop(error_text(reply))
        found = msgspec.json.decode(reply.body, type=_Explanation)
        if not found.target:
            whys = "; ".join(f"{each.target}: {each.why}" for each in found.targets if each.why)
            raise _Stop(f"Nobody can answer for '{name}' now. {whys}", "See 'landbridge route --explain'.")
        first = found.targets[0] if found.targets else _Target()
        if self._tryout.client == "opencode" and await self._speaks_anthropic(name):
            self._sent = request_of("opencode", name, self._tryout.key, anthropic=True)
        where = f"{name}" if found.target == name else f"{name} leads to {found.target}"
        return f"{where}{f': {found.why}' if found.why else ''}{', on this machine' * first.local}."

    async def _speaks_anthropic(self, name: str) -> bool:
        """Whether the model's provider speaks Anthropic's API: then OpenCode does, too."""
        reply = await self._get("/anthropic/v1/models", self._tryout.own)
        if reply.status != 200:
            return False
        listed = msgspec.json.decode(reply.body, type=_Listed).data
        return any(each.id == name and each.landbridge.dialect == "anthropic" for each in listed)

    async def _exchange(self) -> AsyncGenerator[Step]:
        """The request itself, its answer read as it comes."""
        name: Name = "first"
        yield Step(name, "running")
        began = time.monotonic()
        try:
            async with aclosing(self._answer(self._sent)) as told:
                async for step in told:
                    yield replace(step, seconds=_since(began))
                    if step.state == "ok" and step.name == "first":
                        name, began = "whole", time.monotonic()
                        yield Step(name, "running")
        except _Stop as stop:
            yield Step(name, "failed", _since(began), stop.detail, stop.remedy)
        except GatewayError as error:
            yield Step(name, "failed", _since(began), error.message, error.remedy)

    async def _answer(self, sent: Sent) -> AsyncGenerator[Step]:
        endpoint = Endpoint(
            url=self._tryout.router + sent.path, headers=sent.headers, connect_timeout=CONNECT_WITHIN,
            idle_timeout=ANSWER_WITHIN,
        )  # fmt: skip
        answer = await self._http.post(endpoint, sent.body, {})
        try:
            if answer.status != 200:
                reply = Reply(answer.status, await answer.read(MAX_ERROR))
                raise _Stop(f"Status {answer.status}: {error_text(reply)}")
            reader = dialect(sent.dialect).reader(new_id, "landbridge")
            told = _Told()
            async for piece in answer.chunks():
                for event in reader.feed(piece):
                    if (step := told.hear(event)) is not None:
                        yield step
                if reader.ended:
                    return
            for event in reader.close():
                if (step := told.hear(event)) is not None:
                    yield step
        finally:
            await answer.close()

    async def _get(self, path: str, key: str) -> Reply:
        headers = {"authorization": f"Bearer {key}", "x-landbridge": "1"}
        return Reply(*await ask(self._http, self._tryout.router + path, headers, None, CONNECT_WITHIN + 5))


class _Told:
    """What has been heard of an answer."""

    def __init__(self) -> None:
        self.text, self.usage, self.begun, self.at = "", Usage(), False, 0.0

    def hear(self, event: object) -> Step | None:
        """The step that this event ends. Raises `_Stop` for an answer that went wrong."""
        match event:
            case Delta(text=text) if text:
                self.text += text if len(self.text) < SHOWN else ""
                if not self.begun:
                    self.begun, self.at = True, time.monotonic()
                    return Step("first", "ok")
            case Usage():
                self.usage = self.usage.merged(event)
            case Failed(error=error):
                raise _Stop(error.message, error.remedy)
            case Finish(reason=reason):
                if not self.begun:
                    raise _Stop(f"The answer ended ({reason}) without a word.", "Try another model.")
                return Step("whole", "ok", detail=self._words())
        return None

    def _words(self) -> str:
        shown = " ".join(self.text.split())
        shown = f"{shown[:SHOWN]}..." if len(shown) > SHOWN else shown
        seconds = time.monotonic() - self.at
        tokens = self.usage.output
        rate = f", {tokens / seconds:.0f} tokens/s" if tokens and tokens > 1 and seconds > 0.05 else ""
        return f"{tokens} tokens{rate}: {shown}" if tokens else shown


class _Target(Struct):
    target: str = ""
    why: str = ""
    local: bool = False


class _Explanation(Struct):
    target: str = ""
    why: str = ""
    targets: list[_Target] = []


class _Own(Struct):
    dialect: str = ""


class _Entry(Struct):
    id: str = ""
    landbridge: _Own = msgspec.field(default_factory=_Own)


class _Listed(Struct):
    data: list[_Entry] = []


def _since(began: float) -> float:
    return round(time.monotonic() - began, 4)
