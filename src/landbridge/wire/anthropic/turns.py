"""The order Anthropic wants of turns: results right after their calls, all of them, and no two turns of one role.

Calls without a result get one that says so, results without a call are left out and reported (P32). System turns are
kept where they are, but never between calls and their results (P43).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...neutral.parts import Message, Part, Text, ToolCall, ToolResult
from .write_blocks import Lose

MISSING = "[no result: the tool did not answer]"
NO_TURN = "[no message]"


def arrange(messages: Sequence[Message], lose: Lose) -> list[Message]:
    """The conversation as the API takes it."""
    arranged: list[Message] = []
    late: list[Message] = []
    due: list[str] = []
    for number, message in enumerate(messages):
        if message.role == "system" and due:
            late.append(message)
            continue
        if message.role == "assistant":
            due = _answer(arranged, due, late)
        results, others = _fitting(message, number, due, lose)
        if message.role == "user" and due:
            results += _missing(due, results)
            due = []
        _append(arranged, Message(message.role, (*results, *others)))
        if not due:
            arranged += late
            late.clear()
        if message.role == "assistant":
            due = [part.id for part in message.parts if isinstance(part, ToolCall)]
    _answer(arranged, due, late)
    if all(message.role == "system" for message in arranged):
        arranged.append(Message("user", (Text(NO_TURN),)))
    return arranged


def _fitting(message: Message, number: int, due: Sequence[str], lose: Lose) -> tuple[list[Part], list[Part]]:
    """(results that answer a call, everything else); results come first in a turn."""
    results: list[Part] = []
    others: list[Part] = []
    answered: set[str] = set()
    for place, part in enumerate(message.parts):
        if not isinstance(part, ToolResult):
            others.append(part)
        elif part.id in due and part.id not in answered:
            answered.add(part.id)
            results.append(part)
        else:
            lose(f"messages[{number}].parts[{place}]", "a tool result without a call is left out")
    return results, others


def _missing(due: Sequence[str], results: Sequence[Part]) -> list[Part]:
    there = {part.id for part in results if isinstance(part, ToolResult)}
    return [ToolResult(id, (Text(MISSING),), is_error=True) for id in due if id not in there]


def _answer(arranged: list[Message], due: Sequence[str], late: list[Message]) -> list[str]:
    """Calls that no user turn answered before the next assistant turn (or the end)."""
    if due:
        arranged.append(Message("user", tuple(_missing(due, ()))))
    arranged += late
    late.clear()
    return []


def _append(arranged: list[Message], message: Message) -> None:
    """Add a turn; two of the same role become one."""
    if arranged and arranged[-1].role == message.role and message.role != "system":
        arranged[-1] = Message(message.role, (*arranged[-1].parts, *message.parts))
    else:
        arranged.append(message)
