"""Servers of models' own (vLLM, SGLang, MLX, ...): any program that speaks OpenAI's API, with the life of our engines.

Nothing is asked of them that only llama.cpp knows: no properties, no slots, no tokens. What they list says what they
call the model and, with some, how long its window is.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
from collections.abc import Callable

import msgspec
from msgspec import Struct

from ..config import EngineSettings, ModelSettings
from ..errors import ConfigFault, EngineFault, EngineMissing, NoMemory, ProviderFault, StartFailed
from ..neutral.traits import Traits
from .allotment import Allotment
from .control import HEALTH_TIMEOUT, Ask, Control, Found
from .lease import STOP_GRACE, Live
from .process import Job, Process
from .room import Room
from .slots import Slots
from .worker import EXIT_MISSING

HOST = "127.0.0.1"
USUAL_SLOTS = 8
"""Requests at once where the settings do not say: such servers batch by themselves."""
USUAL_WINDOW = 32_768
"""Tokens, where neither the settings nor the server say."""
SOONEST, LATEST = 0.05, 0.5
"""Seconds between two questions whether it is ready."""


class _Model(Struct):
    id: str
    max_model_len: int | None = None
    """vLLM and SGLang say it."""


class _Models(Struct):
    data: list[_Model] = msgspec.field(default_factory=list)


class ForeignControl(Control):
    """Asks one server of that kind."""

    def __init__(self, ask: Ask, url: str, key: str, origin: str, health: str) -> None:
        super().__init__(ask, url, key, origin)
        self._health = health

    async def healthy(self) -> bool:
        """Whether it says that it is ready."""
        try:
            status, _ = await self._carry(self.url + self._health, self.headers, None, HEALTH_TIMEOUT)
        except ProviderFault:
            return False
        return status == 200

    async def count(self, body: bytes) -> int:
        """It counts no tokens for us: whoever asks has not looked at `Lease.counts`."""
        raise EngineFault("This server does not count tokens.", origin=self._origin)

    async def listed(self) -> list[_Model]:
        """The models it lists; none where it has no list."""
        try:
            status, body = await self._carry(self.url + "/v1/models", self.headers, None, HEALTH_TIMEOUT)
            return msgspec.json.decode(body, type=_Models).data if status == 200 else []
        except (ProviderFault, msgspec.MsgspecError):
            return []

    async def look(self, name: str, settings: ModelSettings) -> Found:
        """What is known of it: what the settings say, then what it lists."""
        listed = await self.listed()
        serves = settings.serves or (listed[0].id if len(listed) == 1 else name)
        said = next((model.max_model_len for model in listed if model.id == serves), None)
        window = settings.context if isinstance(settings.context, int) else said or USUAL_WINDOW
        embeds = bool(settings.embeddings)
        traits = Traits(
            max_output=settings.max_output,
            window=window,
            fetches_images=False,
            documents=False,
            tools=not embeds,
            thinking=settings.thinking,
            repair=settings.repair,
        )
        slots = settings.slots if isinstance(settings.slots, int) else USUAL_SLOTS
        return Found(window=window, slots=slots, traits=traits, embeds=embeds, serves=serves)


class _Needs(Struct, frozen=True):
    """How such a server is run, as far as it concerns the others."""

    memory: int
    context: int = 0
    slots: int = 1


class ForeignStarter:
    """Starts such servers, and holds nothing of them."""

    def __init__(self, settings: Callable[[], EngineSettings], ask: Ask, room: Room, allotment: Allotment) -> None:
        self._settings, self._ask, self._room, self._allotment = settings, ask, room, allotment

    async def launch(self, name: str, settings: ModelSettings) -> Live:
        """A ready server, with room made for it."""
        needs = _Needs(settings.memory or 0)

        def fit(free: int) -> _Needs:
            if needs.memory > free:
                raise NoMemory(
                    f"Model '{name}' needs {needs.memory // 10**6} MB of memory, {free // 10**6} MB are free for it.",
                    remedy="Close something, or correct the model's `memory`.",
                    origin=f"engine:{name}",
                    retry_after=30.0,
                )
            return needs

        try:
            await self._allotment.take(name, fit)
            return await self.start(name, settings, lambda pid: self._room.settle(name, pid))
        except BaseException:
            self._room.release(name)
            raise

    async def start(self, name: str, settings: ModelSettings, started: Callable[[int], None]) -> Live:
        """A ready server; `started` is told its process id at once. Cancelled or failed, it leaves nothing behind."""
        assert settings.command, "this is why it is started here"
        port, key = settings.port if settings.port != "auto" else _free_port(), secrets.token_urlsafe(24)
        _check(name, settings.command[0], port)
        words = (word.replace("{port}", str(port)).replace("{key}", key) for word in settings.command)
        try:
            process = await Process.spawn(Job(parent=os.getpid(), command=tuple(words)))
        except OSError as error:
            raise StartFailed(
                f"The server of '{name}' could not be started: {error.strerror}.",
                remedy="The system may be out of processes, memory or disk space.",
                origin=f"engine:{name}",
            ) from error
        started(process.pid)
        control = ForeignControl(self._ask, f"http://{HOST}:{port}", key, f"engine:{name}", settings.health)
        try:
            return await self._until_ready(name, settings, process, control)
        except BaseException:
            await process.stop(STOP_GRACE)
            raise

    async def _until_ready(self, name: str, model: ModelSettings, process: Process, control: ForeignControl) -> Live:
        seconds, pause = self._settings().start_timeout, SOONEST
        try:
            async with asyncio.timeout(seconds):
                while process.ended is None and not await control.healthy():
                    await asyncio.sleep(pause)
                    pause = min(LATEST, pause * 1.5)
                if process.ended is None:
                    found = await control.look(name, model)
                    slots = Slots(control, found.slots, window=found.window, alive=lambda: process.ended is None)
                    return Live(name, process, control, found, slots)
        except TimeoutError:
            raise StartFailed(
                f"The server of '{name}' did not answer 200 at {control.url}{model.health} within {seconds:g} s.",
                remedy="Check `command`, `port` and `health` of the model, or give it longer: `engine.start_timeout`.",
                origin=f"engine:{name}",
            ) from None
        raise _ended(name, process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _check(name: str, program: str, port: int) -> None:
    """Whether it can be started at all: else another program's answers would be taken for the server's."""
    if shutil.which(program) is None:
        raise EngineMissing(
            f"There is no program '{program}', which is to run '{name}'.",
            remedy="Install it, or correct the model's `command`.",
            origin=f"engine:{name}",
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise ConfigFault(
                f"Port {port}, where the server of '{name}' is to listen, is taken by another program.",
                remedy='Stop it, or choose another `port` for the model ("auto" takes a free one).',
                origin=f"engine:{name}",
            ) from None


def _ended(name: str, process: Process) -> EngineFault:
    """Why it ended while it loaded."""
    assert process.ended is not None, "it has ended"
    reason = process.log.last_words() or "it gave no reason"
    if process.ended.code == EXIT_MISSING:
        remedy = "Install it, or correct the model's `command`."
        return EngineMissing(f"The server of '{name}' cannot be run: {reason}.", remedy=remedy, origin=f"engine:{name}")
    return StartFailed(
        f"The server of '{name}' did not start ({process.ended}): {reason}",
        remedy="The reason is its own; `command` is what it was told.",
        origin=f"engine:{name}",
    )
