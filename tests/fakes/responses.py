"""True wire bytes of Responses answers, as OpenAI sends them: the same content as one body or as a stream.

Nothing of landbridge is used here. `Stream` numbers events and keeps the items, as the API does.

    responses_whole(text="Hi")                 body of POST /v1/responses
    responses_stream(thinking="Hm", tools=[("Read", {"path": "a"})], usage=Tokens(12, 3))
    responses_error(429, "slow down")          status and body of an error
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .answers import SOME, Call, Json, Tokens, args_text

ENCRYPTED = "gAAAAABo-cipher_text=="


def responses_usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.written},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.prompt + tokens.output,
    }


def responses_record(data: Json) -> bytes:
    """An event as an SSE record; its name is the JSON's `type`."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return b"event: " + str(data["type"]).encode() + b"\ndata: " + body + b"\n\n"


def response_json(id: str, model: str, status: str, output: list[Json], usage: Tokens | None) -> Json:
    """A response object with the fields clients look at."""
    return {
        "id": id,
        "object": "response",
        "created_at": 1_790_000_000,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": None if usage is None else responses_usage(usage),
    }


def message_json(id: str, text: str, status: str = "completed") -> Json:
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
    return {"id": id, "type": "message", "status": status, "content": [part], "role": "assistant"}


def reasoning_json(id: str, text: str, encrypted: str = ENCRYPTED) -> Json:
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"id": id, "type": "reasoning", "summary": summary, "encrypted_content": encrypted}


def call_json(id: str, call_id: str, name: str, args: str, status: str = "completed") -> Json:
    return {"id": id, "type": "function_call", "status": status, "arguments": args, "call_id": call_id, "name": name}


class Stream:
    """A stream being made: events in order, numbered from 0."""

    def __init__(self, id: str = "resp_1", model: str = "m") -> None:
        self.id, self.model = id, model
        self.events: list[Json] = []
        self.output: list[Json] = []
        for kind in ("created", "in_progress"):
            self.event(f"response.{kind}", response=response_json(id, model, "in_progress", [], None))

    def event(self, kind: str, **fields: Any) -> None:
        """One event."""
        self.events.append({"type": kind, "sequence_number": len(self.events), **fields})

    def open(self, item: Json) -> int:
        """An item begins; its output index."""
        index = len(self.output)
        empty: dict[str, Json] = {
            "message": {"content": []},
            "reasoning": {"summary": []},
            "function_call": {"arguments": ""},
        }
        begun = {**item, "status": "in_progress", **empty.get(item["type"], {})}
        self.output.append(item)
        self.event("response.output_item.added", output_index=index, item=begun)
        place = {"item_id": item["id"], "output_index": index}
        match item["type"]:
            case "message":
                part = {**item["content"][0], "text": ""}
                self.event("response.content_part.added", **place, content_index=0, part=part)
            case "reasoning" if item["summary"]:
                part = {"type": "summary_text", "text": ""}
                self.event("response.reasoning_summary_part.added", **place, summary_index=0, part=part)
        return index

    def delta(self, index: int, text: str) -> None:
        """Some of the text or the arguments of an open item."""
        item = self.output[index]
        place = {"item_id": item["id"], "output_index": index}
        match item["type"]:
            case "message":
                more = {"content_index": 0, "delta": text, "logprobs": [], "obfuscation": "Xy3"}
                self.event("response.output_text.delta", **place, **more)
            case "reasoning":
                self.event("response.reasoning_summary_text.delta", **place, summary_index=0, delta=text)
            case _:
                self.event("response.function_call_arguments.delta", **place, delta=text)

    def close(self, index: int) -> None:
        """An open item is whole."""
        item = self.output[index]
        place = {"item_id": item["id"], "output_index": index}
        match item["type"]:
            case "message":
                part = item["content"][0]
                at = {**place, "content_index": 0}
                self.event("response.output_text.done", **at, text=part["text"], logprobs=[])
                self.event("response.content_part.done", **at, part=part)
            case "reasoning" if item["summary"]:
                part = item["summary"][0]
                at = {**place, "summary_index": 0}
                self.event("response.reasoning_summary_text.done", **at, text=part["text"])
                self.event("response.reasoning_summary_part.done", **at, part=part)
            case "function_call":
                self.event("response.function_call_arguments.done", **place, arguments=item["arguments"])
        self.event("response.output_item.done", output_index=index, item=item)

    def end(self, status: str = "completed", usage: Tokens | None = SOME) -> None:
        """The last event, which repeats everything."""
        whole = response_json(self.id, self.model, status, self.output, usage)
        self.event(f"response.{status}", response=whole)

    def bytes(self) -> bytes:
        """All records."""
        return b"".join(map(responses_record, self.events))


def _items(text: str, tools: Sequence[Call], thinking: str, id: str) -> list[Json]:
    """The items. Ids of calls follow the response's, so that no two answers share them."""
    unique = id.removeprefix("resp_")
    items: list[Json] = []
    if thinking:
        items.append(reasoning_json(f"rs_{unique}", thinking))
    if text:
        items.append(message_json(f"msg_{unique}", text))
    for number, (name, args) in enumerate(tools):
        items.append(call_json(f"fc_{unique}_{number}", f"call_{unique}_{number}", name, args_text(args)))
    return items


def responses_whole(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "completed",
    id: str = "resp_1",
    model: str = "m",
) -> bytes:
    """A whole response."""
    body = response_json(id, model, finish, _items(text, tools, thinking, id), usage)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def responses_stream(
    text: str = "",
    tools: Sequence[Call] = (),
    thinking: str = "",
    usage: Tokens | None = SOME,
    finish: str = "completed",
    id: str = "resp_1",
    model: str = "m",
    piece: int = 7,
) -> bytes:
    """A response stream: the items one after the other."""
    stream = Stream(id, model)
    for item in _items(text, tools, thinking, id):
        index = stream.open(item)
        said = text if item["type"] == "message" else thinking if item["type"] == "reasoning" else item["arguments"]
        for at in range(0, len(said), piece):
            stream.delta(index, said[at : at + piece])
        stream.close(index)
    stream.end(finish, usage)
    return stream.bytes()


def responses_error(status: int, message: str, code: str | None = None) -> tuple[int, bytes]:
    """Status and body of an error."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return status, json.dumps({"error": error}).encode()
