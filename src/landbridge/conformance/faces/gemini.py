"""Clients of the Gemini API: requests, and their reading of answers and streams."""

from __future__ import annotations

from typing import Any

from ..node import Node, read_node
from ..rule import MARK, MODEL, Ask, Want
from ..said import Complaint, Said, SaidCall
from ..seen import Answer
from .tools import TOOLS

Json = dict[str, Any]

PATH = f"/v1beta/models/{MODEL}:generateContent"
STREAM_PATH = f"/v1beta/models/{MODEL}:streamGenerateContent"
STOPS = {"STOP": "end", "MAX_TOKENS": "length"}
FILTERS = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")


PROMPT = f"Say hello. [{MARK}]"


def turn(role: str, *parts: Json | str) -> Json:
    """A turn; strings are text."""
    return {"role": role, "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def tools(*names: str, field: str = "parametersJsonSchema") -> list[Json]:
    """The suite's tools of these names; all without any."""
    declared = [{"name": name, "description": TOOLS[name][0], field: TOOLS[name][1]} for name in names or tuple(TOOLS)]
    return [{"functionDeclarations": declared}]


def ask(*turns: Json, stream: bool = True, version: str = "v1beta", sse: bool = True, **fields: object) -> Ask:
    """A request with these turns (by default one) and fields."""
    body: Json = {"contents": list(turns) or [turn("user", PROMPT)], **fields}
    path = (STREAM_PATH if stream else PATH).replace("v1beta", version)
    return Ask(body=body, path=path, query="alt=sse" if stream and sse else "")


def write(want: Want) -> Ask:
    """A request in no dialect as a client of this one writes it."""
    fields: Json = {"tools": tools()} if want.tools else {}
    asked = ask(turn("user", f"{want.text} [{MARK}]"), stream=want.stream, **fields)
    return Ask(body=asked.body, path=asked.path, query=asked.query, leave_after=want.leave_after)


def read(answer: Answer) -> Said:
    """What a client understands."""
    said = Said()
    if answer.is_stream and answer.status == 200:
        for _, data in answer.records:
            _take(said, read_node(data), data)
        # Google's own servers end a stream that failed with the bare JSON of the error, without "data:".
        tail = answer.body.rstrip().rpartition(b"\n")[2]
        if tail.startswith(b"{"):
            _take(said, read_node(tail), tail)
        if said.error is None and not said.ended:
            said.faults.append("the stream ends with neither a finish reason nor an error")
    elif answer.status >= 400 or answer.json["error"]:
        said.error = _complaint(answer.status, answer.json, answer.body)
    else:
        _take(said, answer.json, answer.body)
        if not said.ended:
            said.faults.append("there is no finish reason")
    if said.calls and said.stop == "end":
        said.stop = "tools"
    return said


def _take(said: Said, chunk: Node, raw: bytes) -> None:
    """One chunk, or a whole answer."""
    if said.error is not None:
        said.faults.append("something comes after the error")
    if chunk["error"]:
        said.error = _complaint(200, chunk, raw)
        said.ended = False
        return
    said.id, said.model = chunk["responseId"].text or said.id, chunk["modelVersion"].text or said.model
    candidate = chunk["candidates"][0]
    if said.ended and len(candidate["content"]["parts"]):
        said.faults.append("content after the finish reason")
    for part in candidate["content"]["parts"]:
        _take_part(said, part)
    reason = candidate["finishReason"].text
    if reason:
        said.stop = "filter" if reason in FILTERS else STOPS.get(reason, reason)
        said.ended = True
    usage = chunk["usageMetadata"]
    if usage:
        said.usage, said.prompt = usage, usage["promptTokenCount"].count
        said.output = max(0, usage["candidatesTokenCount"].count) + max(0, usage["thoughtsTokenCount"].count)
        said.cached = usage["cachedContentTokenCount"].count


def _take_part(said: Said, part: Node) -> None:
    call = part["functionCall"]
    if call:
        said.order.append("call")
        # Gemini's clients put calls and results together by name and place where there is no id.
        said.calls.append(SaidCall(call["id"].text or f"call {len(said.calls)}", call["name"].text, repr(call["args"])))
        if not call["args"].is_object and call["args"]:
            said.faults.append(f"the args of a call are no object: {call['args']!r:.80}")
        return
    kind = "thinking" if part["thought"].value is True else "text"
    if part["text"].text and said.order[-1:] != [kind]:
        said.order.append(kind)
    if kind == "thinking":
        said.thinking += part["text"].text
    else:
        said.text += part["text"].text


def _complaint(status: int, body: Node, raw: bytes) -> Complaint:
    error = body["error"]
    in_form = error["code"].count > 0 and bool(error["message"].text) and bool(error["status"].text)
    words = error["message"].text or error.text
    return Complaint(status, error["status"].text, words or raw[:300].decode("utf-8", "replace"), in_form)
