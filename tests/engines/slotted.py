"""A pretend engine's slots, in this process: it knows what each has read, letter by letter, and counts what it reads.

It answers `/slots/N?action=save|restore` as llama.cpp does, with real files; `ask` carries the questions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from landbridge.engines.control import Control
from landbridge.engines.prompt_files import PromptFiles
from landbridge.engines.slots import Slots, Turn
from landbridge.errors import Unreachable


def body(*texts: str) -> bytes:
    messages = [{"role": "user", "content": text} for text in texts]
    return msgspec.json.encode({"messages": messages})


class Slotted:
    """One engine process with `count` slots."""

    def __init__(self, folder: Path, count: int = 2, *, goes_back: bool = True) -> None:
        self.folder, self.goes_back = folder, goes_back
        self.has = [""] * count
        self.moves: list[str] = []
        self.refuses: int = 0
        """Status of the answer to every move; 0: it does what it is told."""
        self.refuses_templates = False
        self.alive = True
        self.gate = asyncio.Event()
        """Moves wait for it."""
        self.gate.set()

    async def ask(self, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        assert body is not None
        if self.refuses_templates and "/slots/" not in url:
            return 400, b"{}"
        if url.endswith("/apply-template"):
            return 200, msgspec.json.encode({"prompt": body.decode().removesuffix("]}")})
        if url.endswith("/tokenize"):
            return 200, msgspec.json.encode({"tokens": [*map(ord, msgspec.json.decode(body)["content"])]})
        slot, _, action = url.removeprefix("http://e/slots/").partition("?action=")
        self.moves.append(f"{action} {slot}")
        if action == "save":
            (self.folder / str(msgspec.json.decode(body)["filename"])).touch()
        await self.gate.wait()
        if not self.alive:
            raise Unreachable("gone")
        if self.refuses:
            return self.refuses, b'{"error": {"message": "no"}}'
        path = self.folder / str(msgspec.json.decode(body)["filename"])
        if action == "save":
            path.write_text(self.has[int(slot)])
            return 200, msgspec.json.encode({"n_saved": len(self.has[int(slot)]), "n_written": path.stat().st_size})
        self.has[int(slot)] = ""
        if not path.exists():
            return 400, b'{"error": {"message": "Unable to restore slot"}}'
        self.has[int(slot)] = path.read_text()
        return 200, msgspec.json.encode({"n_restored": len(self.has[int(slot)])})

    async def read(self, turn: Turn, prompt: bytes) -> int:
        """Read a prompt in its slot, with its beginning before it where that is wanted; how many letters were new."""
        new = 0
        if turn.opening:
            asked = msgspec.json.decode(turn.opening)
            assert asked["id_slot"] == turn.lane
            new += self._read(turn.lane, "".join(map(chr, asked["prompt"])))[1]
            assert turn.keep is not None
            await turn.keep()
        common, more = self._read(turn.lane, prompt.decode().removesuffix("]}"))
        turn.read(common + more, common)
        return new + more

    def _read(self, lane: int, text: str) -> tuple[int, int]:
        had = self.has[lane]
        common = next((n for n, (a, b) in enumerate(zip(text, had, strict=False)) if a != b), min(len(text), len(had)))
        if not self.goes_back and common < len(had):
            common = 0
        self.has[lane] = text
        return common, len(text) - common

    @asynccontextmanager
    async def slots(
        self, files: PromptFiles | None, engine: str = "e", window: int = 10**6, *, cuts: bool = True
    ) -> AsyncIterator[Slots]:
        control = Control(self.ask, "http://e", "key", "engine:m")
        slots = Slots(
            control,
            len(self.has),
            window=window,
            files=files,
            engine=engine,
            model="m",
            alive=lambda: self.alive,
            cuts=cuts,
        )
        try:
            yield slots
        finally:
            await slots.close()
