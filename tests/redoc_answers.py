"""The half of `docs/support.md` that comes back: answers of each provider's dialect as each client hears them.

A probe is an answer in the provider's own form, read as landbridge reads it; if it is not there then, the dialect has
no such thing. It is written for the client whole and as a stream, and heard by the client's own dialect; the worse
counts. What providers want back with the history is looked for in the bytes of their next request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from msgspec import Raw
from msgspec.structs import replace

from landbridge.errors import GatewayError, Overloaded, ProviderLimit, Refused, TooLong
from landbridge.gateway.originals import Originals
from landbridge.neutral.events import Failed, Finish, Reason, Start, Usage
from landbridge.neutral.parts import Part, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.dialects import dialect
from landbridge.wire.hosted.history import unfold
from tests.redoc_cells import ARGS, CHANGED, HI, LEFT, LOSS, NONE, READ, SILENT, TRAITS, YES, same_json

NOW = 1_790_000_000
ASKED = Request("m", (HI,), tools=(READ,), max_tokens=500, stop=("END",))
SIGNED = "c2lnbmVk"
"""A provider's token, in base64 as Google wants it."""


class Given(NamedTuple):
    """Something an answer can hold, and how to see that the client heard it."""

    name: str
    answer: Callable[[str], Response | bytes]
    """By the provider's dialect."""
    there: Callable[[Response], object]
    near: Callable[[Response], object] = lambda response: False
    """Whether the client heard the nearest thing its dialect has."""
    idle: bool = False
    """Nobody misses it where the dialect has no place for it."""


USED = Usage(9, 7)


def _of(
    *parts: Part, reason: Reason = Reason.END, usage: Usage = USED, stop: str = ""
) -> Callable[[str], Response | bytes]:
    return lambda provider: Response(parts, Finish(reason, stop), usage, "a", "m")


def _text(response: Response) -> str:
    return "".join(part.text for part in response.parts if isinstance(part, Text))


def _thinking(response: Response) -> list[Thinking]:
    return [part for part in response.parts if isinstance(part, Thinking)]


def _calls(response: Response) -> list[bytes]:
    return [bytes(part.args) for part in response.parts if isinstance(part, ToolCall)]


def _ends(reason: Reason, *near: Reason) -> Given:
    """An ending: heard as it is, or as the one that says most of it."""
    parts = (Text("It is"), ToolCall("c1", "Read", ARGS)) if reason is Reason.TOOLS else (Text("It is"),)
    stop = "END" if reason is Reason.STOP_SEQUENCE else ""
    return Given(
        f"the answer {ENDS[reason]}",
        _of(*parts, reason=reason, stop=stop),
        lambda response: response.finish.reason is reason,
        lambda response: response.finish.reason in near,
    )


ENDS = {
    Reason.LENGTH: "is cut at the limit",
    Reason.TOOLS: "calls tools",
    Reason.STOP_SEQUENCE: "met a stop sequence",
    Reason.CONTENT_FILTER: "was filtered",
    Reason.REFUSAL: "is a refusal",
    Reason.PAUSE: "is to be continued",
    Reason.CONTEXT_FULL: "filled the window",
}

CITED: Mapping[str, Any] = {
    "anthropic": {
        "type": "message", "id": "a", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Seoul", "citations": [{
            "type": "web_search_result_location", "url": "https://x.example", "title": "X", "cited_text": "S"}]}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "openai_chat": {
        "id": "a", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "Seoul", "annotations": [{"type": "url_citation", "url_citation": {
                "url": "https://x.example", "title": "X", "start_index": 0, "end_index": 5}}]}}],
    },
    "openai_responses": {
        "id": "a", "object": "response", "created_at": 1, "model": "m", "status": "completed",
        "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{
            "type": "output_text", "text": "Seoul", "annotations": [{
                "type": "url_citation", "url": "https://x.example", "title": "X", "start_index": 0, "end_index": 5,
            }]}]}],
    },
    "gemini": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Seoul"}]}, "finishReason": "STOP", "index": 0,
                        "groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://x.example"}}]}}],
        "modelVersion": "m", "responseId": "a",
    },
}  # fmt: skip
"""An answer with a source, as each provider gives it."""


def _cited(response: Response) -> bool:
    return any(b"x.example" in bytes(each.raw) for each in response.extras)


GIVEN: Sequence[Given] = (
    Given("text", _of(Text("Hello 안녕")), lambda response: _text(response) == "Hello 안녕"),
    Given("thinking", _of(Thinking("I think."), Text("Yes")), lambda response: [
        part.text for part in _thinking(response)] == ["I think."]),
    Given("calls, parallel", _of(Text("Look"), ToolCall("c1", "Read", ARGS), ToolCall("c2", "Read", Raw(b"{}")),
                                 reason=Reason.TOOLS),
          lambda response: len(_calls(response)) == 2 and same_json(_calls(response)[0], bytes(ARGS))),
    Given("citations", lambda provider: json.dumps(CITED[provider]).encode(), _cited),
    _ends(Reason.LENGTH),
    _ends(Reason.TOOLS),
    _ends(Reason.STOP_SEQUENCE, Reason.END),
    _ends(Reason.CONTENT_FILTER, Reason.REFUSAL),
    _ends(Reason.REFUSAL, Reason.CONTENT_FILTER),
    _ends(Reason.PAUSE, Reason.END),
    _ends(Reason.CONTEXT_FULL, Reason.LENGTH),
    Given("tokens in and out", _of(Text("Hi")),
          lambda response: (response.usage.prompt, response.usage.output) == (9, 7)),
    Given("tokens from the cache", _of(Text("Hi"), usage=Usage(9, 7, cache_read=5)),
          lambda response: response.usage.cache_read == 5),
    Given("tokens into the cache", _of(Text("Hi"), usage=Usage(9, 7, cache_write=5)),
          lambda response: response.usage.cache_write == 5, lambda response: response.usage.prompt == 14),
    Given("tokens of thinking", _of(Thinking("Hm"), Text("Hi"), usage=Usage(9, 7, reasoning=5)),
          lambda response: response.usage.reasoning == 5, lambda response: response.usage.output == 7),
)  # fmt: skip
"""What an answer may hold."""


def _ids() -> Callable[[str], str]:
    numbers = count(1)
    return lambda prefix: f"{prefix}{next(numbers)}"


def _read(name: str, body: bytes) -> Response:
    return dialect(name).read_response(body, _ids(), "provider:lab")


def _whole(client: str, response: Response) -> tuple[Response, bool]:
    """What the client hears of a whole answer, and whether anything was reported as lost."""
    written = dialect(client).write_response(response, NOW, ASKED)
    return _read(client, written.body), bool(written.losses)


def _streamed(client: str, response: Response) -> tuple[Response, bool]:
    """The same as a stream."""
    writer = dialect(client).writer("a", "m", NOW, ASKED)
    reader = dialect(client).reader(_ids(), "provider:lab")
    data = b"".join([writer.feed(event) for event in replay(response)])
    return collect([*reader.feed(data), *reader.close()]), bool(writer.losses)


def answered_cell(given: Given, client: str, provider: str) -> str:
    """What the client hears of something a provider answers."""
    made = given.answer(provider)
    body = made if isinstance(made, bytes) else dialect(provider).write_response(made, NOW, ASKED).body
    read = _read(provider, body)
    if not given.there(read):
        return NONE
    read = replace(read, id="a", model="m")
    cells = [_cell(given, *hear(client, read)) for hear in (_whole, _streamed)]
    return max(cells, key=(YES, CHANGED, LEFT, LOSS, SILENT).index)


def _cell(given: Given, heard: Response, lost: bool) -> str:
    if given.there(heard):
        return CHANGED if lost else YES
    if given.near(heard):
        return CHANGED
    return LOSS if lost else LEFT if given.idle else SILENT


# -- what comes back with the history ----------------------------------------------------------------------------------


def _turns(client: str, body: bytes) -> Any:
    """The client's next request: its history with the answer in `body`, and a result for each call."""
    said = json.loads(body)
    if client == "anthropic":
        results = [{"type": "tool_result", "tool_use_id": block["id"], "content": "r"}
                   for block in said["content"] if block["type"] == "tool_use"]  # fmt: skip
        turns = [{"role": "assistant", "content": said["content"]}, {"role": "user", "content": results}]
        return {"model": "m", "max_tokens": 500, "messages": [{"role": "user", "content": "Hi"}, *turns]}
    if client == "openai_chat":
        message = said["choices"][0]["message"]
        results = [{"role": "tool", "tool_call_id": call["id"], "content": "r"} for call in message["tool_calls"]]
        return {"model": "m", "messages": [{"role": "user", "content": "Hi"}, message, *results]}
    if client == "openai_responses":
        results = [{"type": "function_call_output", "call_id": item["call_id"], "output": "r"}
                   for item in said["output"] if item["type"] == "function_call"]  # fmt: skip
        return {"model": "m", "input": [{"role": "user", "content": "Hi"}, *said["output"], *results]}
    content = said["candidates"][0]["content"]
    results = [{"functionResponse": {"name": "Read", "id": part["functionCall"].get("id"), "response": {"output": "r"}}}
               for part in content["parts"] if "functionCall" in part]  # fmt: skip
    return {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, content, {"role": "user", "parts": results}]}


_CALL = {"type": "tool_use", "id": "c1", "name": "Read", "input": {"a": 1}}
_ITEM = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "Read", "arguments": "{}"}
_PART = {"functionCall": {"id": "c1", "name": "Read", "args": {"a": 1}}}

SIGNS: Mapping[str, Mapping[str, Any]] = {
    "signed thinking": {
        "anthropic": {
            "type": "message", "id": "a", "role": "assistant", "model": "m", "stop_reason": "tool_use",
            "content": [{"type": "thinking", "thinking": "Hm", "signature": SIGNED}, _CALL],
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
        "openai_responses": {
            "id": "a", "object": "response", "created_at": 1, "model": "m", "status": "completed", "output": [
                {"type": "reasoning", "id": "rs_1", "encrypted_content": SIGNED,
                 "summary": [{"type": "summary_text", "text": "Hm"}]}, _ITEM],
        },
        "gemini": {
            "candidates": [{"content": {"role": "model", "parts": [
                {"text": "Hm", "thought": True, "thoughtSignature": SIGNED}, _PART]}, "finishReason": "STOP"}],
            "modelVersion": "m", "responseId": "a",
        },
    },
    "signed calls": {
        "gemini": {
            "candidates": [{"content": {"role": "model", "parts": [{**_PART, "thoughtSignature": SIGNED}]},
                            "finishReason": "STOP"}],
            "modelVersion": "m", "responseId": "a",
        },
    },
}  # fmt: skip
"""Answers with a token that the provider wants back, as it gives them."""


def back_cell(name: str, client: str, provider: str) -> str:
    """What becomes of a provider's token on its way to the client and back."""
    if provider not in SIGNS[name]:
        return NONE
    read = _read(provider, json.dumps(SIGNS[name][provider]).encode())
    originals = Originals()
    for call in read.parts:
        if isinstance(call, ToolCall):
            originals.keep(call.id, call.name, bytes(call.args).decode(), call.signature, call.origin)
    body = dialect(client).write_response(replace(read, id="a", model="m"), NOW, ASKED).body
    request = dialect(client).read_request(json.dumps(_turns(client, body)).encode())
    sent = dialect(provider).write_request(originals.restore(unfold(request, provider)), "m", TRAITS[provider]).body
    return YES if f'"{SIGNED}"'.encode() in sent else LEFT


# -- errors ------------------------------------------------------------------------------------------------------------

ERRORS: Mapping[str, GatewayError] = {
    "the prompt is too long": TooLong(9000, 8000),
    "too many requests": ProviderLimit("slow down", retry_after=7.0),
    "overloaded": Overloaded("busy", status=503),
    "refused": Refused("not like this", status=400),
}
"""Errors that clients act on in different ways."""


def error_cell(name: str, client: str, provider: str) -> str:
    """Whether the client is told the same kind of error, as an answer and in a stream."""
    error = ERRORS[name]
    status = 529 if provider == "anthropic" and isinstance(error, Overloaded) else error.status
    headers = {"retry-after": "7"} if error.retry_after else {}
    read = dialect(provider).read_error(status, dialect(provider).write_error(error, ""), "provider:lab", headers)
    if type(read) is not type(error):
        return NONE
    heard = dialect(client).read_error(read.status, dialect(client).write_error(read, ""), "landbridge", headers)
    if type(heard) is not type(error):
        return LOSS
    last = [*_failed(client, read)][-1]
    same = isinstance(last, Failed) and type(last.error) is type(error)
    return YES if same else CHANGED


def _failed(client: str, error: GatewayError) -> Iterator[object]:
    writer = dialect(client).writer("a", "m", NOW, ASKED)
    reader = dialect(client).reader(_ids(), "landbridge")
    for event in (Start("a", "m"), Failed(error)):
        yield from reader.feed(writer.feed(event))
    yield from reader.close()
