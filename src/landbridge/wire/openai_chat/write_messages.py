"""The history of a request to `messages`.

The conversation is cut at assistant turns. What stands between two of them is written in this order: results of the
calls before it, then everything else in the client's order. So nothing ever comes between calls and their results
(P32, P43), and what was written for a shorter history stays a prefix of what is written for a longer one (P80).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from ...neutral.blocks import is_whole
from ...neutral.parts import Message, Part, Text, Thinking, ToolCall, ToolResult
from ...neutral.request import Request
from ...neutral.traits import Traits
from ..written import Loss
from .identifiers import write_id, write_name
from .types import DIALECT
from .write_parts import BETWEEN, Content, PartWriter, join_texts, split_text, write_content

Wire = dict[str, Any]
"""One message of the wire."""

BILLING = "x-anthropic-billing-header:"
"""First words of a block or line that Claude Code puts before its system text; it differs per conversation (P77)."""

EMPTY_TURN = "(no text)"
"""Stands for an assistant turn nothing is left of: removing it would break the order of roles (P44)."""

NO_RESULT = "Error: the result of this tool call is missing; the call was probably interrupted."

Numbered = tuple[str, Part]
"""A part with its path in the request."""

NumberedResult = tuple[str, ToolResult]


def write_messages(request: Request, traits: Traits) -> tuple[list[Wire], list[Loss]]:
    """All messages, the system text first. Never an empty list (P61)."""
    history = _History(traits)
    if system := join_texts(_without_billing(request.system)):
        history.messages.append({"role": "system", "content": system})
    between: list[tuple[int, Message]] = []
    for number, message in enumerate(request.messages):
        if message.role == "assistant":
            history.add_between(between)
            history.add_assistant(number, message)
            between = []
        else:
            between.append((number, message))
    history.add_between(between)
    if all(message["role"] == "system" for message in history.messages):
        history.messages.append({"role": "user", "content": "Begin."})
    return history.messages, history.parts.losses


def _without_billing(system: tuple[Text, ...]) -> Iterator[str]:
    """The system blocks, without the attribution line, whether it is a block or the first line of one."""
    for number, block in enumerate(system):
        text = block.text
        if number == 0 and text.startswith(BILLING):
            text = text.partition("\n")[2].lstrip("\n")
        yield text


class _History:
    """Messages written so far, and the calls that still want their results."""

    def __init__(self, traits: Traits) -> None:
        self.messages: list[Wire] = []
        self.parts = PartWriter(traits)
        self._traits = traits
        self._calls: list[ToolCall] = []
        self._said = ""
        """Words of the assistant that have no place beside its calls nor before them, and go to the first result."""

    def add_assistant(self, number: int, message: Message) -> None:
        """One assistant turn."""
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[ToolCall] = []
        for at, part in enumerate(message.parts):
            match part:
                case Text():
                    texts.append(part.text)
                case Thinking():
                    # Reasoning with another dialect's signature is that provider's alone (P55).
                    if part.origin in ("", DIALECT):
                        thoughts.append(part.text)
                case ToolCall():
                    calls.append(part if part.id else msgspec.structs.replace(part, id=f"call_{number}_{at}"))
                case _:
                    kept, others = split_text(self.parts.write(part, f"messages[{number}].parts[{at}]"))
                    texts += kept
                    if others:
                        self.parts.lose(f"messages[{number}].parts[{at}]", "an assistant turn can only have text")
        # Pieces of one answer join without anything between, as they were streamed.
        self._write_assistant("".join(texts), "".join(thoughts), calls)

    def _write_assistant(self, text: str, thoughts: str, calls: list[ToolCall]) -> None:
        self._calls = calls if self._traits.tools else []
        if calls and not self._traits.tools:
            text = join_texts([text, *(f"[Called {call.name} with {args_text(call.args)}]" for call in calls)])
            calls = []
        self._said = ""
        if text and calls and not self._traits.content_with_calls:
            if self._traits.alternate:
                self._said = f"[Said before this call: {text}]"
            else:
                self.messages.append({"role": "assistant", "content": text})
            text = ""
        wire: Wire = {"role": "assistant", "content": text or (None if calls else EMPTY_TURN)}
        if thoughts and self._traits.reasoning_back:
            wire[self._traits.reasoning_back] = thoughts
        if calls:
            together = calls if self._traits.parallel_history else calls[:1]
            wire["tool_calls"] = [self._call(call) for call in together]
        last = self.messages[-1] if self.messages else {}
        if self._traits.alternate and last.get("role") == "assistant" and "tool_calls" not in last and not calls:
            last["content"] = join_texts([last["content"], text])
        else:
            self.messages.append(wire)

    def _call(self, call: ToolCall) -> Wire:
        function = {"name": write_name(call.name), "arguments": args_text(call.args)}
        return {"id": write_id(call.id, self._traits), "type": "function", "function": function}

    def add_between(self, turns: list[tuple[int, Message]]) -> None:
        """Everything between two assistant turns: results first, then the rest."""
        if not self._calls and (not turns or self._write_plain(turns)):
            return
        calls, self._calls = self._calls, []
        results, rest = _sort(turns)
        seen = self._write_results(calls, results) if self._traits.tools else self._write_results_as_text(results)
        self._write_rest(seen, rest, bool(calls))

    def _write_plain(self, turns: list[tuple[int, Message]]) -> bool:
        """Write a single turn of the user that is all text, as most are; whether it was one."""
        message = turns[0][1]
        if len(turns) > 1 or message.role != "user":
            return False
        texts: list[str] = []
        for part in message.parts:
            if type(part) is not Text:
                return False
            if part.text:
                texts.append(part.text)
        if texts:
            self.messages.append({"role": "user", "content": BETWEEN.join(texts)})
        return True

    def _write_results(self, calls: list[ToolCall], results: list[NumberedResult]) -> Content:
        """The tool messages; what a tool message cannot hold is returned for the user turn after them (P57)."""
        waiting = dict(enumerate(calls))
        given = {result.id for _, result in results}
        seen: Content = []
        texts: list[tuple[int, str]] = []
        for path, result in results:
            fits = (at for at, call in waiting.items() if (call.id == result.id if result.id else call.id not in given))
            place = next(fits, None)
            if place is None:
                self.parts.lose(path, "a tool result without its call was left out")
                continue
            call = waiting.pop(place)
            text, pictures = self._result(result, path)
            if pictures:
                text = join_texts([text, "[What this tool returned besides text follows in the next message.]"])
                seen += [f"Returned by the tool call {write_id(call.id, self._traits)} ({call.name}):", *pictures]
            texts.append((place, text))
        texts += [(place, NO_RESULT) for place in waiting]
        single = not self._traits.parallel_history
        for place, text in sorted(texts) if single else texts:
            if place and single:
                self.messages.append({"role": "assistant", "content": None, "tool_calls": [self._call(calls[place])]})
            self._write_tool(calls[place], text)
        return seen

    def _write_tool(self, call: ToolCall, text: str) -> None:
        content = join_texts([self._said, text]) if self._said else text
        self._said = ""
        self.messages.append({"role": "tool", "tool_call_id": write_id(call.id, self._traits), "content": content})

    def _write_results_as_text(self, results: list[NumberedResult]) -> Content:
        """For a model without tools: what the tools said, as words of the user."""
        seen: Content = []
        for path, result in results:
            text, pictures = self._result(result, path)
            seen += [f"[Tool result: {text}]", *pictures]
        return seen

    def _result(self, result: ToolResult, path: str) -> tuple[str, Content]:
        pictures: Content = []
        if len(result.parts) == 1 and isinstance(only := result.parts[0], Text):
            text = only.text
        else:
            content: Content = []
            for at, part in enumerate(result.parts):
                content += self.parts.write(part, f"{path}.parts[{at}]")
            texts, pictures = split_text(content)
            text = join_texts(texts)
        return (f"Error: {text}" if result.is_error else text), pictures

    def _write_rest(self, seen: Content, rest: list[tuple[str, list[Numbered]]], after_calls: bool) -> None:
        """Pictures of the results, then user and system turns."""
        fold = self._traits.system_turns == "fold"
        merge = fold or self._traits.alternate
        turns: list[tuple[str, Content]] = [("user", seen)] if seen else []
        for said_by, parts in rest:
            role = "folded" if fold and said_by == "system" else said_by
            content = [item for path, part in parts for item in self.parts.write(part, path)]
            if content and merge and role != "system" and turns and turns[-1][0] != "system":
                role = "folded" if (role, turns[-1][0]) == ("folded", "folded") else "user"
                turns[-1] = (role, [*turns[-1][1], *content])
            elif content:
                turns.append((role, content))
        for role, content in turns:
            self._write_turn(role, content, after_calls)

    def _write_turn(self, role: str, content: Content, after_calls: bool) -> None:
        """A turn of its own, or, where a turn may not follow there, text at the end of the one before."""
        last = self.messages[-1] if self.messages else {}
        texts, others = split_text(content)
        joins = role == "folded" or (role == "user" and self._traits.alternate and after_calls)
        if joins and not others and last.get("role") in ("user", "tool") and isinstance(last["content"], str):
            last["content"] = join_texts([last["content"], *texts])
            return
        if role == "system":
            self.messages.append({"role": role, "content": join_texts(texts)})
        else:
            self.messages.append({"role": "user", "content": write_content(content)})


def _sort(turns: list[tuple[int, Message]]) -> tuple[list[NumberedResult], list[tuple[str, list[Numbered]]]]:
    """Tool results apart from everything else, each with its path."""
    results: list[NumberedResult] = []
    rest: list[tuple[str, list[Numbered]]] = []
    for number, message in turns:
        others: list[Numbered] = []
        for at, part in enumerate(message.parts):
            path = f"messages[{number}].parts[{at}]"
            if isinstance(part, ToolResult):
                results.append((path, part))
            else:
                others.append((path, part))
        rest.append((message.role, others))
    return results, rest


def args_text(args: Raw) -> str:
    """A call's arguments as the JSON text of an object, because backends parse it to render their template.

    An object stays as it is, byte for byte. Nothing is `{}` (P26); another value, or text that is not JSON, stands
    under `input` (P29).
    """
    text = bytes(args).decode(errors="replace")
    if not text.strip():
        return "{}"
    if is_whole(text):
        return text if text.lstrip()[0] == "{" else f'{{"input":{text}}}'
    return msgspec.json.encode({"input": text}).decode()
