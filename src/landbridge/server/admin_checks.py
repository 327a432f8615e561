"""`/api/v1/checks`: what `landbridge doctor` finds; and one real exchange as a client would have it, step by step.

POST /api/v1/clients/claude/test     {"model": "smollm2"}

event: step
data: {"name": "reach", "state": "ok", "seconds": 0.0004, "detail": "127.0.0.1:38080"}
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import msgspec
from msgspec import Struct

from ..access.known import own_key
from ..agents.facts import TOKEN
from ..manage import credential
from ..manage.checks import Looking, examine
from ..manage.findings import Finding
from ..manage.router import url_of
from ..manage.tryout import Step, Tryout, run
from .admin_clients import CLIENTS_PATH, client_of, health_of, in_force, keyed
from .admin_events import HEADERS
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

CHECKS = "/api/v1/checks"
THEIRS = ("ANTHROPIC_", "CLAUDE_CODE_", "OPENAI_", "GOOGLE_", "GEMINI_API", "GEMINI_MODEL")
"""Beginnings of variables by which client tools are pointed somewhere. Those of the router are not those of a shell."""


class Checks(Struct):
    """What was found, in the order of a request's way."""

    findings: list[Finding]


class ToTry(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to try."""

    model: str = ""
    """`default_model` of the settings where it is left out."""
    key: str = ""
    """What the client would send; left out: the router's own where one is needed."""


DESCRIBED: Described = {
    ("GET", "", CHECKS): Endpoint(
        summary="Look for what is wrong, as `landbridge doctor` does",
        gives=(Checks,),
        parameters=("model_wanted", "answer"),
    ),
    ("POST", "", f"{CLIENTS_PATH}/{{tool}}/test"): Endpoint(
        summary="Have one exchange as a client would, and tell each step", takes=ToTry, gives=(Step,), streams=True
    ),
}  # fmt: skip


def table(works: Works) -> Table:
    """The endpoints."""

    async def checks(asked: Asked) -> Checks:
        said = asked.query("model", "answer")
        looking = _looking(works, said.get("model", ""), said.get("answer") == "true")
        return Checks(await asyncio.to_thread(_examined, looking))

    async def test(asked: Asked) -> None:
        client, said = client_of(asked), asked.body(ToTry)
        config, own, needed = in_force(works), own_key(works.data_dir), keyed(works)
        listener = config.listeners.router
        tryout = Tryout(
            client=client.name,
            model=said.model or config.default_model,
            router=url_of(listener) if listener.port else "",
            off=not listener.enabled,
            key=said.key or (own if needed else TOKEN),
            keyed=needed,
            borrowed=needed and not said.key,
            own=own or TOKEN,
        )
        await asked.sink.start(200, HEADERS)
        async with aclosing(run(tryout)) as steps:
            async for step in steps:
                await asked.sink.write(b"event: step\ndata: %b\n\n" % msgspec.json.encode(step))
        await asked.sink.end()

    return Table(works.book, [Row("GET", CHECKS, checks), Row("POST", f"{CLIENTS_PATH}/{{tool}}/test", test)])


def _looking(works: Works, model: str, answer: bool) -> Looking:
    env = works.env()
    return Looking(
        config_path=works.config_path,
        data_dir=works.data_dir,
        env=env,
        shell={name: value for name, value in env.items() if not name.startswith(THEIRS)},
        folder=Path.home(),
        model=model,
        answer=answer,
        config=in_force(works),
        health=health_of(works),
    )


def _examined(looking: Looking) -> list[Finding]:
    """In a thread: the router asks itself, at its own listener."""
    credential.take_up(looking.data_dir, {})
    return list(examine(looking))
