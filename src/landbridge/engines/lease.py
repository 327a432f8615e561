"""What callers get: a `Lease` on a ready engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from ..errors import Crashed, EngineFault
from ..neutral.progress import Progress
from ..neutral.traits import Traits
from ..wire.openai_chat.llamacpp import in_slot, with_progress
from ..wire.rename import rename
from .control import Control, Found
from .process import Process
from .slots import Slots, Turn
from .speed import Headway, Speed

STOP_GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""


class Live:
    """A running engine process and what it said of itself."""

    def __init__(self, name: str, process: Process, control: Control, found: Found, slots: Slots) -> None:
        self.name, self.process, self.control, self.found, self.slots = name, process, control, found, slots
        self.headway: dict[Lease, Headway] = {}
        """How far the prompts are that are read now."""
        self._dismissed = False

    def fault(self) -> EngineFault | None:
        """Why it ended; None while it runs."""
        ending = self.process.ended
        if ending is None:
            return None
        origin = f"engine:{self.name}"
        if self._dismissed:
            return Crashed(f"The engine of '{self.name}' was stopped.", remedy="Try again.", origin=origin)
        words = self.process.log.last_words()
        said = f": {words}" if words else ""
        return Crashed(
            f"The engine of '{self.name}' ended while it worked ({ending}){said}.",
            remedy="Try again: it is restarted. If it happens again, try a smaller context or another model.",
            origin=origin,
        )

    @property
    def dismissed(self) -> bool:
        """Whether it was told to stop."""
        return self._dismissed

    async def close(self) -> None:
        """Save what it has read and stop the process; returns when it is gone."""
        self._dismissed = self._dismissed or self.process.ended is None
        try:
            await self.slots.close()
        finally:
            await self.process.stop(STOP_GRACE)


class Lease:
    """The use of a ready engine, for as long as the `async with` lasts."""

    def __init__(self, live: Live, speed: Speed) -> None:
        self._live = live
        self._speed = speed
        self.name = live.name
        """The model."""
        self.url = live.control.url
        """`http://127.0.0.1:PORT`."""
        self.headers: Mapping[str, str] = live.control.headers
        """The engine's own key."""
        self.window = live.found.window
        """Tokens of prompt and answer together."""
        self.slots = live.found.slots
        self.model = live.found.serves or live.name
        """What the engine calls the model."""
        self.counts = not live.found.serves
        """Whether it counts tokens, and says how far it has read."""
        self.traits: Traits = live.found.traits

    def turn(self, body: bytes, who: str = "") -> AbstractAsyncContextManager[Turn]:
        """A slot for a request, with what is known of its prompt; `who` tells conversations apart where clients do."""
        return self._live.slots.take(body, who)

    def knows(self, body: bytes) -> float:
        """How much of a request's prompt need not be read again, from 0 to 1."""
        return self._live.slots.knows(body)

    def body(self, body: bytes, turn: Turn | None = None) -> bytes:
        """What to send for `body`, a streamed request, so that leaving ends it during the prompt, too."""
        if not self.counts:
            return rename(body, self.model)
        return with_progress(body) if turn is None else in_slot(with_progress(body), turn.lane)

    async def count(self, body: bytes) -> int:
        """Prompt tokens of an OpenAI body (chat, tools included, or a bare prompt): what the engine reports itself.

        Raises `BadRequest` for a body that the chat template refuses, `EngineFault` where the engine does not answer.
        """
        try:
            return await self._live.control.count(body)
        except EngineFault as fault:
            raise await self.post_mortem() or fault from None

    def predict(self, tokens: int) -> float | None:
        """Seconds this model would take to read a prompt of `tokens`; None before it has read any (P83)."""
        return self._speed.predict(tokens) if self.counts else None

    def read_on(self, progress: Progress) -> Headway:
        """The engine says how far it has read this lease's prompt: what that means, for all who want to know."""
        headway = self._live.headway[self] = self._speed.headway(progress)
        return headway

    @property
    def headway(self) -> Headway | None:
        """How far this lease's prompt is read, while it is."""
        return self._live.headway.get(self)

    def read_all(self) -> None:
        """It reads no more. Twice is once."""
        self._live.headway.pop(self, None)

    def learn(self, tokens: int, seconds: float) -> None:
        """The model read `tokens` in `seconds`: a prompt without what the engine's cache had of it."""
        self._speed.learn(tokens, seconds)

    async def busy_slots(self) -> int:
        """How many of the engine's slots work right now, by its own account."""
        return await self._live.control.busy_slots()

    @property
    def dismissed(self) -> bool:
        """Whether the engine was told to stop."""
        return self._live.dismissed

    def fault(self) -> EngineFault | None:
        """Why the engine died under this lease; None if it did not, as far as is known yet."""
        return self._live.fault()

    async def post_mortem(self, within: float = 1.0) -> EngineFault | None:
        """As `fault`, but waits up to `within` seconds for news: a connection breaks before its process has ended."""
        await self._live.process.ends_within(within)
        return self.fault()
