"""The body of a Gemini request to a `Request`: of `generateContent`, or of `countTokens`, which may wrap one.

Known fields are read, all others stay as raw JSON in `extras["gemini"]`, those inside an object under their path
(`generationConfig.speechConfig`): a field nobody knows is never an error. Model and streaming stand in the URL.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ...errors import BadRequest
from ...neutral.parts import NONE, Text
from ...neutral.request import OutputFormat, Reasoning, Request, Sampling
from ..fields import decode_body
from .fields import Fields, first, read_fields, read_list
from .json_schema import to_json_schema
from .read_contents import read_contents
from .read_parts import read_parts
from .read_tools import read_choice, read_tools
from .types import DIALECT

_string = msgspec.json.Decoder(str)
_strings = msgspec.json.Decoder(list[str])
_integer = msgspec.json.Decoder(int)
_number = msgspec.json.Decoder(int | float)
_flag = msgspec.json.Decoder(bool)

AUTOMATIC = -1
"""The `thinkingBudget` that leaves it to the model."""


def read_request(body: bytes) -> Request:
    """The request in `body`. Raises `BadRequest`."""
    fields = Fields(decode_body(body))
    wrapped = fields.inner("generateContentRequest")
    return _read(fields if wrapped is None else wrapped)


def _read(fields: Fields) -> Request:
    contents = fields.raw("contents")
    if contents is None:
        raise BadRequest("contents is missing.", remedy="Send at least one content.")
    messages = read_contents(read_list(contents, fields.at("contents")))
    if not messages:
        raise BadRequest("contents is empty.", remedy="Send at least one content.")
    extras: dict[str, Raw] = {}
    system = _read_system(fields, extras)
    config = fields.inner("generationConfig") or Fields({}, "generationConfig")
    if (config.take("candidateCount", _integer) or 1) > 1:
        raise BadRequest(
            "generationConfig.candidateCount: only one candidate is supported.", remedy="Leave it out or set it to 1."
        )
    request = Request(
        model=(fields.take("model", _string) or "").removeprefix("models/"),
        messages=messages,
        system=system,
        tools=read_tools(fields),
        tool_choice=read_choice(fields, extras),
        sampling=_read_sampling(config),
        max_tokens=config.take("maxOutputTokens", _integer),
        stop=_read_stop(config),
        reasoning=_read_reasoning(config),
        output=_read_output(config),
    )
    extras |= fields.rest()
    extras |= {f"generationConfig.{name}": raw for name, raw in config.rest().items()}
    return replace(request, extras={DIALECT: extras}) if extras else request


def _read_system(fields: Fields, extras: dict[str, Raw]) -> tuple[Text, ...]:
    """The system instruction: a content of any role, its parts, or a string."""
    raw = fields.raw("systemInstruction")
    if raw is None:
        return ()
    path = fields.at("systemInstruction")
    inner = read_fields(raw, path).raw("parts") if first(raw) == b"{" else None
    texts: list[Text] = []
    for number, part in enumerate(read_parts(raw if inner is None else inner, path)):
        if isinstance(part, Text):
            texts.append(part)
        else:
            extras[f"systemInstruction[{number}]"] = getattr(part, "raw", Raw(b"{}"))
    return tuple(texts)


def _read_stop(config: Fields) -> tuple[str, ...]:
    stop = config.take("stopSequences", _strings)
    return tuple(stop or ())


def _read_sampling(config: Fields) -> Sampling:
    top_k = config.take("topK", _number)
    return Sampling(
        temperature=config.take("temperature", _number),
        top_p=config.take("topP", _number),
        top_k=None if top_k is None else int(top_k),
        seed=config.take("seed", _integer),
        presence_penalty=config.take("presencePenalty", _number),
        frequency_penalty=config.take("frequencyPenalty", _number),
    )


def _read_reasoning(config: Fields) -> Reasoning:
    """A budget, a level, or only that the thoughts shall be shown."""
    wish = config.inner("thinkingConfig")
    if wish is None:
        return Reasoning()
    shown = wish.take("includeThoughts", _flag) or False
    display = "summarized" if shown else "omitted"
    budget = wish.take("thinkingBudget", _integer)
    level = (wish.take("thinkingLevel", _string) or "").lower()
    effort = "" if level == "thinking_level_unspecified" else level
    if budget == 0:
        return Reasoning("off")
    if budget is not None and budget > 0:
        return Reasoning("on", budget, effort, display)
    if effort or shown or budget == AUTOMATIC:
        return Reasoning("adaptive", effort=effort, display=display)
    return Reasoning()


def _read_output(config: Fields) -> OutputFormat | None:
    """JSON, by a schema of either kind; any other format stays where it is."""
    kind = config.raw("responseMimeType")
    schema, older = config.raw("responseJsonSchema"), config.raw("responseSchema")
    if kind is not None and bytes(kind) == b'"text/plain"':
        return None
    if kind is not None and bytes(kind) != b'"application/json"':
        for name, raw in (("responseMimeType", kind), ("responseJsonSchema", schema), ("responseSchema", older)):
            if raw is not None:
                config.put(name, raw)
        return None
    if schema is None and older is not None:
        schema = to_json_schema(older)
    return None if kind is None and schema is None else OutputFormat(schema or NONE)
