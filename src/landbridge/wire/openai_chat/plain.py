"""The short way for whole answers that are one text: most answers, and all of them cost.

Everything else (calls, thinking, refusals, errors, counts in odd places) takes the way of `answer.py`, which gives the
same for these.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from ...neutral.events import Finish, Reason
from ...neutral.parts import Text
from ...neutral.response import Response
from .usage import WireUsage, to_usage

_REASONS = {"stop": Reason.END, "length": Reason.LENGTH}


class _Message(Struct, forbid_unknown_fields=True):
    content: str
    role: Any = None
    refusal: None = None
    tool_calls: None = None
    function_call: None = None
    reasoning_content: None = None
    reasoning: None = None
    annotations: None = None
    audio: None = None


class _Choice(Struct, forbid_unknown_fields=True):
    message: _Message
    finish_reason: Literal["stop", "length"]
    index: Literal[0] = 0
    logprobs: None = None
    stop_reason: None = None
    content_filter_results: Any = None


class _Answer(Struct):
    choices: tuple[_Choice]
    usage: WireUsage
    id: str = ""
    model: str = ""
    object: Literal["chat.completion"] = "chat.completion"
    error: None = None
    timings: None = None
    x_groq: None = None


_decode = msgspec.json.Decoder(_Answer).decode


def read_plain(body: bytes) -> Response | None:
    """The answer in `body` if it is a single text and nothing else; None for any other."""
    try:
        answer = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    choice = answer.choices[0]
    text = choice.message.content
    usage = to_usage(answer.usage)
    if not text or usage is None:
        return None
    return Response((Text(text),), Finish(_REASONS[choice.finish_reason]), usage, answer.id, answer.model)
