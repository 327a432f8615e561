"""Clients of OpenAI's Chat Completions: requests, and their reading of answers and streams."""

from __future__ import annotations

from typing import Any

from ..node import Node, read_node
from ..rule import MARK, MODEL, Ask, Want
from ..said import Complaint, Said, SaidCall
from ..seen import Answer
from .tools import TOOLS

Json = dict[str, Any]

STOPS = {"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "filter"}
PROMPT = f"Say hello. [{MARK}]"


def tools(*names: str) -> list[Json]:
    """The suite's tools of these names; all without any."""
    return [
        {"type": "function", "function": {"name": name, "description": TOOLS[name][0], "parameters": TOOLS[name][1]}}
        for name in names or tuple(TOOLS)
    ]


def ask(*messages: Json, stream: bool = True, usage: bool = True, **fields: object) -> Ask:
    """A request with these turns (by default one) and fields."""
    turns = list(messages) or [{"role": "user", "content": PROMPT}]
    body: Json = {"model": MODEL, "messages": turns, **fields}
    if stream:
        body["stream"] = True
        if usage:
            body["stream_options"] = {"include_usage": True}
    return Ask(body=body)


def write(want: Want) -> Ask:
    """A request in no dialect as a client of this one writes it."""
    fields: Json = {"tools": tools()} if want.tools else {}
    request = ask({"role": "user", "content": f"{want.text} [{MARK}]"}, stream=want.stream, **fields)
    return Ask(body=request.body, leave_after=want.leave_after)


def read(answer: Answer) -> Said:
    """What a client understands."""
    return _read_stream(answer) if answer.is_stream and answer.status == 200 else _read_whole(answer)


def _read_whole(answer: Answer) -> Said:
    body = answer.json
    if answer.status >= 400 or (body["error"] and not len(body["choices"])):
        return Said(error=_complaint(answer.status, body, answer.body))
    said = Said(id=body["id"].text, model=body["model"].text, ended=answer.ended == "whole")
    if body["object"].text != "chat.completion":
        said.faults.append(f"object is {body['object']!r}")
    choice = body["choices"][0]
    message = choice["message"]
    _note(said, message)
    for entry in message["tool_calls"]:
        function = entry["function"]
        said.order.append("call")
        said.calls.append(SaidCall(entry["id"].text, function["name"].text, function["arguments"].text))
    _end(said, choice["finish_reason"].text)
    _count(said, body["usage"])
    return said


def _note(said: Said, delta: Node) -> None:
    thought = delta["reasoning_content"].text or delta["reasoning"].text
    for kind, words in (("thinking", thought), ("text", delta["content"].text + delta["refusal"].text)):
        if words and said.order[-1:] != [kind]:
            said.order.append(kind)
    said.thinking += thought
    said.text += delta["content"].text + delta["refusal"].text


def _end(said: Said, reason: str) -> None:
    said.stop = STOPS.get(reason, reason) or said.stop


def _count(said: Said, usage: Node) -> None:
    if usage:
        said.usage = usage
        said.prompt, said.output = usage["prompt_tokens"].count, usage["completion_tokens"].count
        said.cached = usage["prompt_tokens_details"]["cached_tokens"].count


def _complaint(status: int, body: Node, raw: bytes) -> Complaint:
    error = body["error"]
    words = error["message"].text or error.text or body["message"].text or body["detail"].text
    in_form = bool(error["message"].text) and "type" in error
    return Complaint(status, error["type"].text, words or raw[:300].decode("utf-8", "replace"), in_form)


def _read_stream(answer: Answer) -> Said:
    said = Said()
    reader = _Stream(said)
    for _, data in answer.records:
        reader.take(data)
    if said.error is None and not said.ended:
        said.faults.append("the stream ends with neither [DONE] nor an error")
    return said


class _Stream:
    """The grammar: chunks of one id, a finish reason once, then usage, then `[DONE]`."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._finished = False
        self._calls: dict[int, SaidCall] = {}

    def take(self, data: bytes) -> None:
        """One record."""
        said = self._said
        if said.ended or said.error is not None:
            if data.strip() != b"[DONE]" or said.ended:
                said.faults.append(f"'{data[:80].decode('utf-8', 'replace')}' after the end")
            return
        if data.strip() == b"[DONE]":
            said.ended = True
            if not self._finished:
                said.faults.append("[DONE] without a finish reason")
            return
        chunk = read_node(data)
        if chunk["error"]:
            said.error = _complaint(200, chunk, data)
            return
        self._chunk(chunk)

    def _chunk(self, chunk: Node) -> None:
        said = self._said
        if chunk["object"].text != "chat.completion.chunk":
            said.faults.append(f"a chunk whose object is {chunk['object']!r}")
        if said.id and chunk["id"].text != said.id:
            said.faults.append(f"two ids in one answer: {said.id} and {chunk['id'].text}")
        said.id, said.model = chunk["id"].text, chunk["model"].text
        _count(said, chunk["usage"])
        for choice in chunk["choices"]:
            delta = choice["delta"]
            _note(said, delta)
            for entry in delta["tool_calls"]:
                self._call(entry)
            if choice["finish_reason"].text:
                if self._finished:
                    said.faults.append("a second finish reason")
                self._finished = True
                _end(said, choice["finish_reason"].text)

    def _call(self, entry: Node) -> None:
        index = entry["index"].count
        if index < 0:
            self._said.faults.append("a piece of a tool call without an index")
        if index not in self._calls:
            self._calls[index] = SaidCall(entry["id"].text, entry["function"]["name"].text, "")
            self._said.calls.append(self._calls[index])
            self._said.order.append("call")
            if not entry["id"].text or not entry["function"]["name"].text:
                self._said.faults.append("the first piece of a tool call without id or name")
        self._calls[index].args += entry["function"]["arguments"].text
