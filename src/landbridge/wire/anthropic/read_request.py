"""The body of a Messages request to a `Request`.

Known fields are read, all others stay as raw JSON in `extras["anthropic"]`: a field nobody knows is never an error
(P45). System turns inside `messages` stay where they are (P42, P43).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE, Message, Part, Role, Text, ToolCall, ToolResult
from ...neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from ..fields import Fields, Known, decode_at, decode_body, is_set, others
from ..memory import Latest
from .read_blocks import read_content
from .types import (
    DIALECT,
    WireChoice,
    WireFormat,
    WireMessage,
    WireOutputConfig,
    WireThinking,
    WireTool,
    decode_raws,
)

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_number = msgspec.json.Decoder(int | float)
_flag = msgspec.json.Decoder(bool)
_strings = msgspec.json.Decoder(list[str])
_object = msgspec.json.Decoder(dict[str, Raw])
_messages = msgspec.json.Decoder(tuple[WireMessage, ...])
_tool = Known(WireTool)
_choice = msgspec.json.Decoder(WireChoice)
_thinking = msgspec.json.Decoder(WireThinking)
_output_config = msgspec.json.Decoder(WireOutputConfig)
_format = msgspec.json.Decoder(WireFormat)

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}
_OUTPUT_FIELDS = frozenset({"effort", "format"})
REMEMBERED = 1 << 20
"""Bytes of tool definitions that are kept in case they come again."""


def read_request(body: bytes) -> Request:
    """The request in `body`. Raises `BadRequest`."""
    try:
        return _read(Fields(decode_body(body)))
    except RecursionError:  # results within results: each needs a few calls of ours
        raise BadRequest("The body is nested too deeply.") from None


def _read(fields: Fields) -> Request:
    model = fields.take("model", _string)
    wire_messages = fields.take("messages", _messages)
    if model is None:
        raise BadRequest("model is missing.", remedy="Name the model to use.")
    if not wire_messages:
        raise BadRequest("messages is missing or empty.", remedy="Send at least one message.")
    messages = pair_results(tuple([_read_message(wire, number) for number, wire in enumerate(wire_messages)]))
    max_tokens, stream = fields.take("max_tokens", _integer), fields.take("stream", _flag) or False
    asked = Request(model=model, messages=messages, max_tokens=max_tokens, stream=stream)
    return _read_more(fields, asked) if fields.left else asked  # a plain question has no more than these


def _read_more(fields: Fields, asked: Request) -> Request:
    """The request, with everything but the fields that all have."""
    extras: dict[str, Raw] = {}
    system = _read_system(fields, extras)
    stop = fields.take("stop_sequences", _strings)
    effort, output = _read_output(fields, extras)
    request = msgspec.structs.replace(
        asked,
        system=system,
        tools=_read_tools(fields),
        tool_choice=_read_choice(fields),
        sampling=Sampling(
            temperature=fields.take("temperature", _number),
            top_p=fields.take("top_p", _number),
            top_k=fields.take("top_k", _integer),
        ),
        stop=tuple(stop or ()),
        reasoning=_read_reasoning(fields, effort),
        output=output,
        user=_read_user(fields, extras),
    )
    extras |= fields.rest()
    return msgspec.structs.replace(request, extras={DIALECT: extras}) if extras else request


def _read_message(wire: WireMessage, number: int) -> Message:
    # A role nobody knows speaks to the model, as a user does.
    return Message(_ROLES.get(wire.role, "user"), read_content(wire.content, f"messages[{number}].content"))


def _read_system(fields: Fields, extras: dict[str, Raw]) -> tuple[Text, ...]:
    raw = fields.raw("system")
    if raw is None:
        return ()
    texts: list[Text] = []
    for number, part in enumerate(read_content(raw, "system")):
        if isinstance(part, Text):
            texts.append(part)
        else:
            extras[f"system[{number}]"] = getattr(part, "raw", Raw(b"{}"))
    return tuple(texts)


def pair_results(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Results without an id get that of the call in their place, where it is clear which that is (P31)."""
    if not _any_nameless(messages):
        return messages
    paired: list[Message] = []
    calls: list[str] = []
    for message in messages:
        if message.role == "user" and any(isinstance(part, ToolResult) and not part.id for part in message.parts):
            named = {part.id for part in message.parts if isinstance(part, ToolResult)}
            free = iter([id for id in calls if id not in named])
            message = Message("user", tuple(_with_id(part, free) for part in message.parts))
        if message.role != "system":
            calls = [part.id for part in message.parts if isinstance(part, ToolCall)]
        paired.append(message)
    return tuple(paired)


def _any_nameless(messages: tuple[Message, ...]) -> bool:
    for message in messages:
        for part in message.parts:
            if type(part) is ToolResult and not part.id:
                return True
    return False


def _with_id(part: Part, free: Iterator[str]) -> Part:
    if not isinstance(part, ToolResult) or part.id:
        return part
    return msgspec.structs.replace(part, id=next(free, ""))


def _read_tools(fields: Fields) -> tuple[Tool | HostedTool, ...]:
    raw = fields.raw("tools")
    if raw is None:
        return ()
    # A copy: what is remembered must not keep the whole body.
    return _tools_of(bytes(raw)) if len(raw) <= REMEMBERED else _decode_tools(bytes(raw))


def _decode_tools(array: bytes) -> tuple[Tool | HostedTool, ...]:
    raws = decode_at(decode_raws, array, "tools")
    return tuple([_read_tool(raw, f"tools[{number}]") for number, raw in enumerate(raws)])


_tools_of = Latest(_decode_tools, operator.eq)


def _read_tool(raw: Raw, path: str) -> Tool | HostedTool:
    wire, extras = _tool.read(raw, path)
    if wire.type not in (None, "custom"):
        return HostedTool(DIALECT, wire.type, wire.name, raw)
    if not wire.name:
        raise BadRequest(f"{path}.name is missing.", remedy="Name the tool.")
    return Tool(
        name=wire.name,
        description=wire.description or "",
        schema=wire.input_schema if is_set(wire.input_schema) else NONE,
        strict=wire.strict,
        deferred=wire.defer_loading is True,
        cache=wire.cache_control if is_set(wire.cache_control) else NONE,
        extras=extras,
    )


def _read_choice(fields: Fields) -> ToolChoice | None:
    wire = fields.take("tool_choice", _choice)
    if wire is None:
        return None
    parallel = None if wire.disable_parallel_tool_use is None else not wire.disable_parallel_tool_use
    match wire.type:
        case "auto":
            return ToolChoice("auto", parallel=parallel)
        case "any":
            return ToolChoice("any", parallel=parallel)
        case "none":
            return ToolChoice("none", parallel=parallel)
        case "tool":
            if not wire.name:
                raise BadRequest("tool_choice.name is missing.", remedy="Name the tool.")
            return ToolChoice("named", wire.name, parallel)
    raise BadRequest(f"tool_choice.type: '{wire.type}' is no choice; use auto, any, none or tool.")


def _read_reasoning(fields: Fields, effort: str) -> Reasoning:
    wire = fields.take("thinking", _thinking)
    if wire is None:
        return Reasoning(effort=effort)
    display = wire.display or ""
    match wire.type:
        case "enabled":
            return Reasoning("on", budget=wire.budget_tokens, effort=effort, display=display)
        case "disabled":
            return Reasoning("off", effort=effort, display=display)
        case _:  # `adaptive`, and whatever comes after it: the model decides
            return Reasoning("adaptive", effort=effort, display=display)


def _read_output(fields: Fields, extras: dict[str, Raw]) -> tuple[str, OutputFormat | None]:
    """Effort and structured output, from `output_config` or the older `output_format`."""
    older = fields.take("output_format", _format)
    raw = fields.raw("output_config")
    if raw is None:
        return "", _output(older)
    wire = decode_at(_output_config, raw, "output_config")
    unknown = wire.format is not None and wire.format.type != "json_schema"
    known = _OUTPUT_FIELDS - {"format"} if unknown else _OUTPUT_FIELDS
    for name, value in others(raw, known, "output_config").items():
        extras[f"output_config.{name}"] = value
    return wire.effort or "", _output(wire.format or older)


def _output(wire: WireFormat | None) -> OutputFormat | None:
    if wire is None or wire.type != "json_schema":
        return None
    return OutputFormat(schema=wire.schema if is_set(wire.schema) else NONE, name=wire.name or "")


def _read_user(fields: Fields, extras: dict[str, Raw]) -> str:
    """`metadata.user_id`; what else metadata holds stays."""
    raw = fields.raw("metadata")
    if raw is None:
        return ""
    metadata = decode_at(_object, raw, "metadata")
    user = metadata.pop("user_id", None)
    if metadata:
        extras["metadata"] = raw
    return decode_at(_string, user, "metadata.user_id") if user is not None and is_set(user) else ""
