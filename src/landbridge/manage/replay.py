"""A kept request is sent again, as it came or to another model, and both answers are laid beside each other.

It goes under no conversation's name and as the client `landbridge-replay`: usage tells it apart. The command line asks
the router over HTTP; the router asks itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from .. import __version__
from ..errors import BadRequest
from ..gateway.call import Call
from ..store.answers import Said, read_answer
from ..store.bodies import Bodies
from ..store.report import Exchange
from ..wire.dialects import in_path
from ..wire.rename import Peek, rename

if TYPE_CHECKING:
    from ..gateway.exchange import Gateway

PATHS = {
    "anthropic": "/anthropic/v1/messages",
    "openai_chat": "/v1/chat/completions",
    "openai_legacy": "/v1/completions",
    "openai_responses": "/v1/responses",
}
GEMINI = (
    "/gemini/v1beta/models/{model}:generateContent",
    "/gemini/v1beta/models/{model}:streamGenerateContent?alt=sse",
)
UNNAMED = ("user-agent", "x-claude-code-session-id", "x-claude-code-agent-id")
"""Headers that would make it a part of the conversation it was."""
CLIENT = "landbridge-replay"
ID_HEADERS = ("x-landbridge-id", "request-id", "x-request-id")


class Outcome(Struct, frozen=True):
    """What came back."""

    id: str
    status: int
    body: bytes
    seconds: float
    first: float | None


class Answered(Struct):
    """One of the two."""

    exchange: Exchange
    text: str
    """What a person would read of the answer."""
    error: str


class Replayed(Struct):
    """Both."""

    before: Answered
    again: Answered
    same: bool
    """Whether they say the same."""


def kept(exchange: Exchange, bodies: Bodies | None) -> Bodies:
    """What can be said again. Raises `BadRequest`."""
    if bodies is None:
        raise BadRequest(
            f"What was said in {exchange.id} is not kept, so it cannot be said again.",
            remedy="`store.bodies = true` in the settings keeps it from then on.",
        )
    return bodies


def question(bodies: Bodies, model: str) -> tuple[str, bytes]:
    """Path and body of the request, for another model where one is named. Raises `BadRequest`."""
    if bodies.cut and bodies.request.rstrip()[-1:] != b"}":
        raise BadRequest("Only a part of that request is kept.", remedy="Raise `store.body_max_bytes`.")
    if bodies.dialect == "gemini":
        return in_path(GEMINI[bodies.stream], model or bodies.model), bodies.request
    if bodies.dialect not in PATHS:
        raise BadRequest(f"A request of the form '{bodies.dialect}' cannot be sent again.")
    return PATHS[bodies.dialect], rename(bodies.request, model) if model else bodies.request


def headers_of(bodies: Bodies, key: str = "") -> dict[str, str]:
    """Headers of the new request."""
    kept = {name: value for name, value in bodies.headers.items() if name not in UNNAMED}
    proof = {"authorization": f"Bearer {key}"} if key else {}
    return {"content-type": "application/json", **kept, **proof, "user-agent": f"{CLIENT}/{__version__}"}


async def ask_again(gateway: Gateway, bodies: Bodies, model: str) -> Outcome:
    """Send it through the gateway, as its owner. Raises `BadRequest`."""
    _, body = question(bodies, model)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers_of(bodies).items()]
    gemini = bodies.dialect == "gemini"
    named = Peek(model or bodies.model, bodies.stream) if gemini else None
    call = Call(bodies.dialect, body, headers, "alt=sse" if gemini and bodies.stream else "", named)
    ear = _Ear()
    await gateway.exchange(call, ear)
    return ear.outcome()


def laid_beside(exchange: Exchange, bodies: Bodies, outcome: Outcome, row: Exchange | None, model: str) -> Replayed:
    """The answer that was, and the new one. `row` is the new exchange as the ledger has it, where it does."""
    before = read_answer(bodies.dialect, bodies.status, bodies.answer)
    again = read_answer(bodies.dialect, outcome.status, outcome.body)
    now = row or _unwritten(exchange, outcome, again, model)
    same = not (before.error or again.error) and before.text == again.text
    return Replayed(Answered(exchange, before.text, before.error), Answered(now, again.text, again.error), same)


def _unwritten(exchange: Exchange, outcome: Outcome, said: Said, model: str) -> Exchange:
    """The new exchange from what was seen of it."""
    usage = said.usage
    return Exchange(
        id=outcome.id,
        at=time.time(),
        seconds=outcome.seconds,
        first=outcome.first,
        model=model or exchange.model,
        status=outcome.status,
        outcome="error" if said.error else "ok",
        input=usage.input,
        output=usage.output,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write,
    )


class _Ear:
    """A client's side that keeps the answer."""

    blocked = False

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self.touched = self._loop.time()
        self._first: float | None = None
        self.started = False
        self._status, self._headers, self._pieces = 0, dict[str, str](), list[bytes]()

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        await self.start(status, headers)
        await self.write(body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        self.started, self._status, self._headers = True, status, dict(headers)

    async def write(self, data: bytes) -> None:
        self.touched = self._loop.time()
        if self._first is None:
            self._first = self.touched - self._began
        self._pieces.append(data)

    async def end(self) -> None:
        """It is complete."""

    def abort(self) -> None:
        """It is not, which its reader finds."""

    def outcome(self) -> Outcome:
        id = next((found for name in ID_HEADERS if (found := self._headers.get(name))), "")
        seconds = self._loop.time() - self._began
        return Outcome(id, self._status, b"".join(self._pieces), seconds, self._first)
