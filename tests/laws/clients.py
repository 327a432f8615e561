"""What a strict client makes of a stream that landbridge wrote: the content it hears and how the stream ended.

Every rule of order that a real client relies on is an assertion here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .gemini import hear_gemini
from .heard import Heard


def _records(stream: bytes) -> list[tuple[str, str]]:
    """(event, data) of each record; every record must be whole and valid UTF-8."""
    text = stream.decode()
    assert not text or text.endswith("\n\n"), "the last record is not whole"
    found = []
    for record in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in record.split("\n") if not line.startswith(":"))
        assert set(fields) <= {"event", "data"}
        if fields:
            found.append((fields.get("event", ""), fields["data"]))
    return found


class _Anthropic:
    """message_start, blocks one at a time, message_delta, message_stop; `error` instead of the rest; pings anywhere."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.started = False
        self.open: dict[str, Any] | None = None
        self.next = 0

    def take(self, event: str, data: dict[str, Any]) -> None:
        assert event == data["type"], "the event line and the type differ"
        assert not self.heard.ended, f"{event} after the end"
        if event != "ping":
            assert self.started or event in ("message_start", "error"), f"{event} before message_start"
            getattr(self, event)(data)

    def message_start(self, data: dict[str, Any]) -> None:
        assert not self.started, "second message_start"
        message = data["message"]
        assert (message["type"], message["role"], message["content"]) == ("message", "assistant", [])
        assert message["id"] and message["stop_reason"] is None
        assert isinstance(message["usage"]["input_tokens"], int)
        assert isinstance(message["usage"]["output_tokens"], int)
        self.started = True

    def content_block_start(self, data: dict[str, Any]) -> None:
        assert self.open is None and data["index"] == self.next, "blocks overlap or are misnumbered"
        assert not self.heard.finish, "a block after message_delta"
        self.next += 1
        self.open = block = data["content_block"]
        if block["type"] == "tool_use":
            assert block["id"] and block["input"] == {}
            self.heard.calls.append([block["id"], block["name"], ""])
        elif block["type"] == "text":
            self.heard.text += block["text"]

    def content_block_delta(self, data: dict[str, Any]) -> None:
        assert self.open is not None and data["index"] == self.next - 1, "a delta outside its block"
        delta = data["delta"]
        match self.open["type"], delta["type"]:
            case "text", "text_delta":
                self.heard.text += delta["text"]
            case "thinking", "thinking_delta":
                self.heard.thinking += delta["thinking"]
            case "thinking", "signature_delta":
                assert isinstance(delta["signature"], str)
            case "tool_use", "input_json_delta":
                self.heard.calls[-1][2] += delta["partial_json"]
            case "server_tool_use", "input_json_delta":
                assert isinstance(json.loads(delta["partial_json"]), dict)
            case pair:
                raise AssertionError(f"{pair[1]} in a {pair[0]} block")

    def content_block_stop(self, data: dict[str, Any]) -> None:
        assert self.open is not None and data["index"] == self.next - 1
        if self.open["type"] == "tool_use" and not self.heard.calls[-1][2]:
            self.heard.calls[-1][2] = "{}"
        self.open = None

    def message_delta(self, data: dict[str, Any]) -> None:
        assert self.open is None
        self.heard.finish = data["delta"]["stop_reason"] or self.heard.finish
        self.heard.usage |= data["usage"]

    def message_stop(self, data: dict[str, Any]) -> None:
        assert self.heard.finish, "no stop_reason was given"
        self.heard.ended = True

    def error(self, data: dict[str, Any]) -> None:
        assert data["error"]["type"]
        self.heard.error = data["error"]["message"]
        self.heard.ended = True


def hear_anthropic(stream: bytes) -> Heard:
    """As the Anthropic SDKs and Claude Code read it."""
    client = _Anthropic()
    for event, data in _records(stream):
        client.take(event, json.loads(data))
    return client.heard


def hear_chat(stream: bytes) -> Heard:
    """As the OpenAI SDKs read it."""
    heard = Heard()
    for event, data in _records(stream):
        assert not heard.ended, "a record after the end"
        assert event in ("", "error")
        if data == "[DONE]":
            assert heard.finish, "no finish_reason was given"
            heard.ended = True
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            heard.error, heard.ended = chunk["error"]["message"], True
            continue
        assert chunk["object"] == "chat.completion.chunk" and chunk["id"]
        heard.usage |= chunk.get("usage") or {}
        for choice in chunk["choices"]:
            assert choice["index"] == 0
            _say(heard, choice["delta"])
            heard.finish = choice["finish_reason"] or heard.finish
    for call in heard.calls:
        call[2] = call[2] or "{}"
    return heard


def _say(heard: Heard, delta: dict[str, Any]) -> None:
    said = {name for name, value in delta.items() if value and name != "role"}
    assert not (said and heard.finish), "content after the finish"
    heard.text += delta.get("content") or ""
    heard.thinking += delta.get("reasoning_content") or ""
    for call in delta.get("tool_calls") or ():
        if call["index"] == len(heard.calls):
            assert call["type"] == "function" and call["id"]
            heard.calls.append([call["id"], call["function"]["name"], ""])
        heard.calls[call["index"]][2] += call["function"].get("arguments") or ""


class _Responses:
    """created, items one at a time or side by side, each opened and closed with its parts, one terminal event."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.id = ""
        self.items: dict[int, dict[str, Any]] = {}
        """Open items by output index, with what was heard of them."""
        self.done: list[dict[str, Any]] = []
        self.count = 0

    def take(self, event: str, data: dict[str, Any]) -> None:
        assert event == data["type"], "the event line and the type differ"
        assert not self.heard.ended, f"{event} after the end"
        assert data["sequence_number"] == self.count, "misnumbered"
        self.count += 1
        kind = event.removeprefix("response.")
        if "response" in data:
            self._lifecycle(kind, data["response"])
        else:
            assert self.id, f"{event} before response.created"
            getattr(self, kind.replace(".", "_"))(data)

    def _lifecycle(self, kind: str, response: dict[str, Any]) -> None:
        assert (kind == "created") == (not self.id), "created comes first, and once"
        assert response["object"] == "response" and self.id in ("", response["id"])
        assert {"tools", "tool_choice", "parallel_tool_calls", "created_at", "model"} <= response.keys()
        self.id = response["id"]
        if kind in ("created", "in_progress"):
            assert response["status"] == "in_progress" and response["output"] == []
            return
        assert response["status"] == kind
        self.heard.ended = True
        if kind == "failed":
            assert response["error"]["code"]
            self.heard.error = response["error"]["message"]
            return
        assert not self.items or kind == "incomplete", "an item was left open"
        self.heard.finish = kind if kind == "completed" else response["incomplete_details"]["reason"]
        self.heard.usage = response["usage"]
        assert response["output"][: len(self.done)] == self.done, "the last event says something else"

    def output_item_added(self, data: dict[str, Any]) -> None:
        item, index = data["item"], data["output_index"]
        assert index == len(self.done) + len(self.items), "items are misnumbered"
        self.items[index] = {"item": item, "text": "", "parts": 0}
        if item["type"] == "function_call":
            assert item["call_id"] and item["arguments"] == "" and item["id"].startswith("fc_")
            self.items[index]["call"] = [item["call_id"], item["name"], ""]
            self.heard.calls.append(self.items[index]["call"])

    def content_part_added(self, data: dict[str, Any]) -> None:
        opened = self._opened(data, "message")
        assert data["content_index"] == opened["parts"] and "" in data["part"].values()
        opened["parts"] += 1

    def output_text_delta(self, data: dict[str, Any]) -> None:
        opened = self._opened(data, "message")
        assert data["content_index"] == opened["parts"] - 1 and data["logprobs"] == []
        opened["text"] += data["delta"]
        self.heard.text += data["delta"]

    def output_text_done(self, data: dict[str, Any]) -> None:
        assert data["text"] == self._opened(data, "message")["text"]

    def content_part_done(self, data: dict[str, Any]) -> None:
        part = data["part"]
        assert part.get("text", part.get("refusal")) == self._opened(data, "message")["text"]

    def refusal_done(self, data: dict[str, Any]) -> None:
        assert data["refusal"] == self._opened(data, "message")["text"] == ""

    def reasoning_summary_part_added(self, data: dict[str, Any]) -> None:
        opened = self._opened(data, "reasoning")
        assert data["summary_index"] == opened["parts"]
        opened["parts"] += 1

    def reasoning_summary_text_delta(self, data: dict[str, Any]) -> None:
        opened = self._opened(data, "reasoning")
        assert data["summary_index"] == opened["parts"] - 1
        opened["text"] += data["delta"]
        self.heard.thinking += data["delta"]

    def reasoning_summary_text_done(self, data: dict[str, Any]) -> None:
        assert data["text"] == self._opened(data, "reasoning")["text"]

    def reasoning_summary_part_done(self, data: dict[str, Any]) -> None:
        assert data["part"] == {"type": "summary_text", "text": self._opened(data, "reasoning")["text"]}

    def function_call_arguments_delta(self, data: dict[str, Any]) -> None:
        self._opened(data, "function_call")["call"][2] += data["delta"]

    def function_call_arguments_done(self, data: dict[str, Any]) -> None:
        call = self._opened(data, "function_call")["call"]
        assert data["arguments"] == (call[2] or "{}")
        call[2] = data["arguments"]

    def output_item_done(self, data: dict[str, Any]) -> None:
        item, opened = data["item"], self.items.pop(data["output_index"])
        identity = ("type", "id", "call_id", "name")
        assert [item.get(name) for name in identity] == [opened["item"].get(name) for name in identity]
        if item["type"] == "message":
            assert "".join(part.get("text", "") for part in item["content"]) == opened["text"]
        self.done.append(item)

    def _opened(self, data: dict[str, Any], kind: str) -> dict[str, Any]:
        opened = self.items[data["output_index"]]
        assert (opened["item"]["type"], opened["item"]["id"]) == (kind, data["item_id"])
        return opened


def hear_responses(stream: bytes) -> Heard:
    """As the OpenAI SDKs and Codex read it."""
    client = _Responses()
    for event, data in _records(stream):
        client.take(event, json.loads(data))
    return client.heard


HEAR: dict[str, Callable[[bytes], Heard]] = {
    "openai_chat": hear_chat,
    "anthropic": hear_anthropic,
    "openai_responses": hear_responses,
    "gemini": hear_gemini,
}
