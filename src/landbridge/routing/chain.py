"""A name that may lead to several targets, and the course of one request through them: in which order, and why.

Nothing here knows the time or what happens elsewhere: how each target stands comes in as a `Branch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from .balance import by_weight

Policy = Literal["order", "weight", "least_latency"]
Spill = Literal["cloud", "local", "both", "never"]
MAX_TEXT = 400
"""Characters of an explanation; it stands in a header."""


class Member(Struct, frozen=True):
    """One of the models that a name may lead to."""

    model: str
    weight: float = 1.0


class Fork(Struct, frozen=True):
    """What a name means that may lead to several models."""

    name: str
    members: tuple[Member, ...]
    policy: Policy = "order"
    sticky: bool = False
    """Whether a conversation stays with the target that has answered in it."""
    spill: Spill = "never"
    spill_queue: int = 0
    """Requests that may wait for a local model before others go on to the cloud."""
    spill_wait: float | None = None
    """Seconds that one may have to wait for it; None: however long."""
    longer: bool = False
    """Whether what does not fit the window of one target may go to another that can hold it."""
    why: str = ""
    """`alias claude-sonnet`, `route fast`, `tier opus`."""


class Branch(Struct, frozen=True):
    """How one member stands now."""

    label: str
    weight: float = 1.0
    local: bool = False
    fault: str = ""
    """Why it cannot be used at all."""
    rests: str = ""
    """Why nothing is sent there for the time being."""
    waiting: int = 0
    """Which place in the queue of its engine one more would have; 0 where there is room."""
    wait: float = 0.0
    """Seconds that one more would have to wait."""
    window: int | None = None
    """Tokens that it can hold, where that is known."""


class Skip(Struct, frozen=True):
    """A target that was passed over."""

    target: str
    why: str


class Course(Struct, frozen=True):
    """The way of one request."""

    order: tuple[int, ...]
    """Positions of the branches that may be tried, the first one first."""
    why: str
    """Why that one is first, beside its place in the list; empty if that is why."""
    skipped: tuple[Skip, ...] = ()


def course(
    fork: Fork,
    branches: Sequence[Branch],
    *,
    key: str = "",
    held: str = "",
    fastest: Sequence[int] | None = None,
    tokens: int | None = None,
) -> Course:
    """The course of a request of conversation `key`, whose target was `held`; `fastest` are positions by speed.

    Who is passed over for being busy stays the last resort: a queue is better than an error.
    """
    preferred, why = _preferred(fork, branches, key, held, fastest)
    open_ones: list[int] = []
    skipped: list[Skip] = []
    long: list[int] = []
    for position in preferred:
        branch = branches[position]
        if branch.fault or branch.rests:
            skipped.append(Skip(branch.label, branch.fault or branch.rests))
        elif fork.longer and tokens is not None and branch.window is not None and tokens > branch.window:
            skipped.append(Skip(branch.label, f"about {tokens} tokens, window {branch.window}"))
            long.append(position)
        else:
            open_ones.append(position)
    usable, busy = _spilled(fork, branches, open_ones)
    order = [*usable, *busy]
    if usable:
        skipped += [Skip(branches[each].label, f"busy, number {branches[each].waiting} in its queue") for each in busy]
    if not order and long:
        # None can hold it, as far as one can tell; the one with the largest window says so exactly.
        order = [max(long, key=lambda each: branches[each].window or 0)]
        skipped = [skip for skip in skipped if skip.target != branches[order[0]].label]
    return Course(tuple(order), why if order[:1] == list(preferred[:1]) else "", tuple(skipped))


def _preferred(
    fork: Fork, branches: Sequence[Branch], key: str, held: str, fastest: Sequence[int] | None
) -> tuple[list[int], str]:
    """All positions in the order of the policy, and why the first is first."""
    order, why = list(range(len(branches))), ""
    if fork.policy == "weight":
        weights = [branch.weight for branch in branches]
        order = by_weight([branch.label for branch in branches], weights, key)
        why = f"weight {branches[order[0]].weight:g} of {sum(weights):g}" if order else ""
    elif fork.policy == "least_latency" and fastest is not None:
        order, why = list(fastest), "by speed"
    at = next((position for position in order if held and branches[position].label == held), None)
    if at is not None:
        order.remove(at)
        return [at, *order], "its session is there"
    return order, why


def _spilled(fork: Fork, branches: Sequence[Branch], order: Sequence[int]) -> tuple[list[int], list[int]]:
    """Those with room, and local ones whose queue is too long while a cloud can answer."""
    if fork.spill not in ("cloud", "both") or all(branches[position].local for position in order):
        return list(order), []
    busy = [position for position in order if _is_busy(fork, branches[position])]
    return [position for position in order if position not in busy], busy


def _is_busy(fork: Fork, branch: Branch) -> bool:
    if not branch.local:
        return False
    too_long = fork.spill_wait is not None and branch.wait > fork.spill_wait
    return branch.waiting > fork.spill_queue or too_long


def said(label: str, fork: Fork, course: Course, failed: Sequence[Skip] = ()) -> str:
    """The explanation in one line of ASCII: which target, why, and who was passed over or has failed."""
    if not (course.why or failed or course.skipped):
        return plain(f"{label}; {fork.why}")
    parts = [label, fork.why, course.why]
    for word, skips in (("failed", failed), ("skipped", course.skipped)):
        if skips:
            parts.append(f"{word} " + ", ".join(f"{skip.target} ({skip.why})" for skip in skips))
    return plain("; ".join(part for part in parts if part))


def plain(text: str) -> str:
    """`text` as a header can hold it."""
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT:
        return text
    line = "".join(sign if " " <= sign <= "~" else "?" for sign in text)
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 3]}..."
