"""The body of a Responses request to a `Request`.

Known fields are read, all others stay as raw JSON in `extras["openai_responses"]`: a field nobody knows is never an
error. What needs a server that keeps things (`background`, `conversation`, `prompt`) is refused by name.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE, Text
from ...neutral.request import OutputFormat, Reasoning, Request, Sampling
from ..fields import Fields, decode_at, decode_body, is_set
from .names import names_of
from .read_input import read_input
from .read_tools import read_choice, read_tools
from .types import DIALECT, WireReasoning, WireText

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_number = msgspec.json.Decoder(int | float)
_flag = msgspec.json.Decoder(bool)
_object = msgspec.json.Decoder(dict[str, Raw])
_reasoning = msgspec.json.Decoder(WireReasoning)
_text = msgspec.json.Decoder(WireText)

REFUSED = {
    "conversation": "Send the whole conversation in `input`, or `previous_response_id`.",
    "prompt": "Stored prompts are not available here: send the text in `instructions` and `input`.",
}
"""Fields whose meaning lies on OpenAI's servers; answering without it would be answering something else."""


def read_request(body: bytes) -> Request:
    """The request in `body`. Raises `BadRequest`."""
    fields = Fields(decode_body(body))
    model = fields.take("model", _string)
    if model is None:
        raise BadRequest.at("model", " is missing.", remedy="Name the model to use.")
    _refuse(fields)
    extras: dict[str, Raw] = {}
    tools = read_tools(fields)
    names = names_of(tools)
    choice, tools = read_choice(fields, tools, extras)
    system, messages = read_input(fields.raw("input") or Raw(b"[]"), names)
    if not messages and not system and "previous_response_id" not in fields.rest():
        raise BadRequest.at("input", " is missing or empty.", remedy="Send text or a list of items.")
    request = Request(
        model=model,
        messages=messages,
        system=_read_instructions(fields) + system,
        tools=tools,
        tool_choice=choice,
        sampling=Sampling(temperature=fields.take("temperature", _number), top_p=fields.take("top_p", _number)),
        max_tokens=fields.take("max_output_tokens", _integer),
        reasoning=_read_reasoning(fields, extras),
        output=_read_text(fields, extras),
        stream=fields.take("stream", _flag) or False,
    )
    extras |= fields.rest()
    if extras.get("truncation") is not None and bytes(extras["truncation"]) == b'"disabled"':
        del extras["truncation"]  # what everybody does
    user = _read_user(extras)
    return msgspec.structs.replace(request, user=user, extras={DIALECT: extras} if extras else {})


def _refuse(fields: Fields) -> None:
    if fields.take("background", _flag):
        raise BadRequest.at(
            "background",
            ": answers are not made in the background here.",
            remedy="Leave `background` out and read the answer as it is made, best with `stream`.",
        )
    for name, remedy in REFUSED.items():
        if fields.raw(name) is not None:
            raise BadRequest.at(name, ": it is kept at OpenAI, and not here.", remedy=remedy)


def _read_instructions(fields: Fields) -> tuple[Text, ...]:
    text = fields.take("instructions", _string)
    return (Text(text),) if text else ()


def _read_reasoning(fields: Fields, extras: dict[str, Raw]) -> Reasoning:
    """`reasoning`; how the summary is wanted exactly, and what else it holds, stays."""
    raw = fields.raw("reasoning")
    if raw is None:
        return Reasoning()
    wire = decode_at(_reasoning, raw, "reasoning")
    for name, value in decode_at(_object, raw, "reasoning").items():
        if is_set(value) and name != "effort" and (name, wire.summary) != ("summary", "auto"):
            extras[f"reasoning.{name}"] = value
    display = "auto" if wire.summary == "auto" else "summarized" if wire.summary else ""
    if not wire.effort:
        return Reasoning(display=display)
    return Reasoning("off") if wire.effort == "none" else Reasoning("on", effort=wire.effort, display=display)


def _read_text(fields: Fields, extras: dict[str, Raw]) -> OutputFormat | None:
    """`text`: the format of the answer; `verbosity` and what else it holds stays."""
    raw = fields.raw("text")
    if raw is None:
        return None
    for name, value in decode_at(_object, raw, "text").items():
        if is_set(value) and name != "format":
            extras[f"text.{name}"] = value
    wish = decode_at(_text, raw, "text").format
    match wish.type if wish is not None else "text":
        case "json_object":
            return OutputFormat()
        case "json_schema" if wish is not None:
            return OutputFormat(
                schema=wish.schema if is_set(wish.schema) else NONE,
                name=wish.name or "",
                description=wish.description or "",
                strict=wish.strict,
            )
    return None


def _read_user(extras: dict[str, Raw]) -> str:
    """Who it is for. A client that only names a cache (Codex: its session) is told from others by that (P73)."""
    for name in ("user", "safety_identifier", "prompt_cache_key"):
        if name in extras and (user := decode_at(_string, extras[name], name)):
            return user
    return ""
