"""The order Anthropic wants of turns: the user first, results right after their calls, all of them, and no two turns of
one role.

Calls without a result get one that says so, results without a call are left out and reported (P32). System turns are
kept where they are, but never between calls and their results (P43); for a target that takes none they become words of
the user in the same place (P42).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ...neutral.parts import Message, Part, Role, Text, ToolCall, ToolReference, ToolResult
from .write_blocks import Lose

MISSING = "[no result: the tool did not answer]"
NO_TURN = "[no message]"

Numbered = tuple[str, Part]
"""A part with its path in the request."""


class Turn(Struct):
    """One turn as it will be written."""

    role: Role
    parts: list[Numbered]


def arrange(messages: Sequence[Message], lose: Lose, fold: bool = False) -> list[Turn]:
    """The conversation as the API takes it; `fold` makes system turns part of the user's."""
    arranged: list[Turn] = []
    late: list[Turn] = []
    due: list[str] = []
    for number, message in enumerate(messages):
        turn = _numbered(number, message)
        if message.role == "system":
            role: Role = "user" if fold else "system"
            (late if due else arranged).append(Turn(role, turn.parts))
            continue
        if message.role == "assistant":
            due = _answer(arranged, due, late)
        results, others = _fitting(turn, due, lose)
        if message.role == "user" and due:
            results += _missing(due, results)
            due = []
        arranged.append(Turn(message.role, [*results, *others]))
        arranged += late
        late.clear()
        if message.role == "assistant":
            due = [part.id for part in message.parts if isinstance(part, ToolCall)]
    _answer(arranged, due, late)
    return _joined(arranged)


def as_words(messages: Sequence[Message]) -> list[Message]:
    """The conversation for a model without tools: its calls and their results as text."""
    return [Message(message.role, tuple(_said(message.parts))) for message in messages]


def _said(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        match part:
            case ToolCall():
                yield Text(f"[Called {part.name} with {bytes(part.args).decode('utf-8', 'replace')}]")
            case ToolResult():
                yield Text("[The tool failed:]" if part.is_error else "[The tool answered:]")
                yield from _said(part.parts)
            case ToolReference():
                yield Text(f"{part.name} is loaded now.")
            case _:
                yield part


def _numbered(number: int, message: Message) -> Turn:
    return Turn(
        message.role, [(f"messages[{number}].parts[{place}]", part) for place, part in enumerate(message.parts)]
    )


def _fitting(turn: Turn, due: Sequence[str], lose: Lose) -> tuple[list[Numbered], list[Numbered]]:
    """(results that answer a call, everything else); results come first in a turn."""
    results: list[Numbered] = []
    others: list[Numbered] = []
    answered: set[str] = set()
    for path, part in turn.parts:
        if not isinstance(part, ToolResult):
            others.append((path, part))
        elif part.id in due and part.id not in answered:
            answered.add(part.id)
            results.append((path, part))
        else:
            lose(path, "a tool result without a call is left out")
    return results, others


def _missing(due: Sequence[str], results: Sequence[Numbered]) -> list[Numbered]:
    there = {part.id for _, part in results if isinstance(part, ToolResult)}
    return [("", ToolResult(id, (Text(MISSING),), is_error=True)) for id in due if id not in there]


def _answer(arranged: list[Turn], due: Sequence[str], late: list[Turn]) -> list[str]:
    """Calls that no user turn answered before the next assistant turn (or the end)."""
    if due:
        arranged.append(Turn("user", _missing(due, ())))
    arranged += late
    late.clear()
    return []


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Two turns of the same role as one, and a user's turn first."""
    joined: list[Turn] = []
    spoken = False
    for turn in turns:
        if turn.role == "assistant" and not spoken:
            joined.append(Turn("user", [("", Text(NO_TURN))]))
        spoken = spoken or turn.role != "system"
        if joined and joined[-1].role == turn.role and turn.role != "system":
            joined[-1] = Turn(turn.role, [*joined[-1].parts, *turn.parts])
        else:
            joined.append(turn)
    if not spoken:
        joined.append(Turn("user", [("", Text(NO_TURN))]))
    return joined
