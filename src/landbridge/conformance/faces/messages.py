"""Clients of Anthropic's Messages API: requests, and their reading of answers and streams."""

from __future__ import annotations

from typing import Any

from ..node import Node, read_node
from ..rule import MARK, MODEL, Ask, Want
from ..said import Complaint, Said, SaidCall
from ..seen import Answer
from .tools import TOOLS

Json = dict[str, Any]

HEADERS = {"anthropic-version": "2023-06-01", "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14"}
STOPS = {"end_turn": "end", "max_tokens": "length", "tool_use": "tools", "refusal": "filter"}
DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
    "citations_delta": ("text", "citation"),
}
"""Type of a delta -> type of block it may stand in, and its field."""


def tools(*names: str) -> list[Json]:
    """The suite's tools of these names; all without any."""
    chosen = names or tuple(TOOLS)
    return [{"name": name, "description": TOOLS[name][0], "input_schema": TOOLS[name][1]} for name in chosen]


def user(*content: str | Json) -> Json:
    """A user turn."""
    return {"role": "user", "content": _content(content)}


def assistant(*content: str | Json) -> Json:
    """An assistant turn."""
    return {"role": "assistant", "content": _content(content)}


def system(*content: str | Json) -> Json:
    """A system turn among the messages."""
    return {"role": "system", "content": _content(content)}


def _content(content: tuple[str | Json, ...]) -> str | list[Json]:
    if len(content) == 1 and isinstance(content[0], str):
        return content[0]
    return [text(each) if isinstance(each, str) else each for each in content]


def text(words: str, **more: object) -> Json:
    """A text block."""
    return {"type": "text", "text": words, **more}


def call(id: str, name: str = "Read", **input: object) -> Json:
    """A tool call in the history."""
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def result(id: str, content: object = "done", **more: object) -> Json:
    """A tool result."""
    return {"type": "tool_result", "tool_use_id": id, "content": content, **more}


PROMPT = f"Say hello. [{MARK}]"


def ask(
    *messages: Json,
    stream: bool = True,
    headers: dict[str, str] | None = None,
    query: str = "",
    max_tokens: int = 256,
    **fields: object,
) -> Ask:
    """A request with these turns (by default one) and fields. A first turn is put before others that lack the mark."""
    turns = list(messages) or [user(PROMPT)]
    body: Json = {"model": MODEL, "messages": turns, "max_tokens": max_tokens, **fields}
    if stream:
        body["stream"] = True
    if MARK not in str(body):
        turns.insert(0, user(PROMPT))
    return Ask(body=body, headers=headers or {}, query=query)


def write(want: Want) -> Ask:
    """A request in no dialect as a client of this one writes it."""
    fields: Json = {"tools": tools()} if want.tools else {}
    request = ask(user(f"{want.text} [{MARK}]"), stream=want.stream, **fields)
    return Ask(body=request.body, leave_after=want.leave_after)


def read(answer: Answer) -> Said:
    """What a client understands."""
    return read_stream(answer) if answer.is_stream and answer.status == 200 else read_whole(answer)


def read_whole(answer: Answer) -> Said:
    """One JSON document: a message or an error."""
    body = answer.json
    if answer.status >= 400 or body["type"].text == "error":
        return Said(error=_complaint(answer.status, body, answer.body))
    said = Said(id=body["id"].text, model=body["model"].text, ended=answer.ended == "whole")
    if body["type"].text != "message" or body["role"].text != "assistant":
        said.faults.append("it is no message: type and role have to be 'message' and 'assistant'")
    for block in body["content"]:
        _take_block(said, block)
    _take_end(said, body)
    return said


def _take_block(said: Said, block: Node) -> None:
    match block["type"].text:
        case "text":
            said.order.append("text")
            said.text += block["text"].text
        case "thinking":
            said.order.append("thinking")
            said.thinking += block["thinking"].text
            said.signatures.append(block["signature"].text)
        case "tool_use":
            said.order.append("call")
            said.calls.append(SaidCall(block["id"].text, block["name"].text, repr(block["input"])))
        case kind:
            said.order.append(kind)


def _take_end(said: Said, message: Node) -> None:
    stop = message["stop_reason"].text
    said.stop = STOPS.get(stop, stop)
    _take_usage(said, message["usage"])


def _take_usage(said: Said, usage: Node) -> None:
    if not usage:
        return
    said.usage = usage
    if usage["output_tokens"].count >= 0:
        said.output = usage["output_tokens"].count
    if usage["input_tokens"].count >= 0:
        parts = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        said.prompt = sum(max(0, usage[part].count) for part in parts)
        said.cached = usage["cache_read_input_tokens"].count


def _complaint(status: int, body: Node, raw: bytes) -> Complaint:
    error = body["error"]
    in_form = body["type"].text == "error" and bool(error["type"].text) and bool(error["message"].text)
    words = error["message"].text or error.text or body["message"].text or body["detail"].text
    return Complaint(status, error["type"].text, words or raw[:300].decode("utf-8", "replace"), in_form)


def read_stream(answer: Answer) -> Said:
    """An event stream, with every breach of its grammar noted."""
    said = Said()
    reader = _Stream(said)
    for name, data in answer.records:
        reader.take(name.decode("utf-8", "replace"), read_node(data))
    reader.close()
    return said


class _Stream:
    """The grammar: message_start, blocks one after the other, message_delta, message_stop; ping anywhere."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._started = self._stopped = self._failed = self._delta = False
        self._open = ""
        """Type of the open block."""
        self._next = 0
        self._deltas = 0
        self._args: list[str] = []

    def take(self, name: str, data: Node) -> None:
        """One record."""
        kind = data["type"].text
        if not name:
            self._fault(f"a record without an event line: {data!r:.120}")
        elif name != kind:
            self._fault(f"a record named '{name}' whose type is '{kind}'")
        if self._stopped or self._failed:
            self._fault(f"'{kind}' after the end")
            return
        if not self._started and kind not in ("message_start", "ping", "error"):
            self._fault(f"'{kind}' before message_start")
        if (handle := _EVENTS.get(kind)) is not None:
            handle(self, data)

    def close(self) -> None:
        """The bytes are over."""
        if not self._stopped and not self._failed:
            self._fault("the stream ends with neither message_stop nor an error")
        self._said.ended = self._stopped

    def _fault(self, words: str) -> None:
        self._said.faults.append(words)

    def start(self, data: Node) -> None:
        """`message_start`."""
        if self._started:
            self._fault("a second message_start")
        self._started = True
        message = data["message"]
        self._said.id, self._said.model = message["id"].text, message["model"].text
        if len(message["content"]) or message["content"].value is None:
            self._fault("message_start has to have an empty list as content")
        _take_usage(self._said, message["usage"])

    def start_block(self, data: Node) -> None:
        """`content_block_start`."""
        block = data["content_block"]
        if self._open:
            self._fault(f"block {data['index']!r} starts while {self._next - 1} is open")
            self._end_block()
        if data["index"].count != self._next:
            self._fault(f"block {data['index']!r} where {self._next} is next")
        if self._delta:
            self._fault("a block after message_delta")
        self._open, self._next, self._deltas, self._args = block["type"].text or "?", self._next + 1, 0, []
        if self._open == "tool_use":
            self._said.calls.append(SaidCall(block["id"].text, block["name"].text, ""))
            if block["input"].keys:
                self._fault("a tool_use block starts with input, which is empty until its deltas")
        self._said.order.append("call" if self._open == "tool_use" else self._open)
        self._said.text += block["text"].text
        self._said.thinking += block["thinking"].text

    def delta(self, data: Node) -> None:
        """`content_block_delta`."""
        delta = data["delta"]
        kind = delta["type"].text
        if not self._open or data["index"].count != self._next - 1:
            self._fault(f"a delta for block {data['index']!r}, which is not open")
            return
        self._deltas += 1
        block, field = DELTAS.get(kind, (self._open, ""))
        if block != self._open:
            self._fault(f"a {kind} inside a {self._open} block")
        match kind:
            case "text_delta":
                self._said.text += delta[field].text
            case "thinking_delta":
                self._said.thinking += delta[field].text
            case "signature_delta":
                self._said.signatures.append(delta[field].text)
            case "input_json_delta":
                self._args.append(delta[field].text)

    def stop_block(self, data: Node) -> None:
        """`content_block_stop`."""
        if not self._open or data["index"].count != self._next - 1:
            self._fault(f"block {data['index']!r} stops, which is not open")
            return
        if not self._deltas and self._open in ("text", "thinking", "tool_use"):
            self._said.empty_blocks.append(self._open)
        self._end_block()

    def _end_block(self) -> None:
        if self._open == "tool_use":
            self._said.calls[-1].args = "".join(self._args) or "{}"
        self._open = ""

    def message_delta(self, data: Node) -> None:
        """`message_delta`."""
        if self._open:
            self._fault(f"message_delta while block {self._next - 1} is open")
        self._delta = True
        stop = data["delta"]["stop_reason"].text
        self._said.stop = STOPS.get(stop, stop) or self._said.stop
        _take_usage(self._said, data["usage"])

    def stop(self, data: Node) -> None:
        """`message_stop`."""
        if not self._delta:
            self._fault("message_stop without message_delta")
        self._stopped = True

    def error(self, data: Node) -> None:
        """`error`."""
        self._said.left_open = self._open
        self._failed = True
        self._said.error = _complaint(200, data, repr(data).encode())


_EVENTS = {
    "message_start": _Stream.start,
    "content_block_start": _Stream.start_block,
    "content_block_delta": _Stream.delta,
    "content_block_stop": _Stream.stop_block,
    "message_delta": _Stream.message_delta,
    "message_stop": _Stream.stop,
    "error": _Stream.error,
}
