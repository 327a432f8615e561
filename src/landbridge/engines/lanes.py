"""The lanes (slots) of one engine: which conversation each holds, and which one the next prompt gets. Pure.

A lane knows what it has read. A conversation goes on in its own lane; another one gets an empty lane, or that whose
loss is cheapest, and what would be lost is saved first. What a new conversation has in common with one that is read or
saved already (system prompt and tools) is brought into its lane. So several conversations take turns, and nothing is
read twice (P79).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from .chain import Chain

WORTH = 128
"""Bytes of a prompt (about 30 tokens) that take longer to read than to bring in (measured: a move takes 5 to 50 ms)."""
SHORT = 2000
"""Bytes of a prompt up to which losing it costs little."""
SAME = 0.5
"""Share of a lane that must stand at a prompt's beginning for it to be the same conversation, changed at its end."""


class Lane(Struct):
    """One lane."""

    number: int
    holds: Chain = Chain()
    """What it has read."""
    tokens: int = 0
    """How many tokens that are, if known."""
    who: str = ""
    """Whose conversation it is, where the client says it."""
    busy: bool = False
    """A request has it."""
    reading: Chain = Chain()
    """What it was reading when its client left: nobody knows how far it came."""
    changed: bool = False
    """What it holds is saved nowhere."""
    saved: str = ""
    """The file that has what it holds, unless it has changed."""
    used: float = 0.0
    """When it was last given back."""

    @property
    def worth_saving(self) -> bool:
        """Whether it holds something that is saved nowhere and would be missed."""
        return self.changed and self.holds.size >= WORTH


class Choice(Struct, frozen=True):
    """What to do for a prompt, in this order."""

    lane: Lane
    save: bool = False
    """Save what the lane holds: it will be lost."""
    copy: Lane | None = None
    """What this lane holds goes into the chosen one, too."""
    bring: bool = False
    """The saved prompt that was offered goes into the chosen one."""


class Lanes:
    """All lanes of one engine. Who is given one must `give_back` it."""

    def __init__(self, count: int) -> None:
        self.all = tuple([Lane(number) for number in range(count)])

    @property
    def free(self) -> list[Lane]:
        """Those no request has."""
        return [lane for lane in self.all if not lane.busy]

    def choose(self, prompt: Chain, who: str = "", offered: int = 0, *, cuts: bool = True) -> Choice | None:
        """The lane for `prompt`, which is busy from now on; None where all are. `offered` are the bytes of it that a
        saved prompt has. Without `cuts`, an engine cannot go back in what is brought in: only wholes are of use.
        """
        free = self.free
        if not free:
            return None
        shared = {lane.number: _of_use(lane, prompt, cuts=cuts) for lane in free}
        own = _own(free, prompt, who)
        lane = own or min(free, key=_loss)
        lane.busy = True
        save = own is None and lane.worth_saving
        have = shared[lane.number] if own is None else own.holds.shared(prompt)
        enough = have + WORTH
        others = [other for other in free if other is not lane and shared[other.number] >= enough]
        other = max(others, key=lambda other: shared[other.number], default=None)
        if offered >= max(enough, shared[other.number] if other is not None else 0):
            return Choice(lane, save, bring=True)
        return Choice(lane, save, copy=other)

    def give_back(self, lane: Lane, now: float, prompt: Chain, tokens: int | None, who: str = "") -> None:
        """The request is over. `tokens` are those that the lane holds now; None where the engine did not read all of
        the prompt.
        """
        lane.busy, lane.used, lane.who = False, now, who
        if tokens is None:
            lane.holds, lane.reading, lane.tokens = prompt.cut(lane.holds.common(prompt)), prompt, 0
        else:
            lane.holds, lane.reading, lane.tokens, lane.changed = prompt, Chain(), tokens, True

    def read(self, lane: Lane, holds: Chain, tokens: int) -> None:
        """The beginning of a prompt has been read."""
        self.empty(lane)
        lane.holds, lane.tokens, lane.changed = holds, tokens, True

    def empty(self, lane: Lane) -> None:
        """Nobody knows what it holds."""
        lane.holds, lane.reading, lane.tokens, lane.who = Chain(), Chain(), 0, ""
        lane.changed, lane.saved = False, ""

    def fill(self, lane: Lane, holds: Chain, tokens: int, name: str) -> None:
        """A file has been brought in."""
        self.empty(lane)
        lane.holds, lane.tokens, lane.saved = holds, tokens, name

    def unsaved(self, before: float) -> list[Lane]:
        """Free lanes that are worth saving and were given back before `before`, longest unused first."""
        due = [lane for lane in self.free if lane.worth_saving and lane.used <= before]
        return sorted(due, key=lambda lane: lane.used)

    def knows(self, prompt: Chain) -> int:
        """Bytes of `prompt` that some lane has read."""
        return max((lane.holds.shared(prompt) for lane in self.all), default=0)


def _of_use(lane: Lane, prompt: Chain, *, cuts: bool) -> int:
    """Bytes of `prompt` that need not be read in `lane`."""
    return lane.holds.shared(prompt) if cuts or lane.holds.begins(prompt) else 0


def _own(free: Sequence[Lane], prompt: Chain, who: str) -> Lane | None:
    """The lane of the conversation that `prompt` goes on with: all of it is the prompt's beginning, or most of it and
    its client says that it is the same one.
    """
    going_on = [lane for lane in free if lane.holds.begins(prompt) or lane.reading.begins(prompt)]
    if going_on:
        return max(going_on, key=lambda lane: (max(lane.holds.size, lane.reading.size), lane.used))
    shared = {lane.number: lane.holds.shared(prompt) for lane in free if who and lane.who == who}
    known = [lane for lane in free if shared.get(lane.number, 0) > SAME * lane.holds.size]
    return max(known, key=lambda lane: (shared[lane.number], lane.used), default=None)


def _loss(lane: Lane) -> tuple[int, float]:
    """What losing a lane's content would cost: nothing where it is empty, little where it is short or saved, a file
    otherwise. Among the same, what was used longest ago goes.
    """
    if not lane.holds.marks and not lane.reading.marks:
        return 0, lane.used
    if lane.holds.size < SHORT:
        return 1, lane.used
    return (3 if lane.changed else 2), lane.used
