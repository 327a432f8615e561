"""The history of a request to `input` items.

The conversation is cut at assistant turns. What stands between two of them is written in this order: outputs of the
calls before it, then everything else in the client's order. So nothing ever comes between calls and their outputs
(P32, P43), and what was written for a shorter history stays a prefix of what is written for a longer one (P80).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from ...neutral.parts import Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from ...neutral.request import Request
from ...neutral.traits import Traits
from ..anthropic.turns import as_words
from ..openai_chat.identifiers import write_id, write_name
from ..openai_chat.write_messages import EMPTY_TURN, NO_RESULT, args_text
from ..origins import is_of_another
from ..written import Loss
from .names import Names, as_text, names_of
from .read_input import PART
from .signatures import summary_of, token_of
from .types import DIALECT
from .write_parts import PartWriter, Piece, say

Wire = dict[str, Any] | Raw
"""One item."""

NumberedResult = tuple[str, ToolResult]
"""A result with its path in the request."""


def write_input(request: Request, traits: Traits) -> tuple[list[Wire], list[Loss]]:
    """All items. Never an empty list (P61)."""
    history = _History(traits, names_of(request.tools))
    between: list[tuple[int, Message]] = []
    messages = request.messages if traits.tools else as_words(request.messages)
    for number, message in enumerate(messages):
        if message.role == "assistant":
            history.add_between(between)
            history.add_assistant(number, message)
            between = []
        else:
            between.append((number, message))
    history.add_between(between)
    if not history.spoken:
        history.items.append(_message("user", [say("Begin.")]))
    return history.items, history.parts.losses


class _History:
    """Items written so far, and the calls that still want their outputs."""

    def __init__(self, traits: Traits, names: Names) -> None:
        self.items: list[Wire] = []
        self.parts = PartWriter(traits)
        self.spoken = False
        """Whether anybody but the system has said something."""
        self._traits, self._names = traits, names
        self._calls: list[ToolCall] = []

    def add_assistant(self, number: int, message: Message) -> None:
        """One assistant turn: reasoning, text and calls in the order they came."""
        self._calls = []
        said = False
        for at, part in enumerate(message.parts):
            item = self._say(part, f"messages[{number}].parts[{at}]", f"call_{number}_{at}")
            if item is not None:
                self.items.append(item)
                said = said or not isinstance(part, Thinking)
        if not said:
            # An emptied turn is replaced, not removed (P44); reasoning alone is refused without what follows it.
            self.items.append(_message("assistant", [_output_text(EMPTY_TURN)]))
        self.spoken = True

    def _say(self, part: Part, path: str, made_id: str) -> Wire | None:
        match part:
            case Text():
                return _written_text(part) if part.text else None
            case Thinking():
                return self._reasoning(part, path)
            case ToolCall():
                call = part if part.id else msgspec.structs.replace(part, id=made_id)
                self._calls.append(call)
                return self._call(call)
            case Opaque(dialect=dialect, name=name) if dialect == DIALECT and not name.endswith(PART):
                return part.raw
        texts = [
            _output_text(piece["text"])
            for piece in self.parts.write(part, path)
            if isinstance(piece, dict) and piece["type"] == "input_text"
        ]
        if not texts and not isinstance(part, Opaque):
            self.parts.lose(path, "an assistant turn can only have text")
        return _message("assistant", texts) if texts else None

    def _reasoning(self, part: Thinking, path: str) -> Wire | None:
        """Only what this dialect's provider made goes back to it (P55), with the id its ciphertext is bound to."""
        if part.origin == DIALECT and part.signature:
            token = token_of(part.signature)
            item: dict[str, Any] = {"type": "reasoning", "id": token.id} if token.id else {"type": "reasoning"}
            item["summary"] = summary_of(part.text, token)
            return item | {"encrypted_content": token.encrypted_content}
        if part.text and not part.signature and self._traits.reasoning_back:
            # Servers of open models have the reasoning itself, in the open (P52).
            return {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": part.text}]}
        if is_of_another(part.origin, DIALECT):
            self.parts.lose(path, "reasoning that another provider encrypted is left out")
        return None

    def _call(self, call: ToolCall) -> Wire:
        own = self._names.own(call.name)
        item = {"call_id": write_id(call.id, self._traits), "name": write_name(own.name)}
        if own.namespace:
            item["namespace"] = own.namespace
        if own.custom:
            return {"type": "custom_tool_call", **item, "input": as_text(call.args)}
        return {"type": "function_call", **item, "arguments": args_text(call.args)}

    def add_between(self, turns: Sequence[tuple[int, Message]]) -> None:
        """Everything between two assistant turns: outputs first, then the rest."""
        calls, self._calls = self._calls, []
        results: list[NumberedResult] = []
        rest: list[tuple[str, list[Piece]]] = []
        raws: list[Wire] = []
        for number, message in turns:
            pieces: list[Piece] = []
            for at, part in enumerate(message.parts):
                path = f"messages[{number}].parts[{at}]"
                if isinstance(part, ToolResult):
                    results.append((path, part))
                elif isinstance(part, Opaque) and part.dialect == DIALECT and not part.name.endswith(PART):
                    raws.append(part.raw)
                else:
                    pieces += self.parts.write(part, path)
            rest.append((message.role, pieces))
        self._write_outputs(calls, results)
        self.items += raws
        self.spoken = self.spoken or bool(raws)
        self._write_rest(rest)

    def _write_outputs(self, calls: list[ToolCall], results: list[NumberedResult]) -> None:
        waiting = {call.id: call for call in calls}
        given = {result.id for _, result in results}
        nameless = [call for call in calls if call.id not in given]
        for path, result in results:
            call = waiting.pop(result.id, None) if result.id else (nameless.pop(0) if nameless else None)
            if call is None:
                self.parts.lose(path, "a tool result without its call was left out")
                continue
            waiting.pop(call.id, None)
            self.items.append(self._output(call, self._result(result, path)))
        self.items += [self._output(call, NO_RESULT) for call in waiting.values()]

    def _output(self, call: ToolCall, output: str | list[Piece]) -> Wire:
        kind = "custom_tool_call_output" if self._names.own(call.name).custom else "function_call_output"
        return {"type": kind, "call_id": write_id(call.id, self._traits), "output": output}

    def _result(self, result: ToolResult, path: str) -> str | list[Piece]:
        """What a tool answered: one text, or parts where there is more than text (P57)."""
        pieces = [
            piece for at, part in enumerate(result.parts) for piece in self.parts.write(part, f"{path}.parts[{at}]")
        ]
        if result.is_error:
            pieces.insert(0, say("Error:"))
        texts = [piece["text"] for piece in pieces if isinstance(piece, dict) and piece["type"] == "input_text"]
        if len(texts) < len(pieces):
            return pieces
        if result.is_error and len(texts) > 1:
            texts[:2] = [f"Error: {texts[1]}"]
        return "\n\n".join(texts)

    def _write_rest(self, rest: Sequence[tuple[str, list[Piece]]]) -> None:
        """User and system turns; where the target takes no later system turns, they are words of the user (P42)."""
        for role, pieces in rest:
            if not pieces:
                continue
            system = role == "system" and self._traits.system_turns == "keep"
            self.items.append(_message("system" if system else "user", pieces))
            self.spoken = self.spoken or not system


def _message(role: str, content: list[Piece]) -> Wire:
    return {"type": "message", "role": role, "content": content}


def _output_text(text: str) -> Piece:
    return {"type": "output_text", "text": text}


def _written_text(part: Text) -> Wire:
    item: dict[str, Any] = {"type": "message", "role": "assistant", "content": [_output_text(part.text)]}
    return item | {"phase": part.signature} if part.signature and part.origin == DIALECT else item
