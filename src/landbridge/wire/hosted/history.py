"""Hosted calls of earlier turns as plain calls and results, for a target to which the client's blocks mean nothing.

An assistant's turn with calls in its middle becomes several: what was said and called, the results, what was said
then. That is also the form in which the model was asked while the turn was made, so that its cache fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...neutral.parts import Message, Opaque, Part, ToolCall, ToolResult
from ...neutral.request import Request
from .faces import READERS


def unfold(request: Request, dialect: str) -> Request:
    """`request` for a target that speaks `dialect`; of that dialect's blocks only those that landbridge wrote."""
    if not _any_opaque(request.messages):
        return request
    unfolding = _Unfolding(dialect)
    for message in request.messages:
        unfolding.add(message)
    unfolding.close()
    return msgspec.structs.replace(request, messages=tuple(unfolding.messages)) if unfolding.found else request


def _any_opaque(messages: Sequence[Message]) -> bool:
    for message in messages:  # plain loops: every request comes by here
        for part in message.parts:
            if type(part) is Opaque:
                return True
    return False


class _Unfolding:
    """Turns so far. `due` are results that still want their turn."""

    def __init__(self, dialect: str) -> None:
        self.messages: list[Message] = []
        self.found = False
        self._dialect = dialect
        self._due: list[ToolResult] = []

    def add(self, message: Message) -> None:
        """The next turn of the client's history."""
        if message.role == "assistant":
            self._flush()
            self._add_assistant(message.parts)
        elif message.role == "user" and self._due:
            due, self._due = self._due, []
            self.messages.append(Message("user", (*due, *message.parts)))
        else:
            self.messages.append(message)

    def close(self) -> None:
        """The history is over."""
        self._flush()

    def _add_assistant(self, parts: Sequence[Part]) -> None:
        said: list[Part] = []
        calls: set[str] = set()
        for part in parts:
            call, result = self._read(part)
            if call is None and result is None:
                if self._due:
                    self._say(said)
                    said = []
                    self._flush()
                said.append(part)
                continue
            self.found = True
            if call is not None and self._due and not calls - {each.id for each in self._due}:
                self._say(said)
                said = []
                self._flush()
            if call is not None:
                said.append(call)
                calls.add(call.id)
            if result is not None and result.id in calls:
                self._due.append(result)
            elif result is not None and not self._answers_late(result):
                said.append(part)
        self._say(said)

    def _read(self, part: Part) -> tuple[ToolCall | None, ToolResult | None]:
        if not isinstance(part, Opaque):
            return None, None
        return (
            READERS[part.dialect](part, own=part.dialect == self._dialect) if part.dialect in READERS else (None, None)
        )

    def _say(self, said: list[Part]) -> None:
        if said:
            self.messages.append(Message("assistant", tuple(said)))

    def _flush(self) -> None:
        if self._due:
            self.messages.append(Message("user", tuple(self._due)))
            self._due = []

    def _answers_late(self, result: ToolResult) -> bool:
        """Whether its call stands in the turn before: then it joins the results that answered that turn."""
        if len(self.messages) < 2:
            return False
        before, last = self.messages[-2:]
        if last.role != "user" or not any(isinstance(part, ToolCall) and part.id == result.id for part in before.parts):
            return False
        self.messages[-1] = Message("user", (result, *last.parts))
        return True
