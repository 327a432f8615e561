"""The slots of one running engine at work: each request gets its lane, with what is known of its prompt brought in.

`lanes` decides, `prompt_files` keeps, the engine saves and restores. Moves go one after the other, and only moves are
waited for: a request has its lane from the decision on. What has changed is saved once nobody has used it for a while,
and before the engine is stopped.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ..errors import EngineFault, GatewayError
from ..wire.openai_chat.llamacpp import only_read, read_prompt
from .chain import Chain, chain_of
from .control import Control
from .lanes import Choice, Lane, Lanes
from .prompt_cache import Saved
from .prompt_files import PromptFiles

log = logging.getLogger("landbridge.engines")

IDLE = 5.0
"""Seconds after its last use that a lane is saved."""
AT_END = 10.0
"""Seconds that saving may take when the engine is to be stopped."""
SETTLE = 0.1
"""Seconds after the start in which a first request may come; then the usual prompt is brought in."""
EXPECTED = 2048
"""Bytes (about 500 tokens) that must have been there for their absence to say something of the engine."""
BARELY = 0.1
"""Share of what was expected below which it counts as absent."""


class Turn:
    """One request's use of a lane."""

    def __init__(self, lane: int, chain: Chain, expected: int) -> None:
        self.lane = lane
        """The number to send as `id_slot`."""
        self.chain = chain
        self.expected = expected
        """Bytes of the prompt that the lane should know."""
        self.opening = b""
        """A request for `/completion` to send before, if there is one: it reads the prompt's beginning."""
        self.keep: Callable[[], Awaitable[None]] | None = None
        """To be called when that is done: what has been read is saved."""
        self.tokens: int | None = None
        self.reused: int | None = None

    def read(self, tokens: int, reused: int | None = None) -> None:
        """The engine has read the prompt, `tokens` long; it knew `reused` of them."""
        self.tokens, self.reused = tokens, reused


class Slots:
    """Gives each request a lane of the engine behind `control`."""

    def __init__(
        self,
        control: Control,
        count: int,
        *,
        window: int = 2**31,
        files: PromptFiles | None = None,
        engine: str = "",
        model: str = "",
        alive: Callable[[], bool] = lambda: True,
        cuts: bool = True,
    ) -> None:
        self.reused = self.sent = 0
        """Tokens of all prompts so far that were known already, and all of them."""
        self._control, self._window, self._alive = control, window, alive
        self._files = files if files is not None and files.open() else None
        self._engine, self._model = engine, model
        self._lanes = Lanes(count)
        self._moving = asyncio.Lock()
        self._freed = asyncio.Event()
        self._cuts = cuts and (self._files is None or self._files.prompts.cuts(engine))
        """Whether it can go back in what was brought in; some architectures cannot (P78)."""
        self._per_token = 0.0
        """Bytes of a file, once one was written."""
        self._work: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._brought = False
        self._wake_in(SETTLE)

    @asynccontextmanager
    async def take(self, body: bytes, who: str = "") -> AsyncIterator[Turn]:
        """A lane for a request, until the block ends. Waits while all are taken."""
        chain = chain_of(read_prompt(body))
        lane = await self._reserve(chain, who)
        turn = Turn(lane.number, chain, lane.holds.shared(chain))
        try:
            if not self._cuts and self._files is not None:
                await self._begin_apart(lane, turn, body)
            yield turn
        finally:
            self._give_back(lane, turn, who)

    def knows(self, body: bytes) -> float:
        """How much of a prompt is known, from 0 to 1: in a lane, or in a file."""
        chain = chain_of(read_prompt(body))
        best = self._best(chain)
        known = max(self._lanes.knows(chain), best[1] if best is not None else 0)
        return known / chain.size if chain.size else 0.0

    def holds(self, who: str) -> int:
        """Tokens of the conversation `who` that a lane has; 0 where nobody knows."""
        return max((lane.tokens for lane in self._lanes.all if who and lane.who == who), default=0)

    async def close(self) -> None:
        """Save what has changed, as far as there is time for it. The engine is about to be stopped."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            async with asyncio.timeout(AT_END):
                if self._alive():
                    async with self._moving:  # what is being saved is waited for, and not saved again
                        for lane in self._lanes.unsaved(time.monotonic()):
                            await self._save(lane)
        except TimeoutError:
            log.warning("prompts of %s could not be saved in time", self._model)
        finally:
            if self._work is not None:
                self._work.cancel()
                await asyncio.gather(self._work, return_exceptions=True)
        if self._files is not None:
            await self._files.flush()

    # -- a request ----------------------------------------------------------------------------------------------------

    async def _reserve(self, chain: Chain, who: str) -> Lane:
        while True:
            async with self._moving:
                self._mark_lost()
                best = self._best(chain)
                choice = self._lanes.choose(chain, who, best[1] if best is not None else 0, cuts=self._cuts)
                if choice is not None:
                    try:
                        await self._move(choice, best[0] if best is not None else None)
                    except BaseException:
                        choice.lane.busy = False
                        self._freed.set()
                        raise
                    return choice.lane
            self._freed.clear()
            await self._freed.wait()

    async def _begin_apart(self, lane: Lane, turn: Turn, body: bytes) -> None:
        """Where an engine cannot go back, only whole prompts are of use again, and no prompt is another's beginning. So
        what many begin with (system prompt and tools) is read and saved by itself first (P78).
        """
        head = turn.chain.cut(turn.chain.opening)
        known = len(lane.holds.marks) if lane.holds.begins(turn.chain) else 0
        if known >= turn.chain.opening or head.size < EXPECTED or len(head.marks) == len(turn.chain.marks):
            return
        try:
            tokens = await self._control.opening(body)
        except GatewayError as error:
            log.info("the beginning of a prompt of %s cannot be told: %s", self._model, error.message)
            return

        async def keep() -> None:
            async with self._moving:
                self._lanes.read(lane, head, len(tokens))
                await self._save(lane)

        if tokens:
            turn.opening, turn.keep = only_read(tokens, lane.number), keep

    def _give_back(self, lane: Lane, turn: Turn, who: str) -> None:
        if turn.tokens is not None and turn.reused is not None:
            self.reused += turn.reused
            self.sent += turn.tokens
            self._judge(turn, whole=lane.holds.begins(turn.chain))
        self._lanes.give_back(lane, time.monotonic(), turn.chain, turn.tokens, who)
        self._freed.set()
        self._wake_in(IDLE)

    def _judge(self, turn: Turn, *, whole: bool) -> None:
        """Learn whether the engine can go back: it had some of the prompt, and began anew."""
        assert turn.tokens is not None and turn.reused is not None, "it was read"
        expected = turn.tokens * turn.expected / max(1, turn.chain.size)
        if self._cuts and not whole and turn.expected >= EXPECTED and turn.reused < BARELY * expected:
            log.info("the engine of %s cannot go back in a prompt: only whole ones are reused", self._model)
            self._cuts = False

    def _best(self, chain: Chain) -> tuple[Saved, int] | None:
        if self._files is None:
            return None
        return self._files.prompts.best(self._engine, chain, self._window, cuts=self._cuts)

    def _mark_lost(self) -> None:
        """A lane whose file had to go holds what is saved nowhere."""
        if self._files is None:
            return
        for lane in self._lanes.free:
            if lane.saved and not lane.changed and lane.saved not in self._files.prompts:
                covering = self._files.prompts.covers(self._engine, lane.holds)
                lane.saved, lane.changed = (covering.name, False) if covering is not None else ("", True)

    # -- moves, one after the other -----------------------------------------------------------------------------------

    async def _move(self, choice: Choice, best: Saved | None) -> None:
        if choice.save:
            await self._save(choice.lane)
        source = best if choice.bring else None
        if choice.copy is not None and self._files is not None:
            if choice.copy.changed or not choice.copy.saved:
                await self._save(choice.copy)
            source = self._files.prompts.get(choice.copy.saved)
        if source is not None:
            await self._bring(choice.lane, source)

    async def _save(self, lane: Lane) -> None:
        """A file of what `lane` holds. Without one, it is lost when the lane is needed."""
        files = self._files
        if files is None or not files.room_for(round(lane.tokens * self._per_token)):
            return
        part = files.new_part()
        try:
            tokens, written = await self._control.save_slot(lane.number, part)
        except asyncio.CancelledError:
            files.discard(part)
            raise
        except GatewayError as error:
            files.discard(part)
            if isinstance(error, EngineFault) and self._alive():
                log.info("prompts of %s are not saved: %s", self._model, error.message)
                self._files = None
            return
        if tokens:
            self._per_token = written / tokens
        new = Saved(
            name=secrets.token_hex(12),
            engine=self._engine,
            model=self._model,
            chain=lane.holds,
            tokens=tokens,
            bytes=written,
            crc=0,
            used=time.time(),
            cuts=self._cuts,
        )
        kept = await files.keep(part, written, new, cuts=self._cuts)
        lane.changed, lane.saved = False, kept.name if kept is not None else ""

    async def _bring(self, lane: Lane, saved: Saved) -> None:
        """What a file has, into `lane`. One that the engine refuses is removed, and the prompt is read."""
        files = self._files
        if files is None or not await files.sound(saved):
            return
        self._lanes.empty(lane)
        try:
            tokens = await self._control.restore_slot(lane.number, f"{saved.name}.kv")
        except EngineFault as error:
            log.info("a saved prompt of %s was not brought in: %s", self._model, error.message)
        except GatewayError as error:
            log.warning("a saved prompt of %s was refused and removed: %s", self._model, error.message)
            await files.remove(saved)
        else:
            self._lanes.fill(lane, saved.chain, tokens, saved.name)
            files.touch(saved)

    # -- when nobody waits --------------------------------------------------------------------------------------------

    def _wake_in(self, seconds: float) -> None:
        """Look after the lanes in a while, unless that is going to happen anyway."""
        if self._files is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self._alive() and (self._work is None or self._work.done()):
            self._work = asyncio.get_running_loop().create_task(self._look_after(), name=f"prompts of {self._model}")

    async def _look_after(self) -> None:
        """Bring in the usual prompt at the start, save what is unused for long. Busy engines are left alone."""
        async with self._moving:
            if not self._brought and not any(lane.busy or lane.holds.marks for lane in self._lanes.all):
                await self._bring_usual()
            self._brought = True
            for lane in self._lanes.unsaved(time.monotonic() - IDLE):
                if len(self._lanes.free) == len(self._lanes.all):
                    await self._save(lane)
            if self._files is not None:
                await self._files.flush()
        if self._lanes.unsaved(time.monotonic()):
            self._wake_in(IDLE)

    async def _bring_usual(self) -> None:
        usual = self._files.prompts.usual(self._engine, self._window) if self._files is not None else None
        if usual is not None:
            await self._bring(self._lanes.all[0], usual)
