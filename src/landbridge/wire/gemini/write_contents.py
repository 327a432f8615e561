"""The history of a request to `contents`.

The conversation is cut at the model's turns. What stands between two of them is one content of the user: the results of
the calls before it, in the order of the calls and all of them (Google counts them), then everything else in the
client's order. So a call always follows the user or a result, nothing comes between calls and their results (P32,
P43), and what was written for a shorter history stays a prefix of what is written for a longer one (P80).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ...neutral.parts import Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from ...neutral.request import Request
from ...neutral.traits import Traits
from ..origins import is_of_another
from ..written import Loss
from .arguments import as_object
from .identifiers import write_name
from .signatures import PLACEHOLDER
from .types import DIALECT
from .write_parts import PartWriter, Piece, joined, text

Content = dict[str, object]

EMPTY_TURN = "(no text)"
"""Stands for a turn of the model that nothing is left of: removing it would break the order of roles (P44)."""
_SIGNED = (Text, Thinking, ToolCall)
NO_TURN = "Begin."
"""Stands for the user where a conversation has none, or begins with the model."""
NO_RESULT = "The result of this tool call is missing; the call was probably interrupted."


def write_contents(request: Request, traits: Traits) -> tuple[list[Content], list[Loss]]:
    """All contents: the user's and the model's in turn, the user's first. Never an empty list (P61)."""
    history = _History(traits)
    between: list[tuple[int, Message]] = []
    for number, message in enumerate(request.messages):
        if message.role == "assistant":
            history.add_between(between)
            history.add_model(number, message)
            between = []
        else:
            between.append((number, message))
    history.add_between(between)
    if not history.contents:
        history.contents.append({"role": "user", "parts": text(NO_TURN)})
    return history.contents, history.parts.losses


class _History:
    """Contents written so far, and the calls that still want their results."""

    def __init__(self, traits: Traits) -> None:
        self.contents: list[Content] = []
        self.parts = PartWriter(traits)
        self._traits = traits
        self._calls: list[ToolCall] = []

    # -- the model -----------------------------------------------------------------------------------------------------

    def add_model(self, number: int, message: Message) -> None:
        """One turn of the model."""
        pieces: list[Piece] = []
        calls: list[ToolCall] = []
        for at, part in enumerate(message.parts):
            if isinstance(part, _SIGNED) and is_of_another(part.origin, DIALECT):
                self.parts.lose(f"messages[{number}].parts[{at}]", "another provider's thought signature is left out")
            if isinstance(part, ToolCall):
                call = part if part.id else replace(part, id=f"call_{number}_{at}")
                pieces.append(self._call(call, is_first=not calls))
                calls.append(call)
            else:
                pieces += self._said(part, f"messages[{number}].parts[{at}]")
        self._calls = calls if self._traits.tools else []
        self._add("model", pieces or text(EMPTY_TURN))

    def _said(self, part: Part, path: str) -> list[Piece]:
        match part:
            case Text() | Thinking():
                return _signed(part)
            case Opaque(dialect=dialect) if dialect != DIALECT:
                self.parts.lose(path, f"a '{part.name}' block of {part.dialect} has no place in Gemini")
                return []
        return self.parts.write(part, path)

    def _call(self, call: ToolCall, *, is_first: bool) -> Piece:
        """A call. Gemini 3 wants its signature back on the first of each step, and takes the placeholder for one that
        was not its own (P53).
        """
        if not self._traits.tools:
            return {"text": f"[Called {call.name} with {bytes(call.args).decode(errors='replace')}]"}
        named: dict[str, object] = {"id": call.id} if self._traits.tool_ids else {}
        piece: dict[str, object] = {
            "functionCall": {**named, "name": write_name(call.name), "args": as_object(call.args)}
        }
        if call.signature and call.origin == DIALECT:
            return {**piece, "thoughtSignature": call.signature}
        return {**piece, "thoughtSignature": PLACEHOLDER} if is_first else piece

    # -- the user ------------------------------------------------------------------------------------------------------

    def add_between(self, turns: list[tuple[int, Message]]) -> None:
        """Everything between two turns of the model: results first, then the rest."""
        calls, self._calls = self._calls, []
        results: list[tuple[str, ToolResult]] = []
        rest: list[Piece] = []
        for number, message in turns:
            for at, part in enumerate(message.parts):
                path = f"messages[{number}].parts[{at}]"
                if isinstance(part, ToolResult):
                    results.append((path, part))
                else:
                    rest += self.parts.write(part, path)
        heard = self._results(calls, results) if self._traits.tools else self._results_as_words(results)
        if pieces := [*heard, *rest]:
            self._add("user", pieces)

    def _results(self, calls: Sequence[ToolCall], results: Sequence[tuple[str, ToolResult]]) -> list[Piece]:
        """One result for each call, in their order, then what the results hold besides text (P57)."""
        named = {result.id for _, result in results}
        nameless = [call.id for call in calls if call.id not in named]
        found: dict[str, tuple[str, ToolResult]] = {}
        for path, result in results:
            id = result.id or (nameless.pop(0) if nameless else "")
            if id in found or all(call.id != id for call in calls):
                self.parts.lose(path, "a tool result without its call was left out")
            else:
                found[id] = (path, result)
        pieces: list[Piece] = []
        media: list[Piece] = []
        for call in calls:
            path, result = found.get(call.id, ("", ToolResult(call.id, (Text(NO_RESULT),), is_error=True)))
            said, others = joined(self._inner(result, path))
            pieces.append(self._result(call, said, is_error=result.is_error))
            if others:
                media += [*text(f"Returned by the tool call {call.id} ({call.name}):"), *others]
        return [*pieces, *media]

    def _result(self, call: ToolCall, said: str, *, is_error: bool) -> Piece:
        named: dict[str, object] = {"id": call.id} if self._traits.tool_ids else {}
        response = {"error" if is_error else "output": said}
        return {"functionResponse": {**named, "name": write_name(call.name), "response": response}}

    def _results_as_words(self, results: Sequence[tuple[str, ToolResult]]) -> list[Piece]:
        """For a model without tools: what the tools said, as words of the user."""
        pieces: list[Piece] = []
        for path, result in results:
            said, others = joined(self._inner(result, path))
            pieces += [{"text": f"[{'The tool failed' if result.is_error else 'Tool result'}: {said}]"}, *others]
        return pieces

    def _inner(self, result: ToolResult, path: str) -> list[Piece]:
        return [
            piece for at, part in enumerate(result.parts) for piece in self.parts.write(part, f"{path}.parts[{at}]")
        ]

    def _add(self, role: str, pieces: list[Piece]) -> None:
        """A content; turns of one role that follow each other become one."""
        if not self.contents and role == "model":
            self.contents.append({"role": "user", "parts": text(NO_TURN)})
        last = self.contents[-1] if self.contents else {}
        if last.get("role") == role:
            before = last["parts"]
            assert isinstance(before, list)
            last["parts"] = [*before, *pieces]
        else:
            self.contents.append({"role": role, "parts": pieces})


def _signed(part: Text | Thinking) -> list[Piece]:
    """What the model said. A thought goes back only with Gemini's own signature: without one it is read by nobody, and
    with another's by that provider alone (P55).
    """
    own = part.signature if part.origin == DIALECT else ""
    if isinstance(part, Thinking):
        return [{"text": part.text, "thought": True, "thoughtSignature": own}] if own else []
    return [{"text": part.text, "thoughtSignature": own}] if own else text(part.text)
