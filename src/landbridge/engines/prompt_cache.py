"""Which prompts of which engines are saved on the disk, what each is good for, and which must go. Pure.

What one engine has read is of use to another only if nothing differs that the numbers depend on: `Saved.engine` stands
for model file, engine build and settings. `prompt_files` has the files, `slots` saves and brings in.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from .chain import Chain


class Saved(Struct, frozen=True):
    """One saved prompt."""

    name: str
    """Of its file."""
    engine: str
    """What it was read with."""
    model: str
    """The model's name, for people."""
    chain: Chain
    tokens: int
    bytes: int
    crc: int
    """Checksum of the file: an engine would take a damaged one and go on in nonsense."""
    used: float
    """When it was last saved or brought in, in seconds since 1970."""
    uses: int = 0
    """How often it was brought in."""
    cuts: bool = True
    """Whether the engine can go back in it, as far as was known."""


class Prompts:
    """All saved prompts."""

    def __init__(self, saved: Iterable[Saved] = ()) -> None:
        self._all = {each.name: each for each in saved}

    def __contains__(self, name: str) -> bool:
        return name in self._all

    @property
    def bytes(self) -> int:
        """What all of them take."""
        return sum(each.bytes for each in self._all.values())

    def best(self, engine: str, prompt: Chain, window: int, *, cuts: bool = True) -> tuple[Saved, int] | None:
        """The one that has most of `prompt`, and how many bytes of it; what does not fit into `window` tokens is none.

        Of several the shortest: it is brought in quickest. Without `cuts`, only one that is wholly its beginning.
        """
        rated = [
            (each.chain.shared(prompt), -each.bytes, each)
            for each in self._all.values()
            if each.engine == engine and each.tokens < window and (cuts or each.chain.begins(prompt))
        ]
        shared, _, saved = max(rated, key=lambda rate: rate[:2], default=(0, 0, None))
        return (saved, shared) if saved is not None and shared else None

    def cuts(self, engine: str) -> bool:
        """Whether that engine can go back in what is brought in, as far as is known."""
        return all(each.cuts for each in self._all.values() if each.engine == engine)

    def covers(self, engine: str, holds: Chain) -> Saved | None:
        """One that has all of `holds`."""
        whole = len(holds.marks)
        found = (each for each in self._all.values() if each.engine == engine and each.chain.common(holds) == whole)
        return next(found, None)

    def usual(self, engine: str, window: int) -> Saved | None:
        """The one that was wanted most often, and of these last."""
        ours = [each for each in self._all.values() if each.engine == engine and each.tokens < window]
        return max(ours, key=lambda each: (each.uses, each.used), default=None)

    def add(self, saved: Saved, limit: int, *, cuts: bool = True) -> list[Saved]:
        """One more. What must go is returned: shorter ones that it contains, and those used longest ago until all
        together are within `limit` bytes. It inherits how often they were of use.
        """
        contained = [
            each
            for each in self._all.values()
            if cuts and each.engine == saved.engine and each.chain.begins(saved.chain)
        ]
        uses = max((each.uses for each in contained), default=0)
        gone = [self._all.pop(each.name) for each in contained]
        self._all[saved.name] = replace(saved, uses=max(saved.uses, uses))
        return gone + self.shrink(limit)

    def shrink(self, limit: int) -> list[Saved]:
        """What must go for all to be within `limit` bytes: those used longest ago."""
        gone: list[Saved] = []
        total = self.bytes
        for each in sorted(self._all.values(), key=lambda each: each.used):
            if total <= limit:
                break
            total -= each.bytes
            gone.append(self._all.pop(each.name))
        return gone

    def touch(self, name: str, now: float) -> Saved:
        """It was brought in."""
        saved = self._all[name]
        self._all[name] = replace(saved, used=now, uses=saved.uses + 1)
        return self._all[name]

    def drop(self, name: str) -> None:
        """It is of no use."""
        self._all.pop(name, None)

    def get(self, name: str) -> Saved | None:
        """The one of that name, while it is there."""
        return self._all.get(name)
