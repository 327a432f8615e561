"""Gemini's side of the laws: a story as Google would stream it, and what a strict Gemini client hears.

The client reads as the SDKs do: records begin with `data: ` and end with a blank line, what is no record must be an
error as JSON, and nothing else is taken (Gemini CLI's SDK reads nothing after a comment).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import groupby
from typing import Any

from landbridge.neutral.events import Kind, Reason
from tests.fakes.answers import Json, Tokens
from tests.fakes.gemini import gemini_call, gemini_chunk, gemini_part, gemini_record

from .heard import Heard
from .strategies import Fragment, Story

WORDS = {Reason.END: "STOP", Reason.LENGTH: "MAX_TOKENS", Reason.TOOLS: "STOP"}
REASONS = frozenset({"STOP", "MAX_TOKENS", "SAFETY", "PROHIBITED_CONTENT"})
_RECORD = re.compile(r"data: (.*)\n\n")


def gemini(story: Story) -> list[tuple[bytes, Fragment | None]]:
    """A Gemini stream; calls come whole, so the story must be orderly and in one line."""
    chunks: list[tuple[Json, Fragment | None]] = []
    for (kind, call), fragments in groupby(story.fragments, lambda each: (each.kind, each.call)):
        if kind is Kind.TOOL:
            text = "".join(each.text for each in fragments)
            id, name = story.calls[call]
            chunks.append((_Verbatim(gemini_chunk([gemini_call(name, None, id)]), text), Fragment(kind, text, call)))
        else:
            thought = kind is Kind.THINKING
            chunks += [(gemini_chunk([gemini_part(each.text, thought)]), each) for each in fragments]
    if not (story.finish_with_content and chunks):
        chunks.append((gemini_chunk([gemini_part("")]), None))
    chunks[-1][0]["candidates"][0]["finishReason"] = WORDS[story.reason]
    if story.usage is not None:
        usage = Tokens(story.usage.prompt, story.usage.output or 0, story.usage.cache_read or 0)
        counted = gemini_chunk(None, usage=usage)
        if story.usage_place == "late":
            chunks.append((counted, None))
        else:
            chunks[0 if story.usage_place == "early" else -1][0]["usageMetadata"] = counted["usageMetadata"]
    return [(_record(chunk), fragment) for chunk, fragment in chunks]


def in_one_line(story: Story) -> Story:
    """The story without line breaks between the tokens of arguments: a call comes whole, and a record is one line."""
    fragments = (
        replace(each, text=each.text.replace("\n", " ")) if each.kind is Kind.TOOL else each for each in story.fragments
    )
    return replace(story, fragments=tuple(fragments))


class _Verbatim(Json):
    """A chunk with a call whose arguments are the very text; empty ones are left out."""

    def __init__(self, chunk: Json, text: str) -> None:
        super().__init__(chunk)
        self.text = text


def _record(chunk: Json) -> bytes:
    if not isinstance(chunk, _Verbatim) or not chunk.text:
        return gemini_record(chunk)
    mark = "\N{BALLOT BOX}args"
    chunk["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] = mark
    return gemini_record(chunk).replace(json.dumps(mark, ensure_ascii=False).encode(), chunk.text.encode())


def hear_gemini(stream: bytes) -> Heard:
    """As Google's SDKs read it."""
    heard = Heard()
    text, at = stream.decode(), 0
    while found := _RECORD.match(text, at):
        assert not heard.ended and not heard.finish, "a record after the end"
        chunk = json.loads(found[1])
        assert "error" not in chunk, "an error that some SDKs take for a chunk"
        assert chunk["responseId"] and chunk["modelVersion"]
        (candidate,) = chunk["candidates"]
        assert candidate["index"] == 0 and candidate["content"]["role"] == "model"
        for part in candidate["content"]["parts"]:
            _say(heard, part)
        heard.usage |= chunk.get("usageMetadata", {})
        heard.finish = candidate.get("finishReason", "")
        assert not heard.finish or heard.finish in REASONS
        at = found.end()
    if at < len(text):
        error = json.loads(text[at:])["error"]
        assert isinstance(error["code"], int) and error["status"]
        heard.error = error["message"]
    heard.ended = bool(heard.finish or heard.error)
    return heard


def _say(heard: Heard, part: dict[str, Any]) -> None:
    assert part, "an empty part"
    if "functionCall" in part:
        call = part["functionCall"]
        assert call["id"] and isinstance(call["args"], dict)
        heard.calls.append([call["id"], call["name"], json.dumps(call["args"])])
    elif part.get("thought"):
        heard.thinking += part["text"]
    else:
        heard.text += part.get("text", "")
