"""Clients of OpenAI's Responses API: requests, and their reading of answers and streams."""

from __future__ import annotations

from typing import Any

from ..node import Node, read_node
from ..rule import MARK, MODEL, Ask, Want
from ..said import Complaint, Said, SaidCall
from ..seen import Answer
from .tools import TOOLS

Json = dict[str, Any]

REASONS = {"max_output_tokens": "length", "content_filter": "filter"}
ENDS = ("response.completed", "response.incomplete", "response.failed")


PROMPT = f"Say hello. [{MARK}]"


def said_by(role: str, text: str) -> Json:
    """A message of the input."""
    return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def tools(*names: str) -> list[Json]:
    """The suite's tools of these names; all without any."""
    return [
        {"type": "function", "name": name, "description": TOOLS[name][0], "parameters": TOOLS[name][1], "strict": False}
        for name in names or tuple(TOOLS)
    ]


def ask(*items: Json, stream: bool = True, **fields: object) -> Ask:
    """A request with this input (by default one message) and fields."""
    body: Json = {"model": MODEL, "input": list(items) or [said_by("user", PROMPT)], "store": False, **fields}
    if stream:
        body["stream"] = True
    return Ask(body=body)


def write(want: Want) -> Ask:
    """A request in no dialect as a client of this one writes it."""
    fields: Json = {"tools": tools()} if want.tools else {}
    asked = ask(said_by("user", f"{want.text} [{MARK}]"), stream=want.stream, **fields)
    return Ask(body=asked.body, leave_after=want.leave_after)


def read(answer: Answer) -> Said:
    """What a client understands."""
    if not (answer.is_stream and answer.status == 200):
        return _read_whole(answer)
    said = Said()
    stream = _Stream(said)
    for name, data in answer.records:
        stream.take(name.decode("utf-8", "replace"), data)
    if not said.ended and said.error is None:
        said.faults.append("the stream ends with neither response.completed nor an error")
    return said


def _read_whole(answer: Answer) -> Said:
    body = answer.json
    if answer.status >= 400 or body["object"].text != "response":
        return Said(error=_complaint(answer.status, body["error"], answer.body))
    said = Said(ended=answer.ended == "whole")
    _take_response(said, body)
    return said


def _take_response(said: Said, response: Node) -> None:
    """Everything a whole response says."""
    said.id, said.model = response["id"].text, response["model"].text
    said.text = said.thinking = ""
    said.calls, said.order = [], []
    for item in response["output"]:
        _take_item(said, item)
    status = response["status"].text
    if status == "failed":
        said.error = _complaint(200, response["error"], repr(response).encode())
    said.stop = _why(said, response)
    usage = response["usage"]
    if usage:
        said.usage, said.prompt, said.output = usage, usage["input_tokens"].count, usage["output_tokens"].count
        said.cached = usage["input_tokens_details"]["cached_tokens"].count


def _why(said: Said, response: Node) -> str:
    """Why it ended. A refusal ends like a complete answer, with a part that says so."""
    reason = response["incomplete_details"]["reason"].text
    if reason:
        return REASONS.get(reason, reason)
    parts = [part["type"].text for item in response["output"] for part in item["content"]]
    status = response["status"].text
    return "filter" if "refusal" in parts else "tools" if said.calls else "end" if status == "completed" else status


def _take_item(said: Said, item: Node) -> None:
    match item["type"].text:
        case "message":
            said.order.append("text")
            for part in item["content"]:
                said.text += part["text"].text + part["refusal"].text
        case "reasoning":
            said.order.append("thinking")
            said.thinking += "".join(part["text"].text for each in ("summary", "content") for part in item[each])
        case "function_call":
            said.order.append("call")
            said.calls.append(SaidCall(item["call_id"].text, item["name"].text, item["arguments"].text))
        case kind:
            said.order.append(kind)


def _complaint(status: int, error: Node, raw: bytes) -> Complaint:
    words = error["message"].text or error.text
    kind = error["type"].text or error["code"].text
    return Complaint(status, kind, words or raw[:300].decode("utf-8", "replace"), bool(error["message"].text))


class _Stream:
    """The grammar: created, then items one after the other, each added, filled and done; then a whole response."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._next = 0
        self._started = False
        self._items: dict[int, Node] = {}
        """Open items."""
        self._done: list[Node] = []
        self._deltas: dict[int, str] = {}

    def take(self, name: str, data: bytes) -> None:
        """One record."""
        said, event = self._said, read_node(data)
        kind = event["type"].text
        if data.strip() == b"[DONE]":
            return  # OpenAI's libraries stop there, whichever API it is
        if said.ended or said.error is not None:
            said.faults.append(f"'{kind}' after the end")
            return
        if name and name != kind:  # OpenAI's libraries read the type and need no name
            said.faults.append(f"a record named '{name}' whose type is '{kind}'")
        if event["sequence_number"].count != self._next:
            said.faults.append(f"sequence_number {event['sequence_number']!r} where {self._next} is next")
        self._next += 1
        if not self._started and kind not in ("response.created", "error"):
            said.faults.append(f"'{kind}' before response.created")
        self._started = True
        self._note(kind, event)

    def _note(self, kind: str, event: Node) -> None:
        index = event["output_index"].count
        if kind == "error":
            self._said.error = _complaint(200, event if event["message"] else event["error"], repr(event).encode())
        elif kind == "response.output_item.added":
            self._items[index] = event["item"]
            self._deltas[index] = ""
        elif kind == "response.output_item.done":
            self._close(index, event["item"])
        elif kind in ENDS:
            self._end(event["response"], kind)
        elif kind.endswith(".delta"):
            if index not in self._items:
                self._said.faults.append(f"a {kind} for item {index}, which is not open")
            self._deltas[index] = self._deltas.get(index, "") + event["delta"].text

    def _close(self, index: int, item: Node) -> None:
        if index not in self._items:
            self._said.faults.append(f"item {index} is done, which is not open")
        self._items.pop(index, None)
        found = Said()
        _take_item(found, item)
        whole = found.text + found.thinking + "".join(call.args for call in found.calls)
        if self._deltas.get(index, "") != whole:
            self._said.faults.append(f"the deltas of item {index} are not what it holds when it is done")
        self._done.append(item)

    def _end(self, response: Node, kind: str) -> None:
        if self._items and kind == "response.completed":
            self._said.faults.append(f"response.completed while the items {list(self._items)} are open")
        _take_response(self._said, response)
        if len(response["output"]) != len(self._done) and kind == "response.completed":
            self._said.faults.append("the whole response holds other items than the stream")
        self._said.ended = self._said.error is None
