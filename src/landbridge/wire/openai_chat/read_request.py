"""The body of a Chat Completions request to a `Request`.

Known fields are read, all others stay as raw JSON in `extras["openai_chat"]`: a field nobody knows is never an error.
What is wrong is said with its path, as OpenAI does.
"""

from __future__ import annotations

import operator

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE
from ...neutral.request import HostedTool, OutputFormat, Request, Sampling, Tool, ToolChoice
from ..fields import FAULTS, Fields, decode_at, decode_body, is_set
from ..memory import Latest
from .read_messages import read_messages
from .read_thinking import read_thinking
from .types import (
    DIALECT,
    SEARCH,
    NamedChoice,
    PlainTool,
    ResponseFormat,
    StreamOptions,
    WireFunction,
    WireTool,
    decode_str,
)

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_number = msgspec.json.Decoder(int | float)
_flag = msgspec.json.Decoder(bool)
_strings = msgspec.json.Decoder(str | list[str])
_list = msgspec.json.Decoder(list[Raw])
_object = msgspec.json.Decoder(dict[str, Raw])
_tool = msgspec.json.Decoder(WireTool)
_plain_tools = msgspec.json.Decoder(list[PlainTool])
_function = msgspec.json.Decoder(WireFunction)
_choice = msgspec.json.Decoder(str | NamedChoice)
_format = msgspec.json.Decoder(ResponseFormat)
_stream_options = msgspec.json.Decoder(StreamOptions)
_named_choice = msgspec.json.Decoder(NamedChoice)

REMEMBERED = 1 << 20
"""Bytes of tool definitions that are kept in case they come again."""


def read_request(body: bytes) -> Request:
    """The request in `body`. Raises `BadRequest`."""
    try:
        return _read(Fields(decode_body(body)))
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body has a broken string: {error}.") from None


def _read(fields: Fields) -> Request:
    model = fields.take("model", _string)
    raw_messages = fields.take("messages", _list)
    if model is None:
        raise BadRequest.at("model", " is missing.", remedy="Name the model to use.")
    if raw_messages is None:
        raise BadRequest.at("messages", " is missing.", remedy="Send a list of messages.")
    if (fields.take("n", _integer) or 1) > 1:
        raise BadRequest.at(
            "n", ": only one choice is supported across dialects.", remedy="Leave n out or set it to 1."
        )
    system, messages = read_messages(raw_messages)
    options = fields.take("stream_options", _stream_options)
    stream = fields.take("stream", _flag) or False
    stop = fields.take("stop", _strings)
    # The newer name wins where a client sends both.
    limits = [fields.take(name, _integer) for name in ("max_completion_tokens", "max_tokens")]
    return Request(
        model=model,
        messages=messages,
        system=system,
        tools=_with_search(_read_tools(fields), fields),
        tool_choice=_read_choice(fields),
        sampling=_read_sampling(fields),
        max_tokens=next((limit for limit in limits if limit is not None), None),
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        reasoning=read_thinking(fields),
        output=_read_output(fields),
        stream=stream,
        stream_usage=not stream or bool(options and options.include_usage),
        user=fields.take("user", _string) or "",
        extras=_rest(fields),
    )


def _rest(fields: Fields) -> dict[str, dict[str, Raw]]:
    """What nobody took, as extras of the dialect."""
    rest = {name: Raw(bytes(raw)) for name, raw in fields.rest().items()}
    return {DIALECT: rest} if rest else {}


def _read_tools(fields: Fields) -> tuple[Tool | HostedTool, ...]:
    definitions = fields.raw("tools")
    functions = fields.take("functions", _list)
    if definitions is None:
        tools: tuple[Tool | HostedTool, ...] = ()
    else:
        # A copy: what is remembered must not keep the whole body.
        array = bytes(definitions)
        tools = _tools_of(array) if len(array) <= REMEMBERED else _decode_tools(array)
    if functions is None:
        return tools
    return *tools, *(_read_function(raw, f"functions[{at}]", Raw(b"")) for at, raw in enumerate(functions))


def _with_search(tools: tuple[Tool | HostedTool, ...], fields: Fields) -> tuple[Tool | HostedTool, ...]:
    """The tools, and the search that this dialect has a field of its own for."""
    raw = fields.raw(SEARCH)
    if raw is None:
        return tools
    decode_at(_object, raw, SEARCH)
    return *tools, HostedTool(DIALECT, SEARCH, "web_search", Raw(bytes(raw)))


def _decode_tools(array: bytes) -> tuple[Tool | HostedTool, ...]:
    try:
        return tuple([_function_of(tool.function, tool.cache_control) for tool in _plain_tools.decode(array)])
    except FAULTS:
        raws = decode_at(_list, array, "tools")
    return tuple([_read_tool(raw, f"tools[{number}]") for number, raw in enumerate(raws)])


_tools_of = Latest(_decode_tools, operator.eq)


def _read_tool(raw: Raw, path: str) -> Tool | HostedTool:
    wire = decode_at(_tool, raw, path)
    if wire.type != "function":
        return HostedTool(DIALECT, wire.type, wire.name if isinstance(wire.name, str) else wire.type, raw)
    if not is_set(wire.function):
        raise BadRequest.at(f"{path}.function", " is missing.")
    return _read_function(wire.function, f"{path}.function", wire.cache_control)


def _read_function(raw: Raw, path: str, cache: Raw) -> Tool:
    return _function_of(decode_at(_function, raw, path), cache)


def _function_of(wire: WireFunction, cache: Raw) -> Tool:
    return Tool(
        name=wire.name,
        description=wire.description or "",
        schema=wire.parameters if is_set(wire.parameters) else NONE,
        strict=wire.strict,
        cache=cache if is_set(cache) else NONE,
    )


_MODES = {
    "auto": ToolChoice("auto"),
    "required": ToolChoice("any"),
    "any": ToolChoice("any"),
    "none": ToolChoice("none"),
}


def _read_choice(fields: Fields) -> ToolChoice | None:
    wish = fields.take("tool_choice", _choice)
    legacy = fields.raw("function_call")
    parallel = fields.take("parallel_tool_calls", _flag)
    if wish is None and legacy is not None:
        wish = _read_legacy_choice(legacy)
    if wish is None:
        return None if parallel is None else ToolChoice(parallel=parallel)
    choice = _MODES.get(wish) if isinstance(wish, str) else _read_named(wish)
    if choice is None:
        raise BadRequest.at("tool_choice", f": '{wish}' is no choice; use auto, required, none or a function.")
    return ToolChoice(choice.mode, choice.name, parallel)


def _read_legacy_choice(raw: Raw) -> str | NamedChoice:
    """`function_call`: a mode, or `{"name": ...}`."""
    return decode_str(raw) if bytes(raw)[:1] == b'"' else decode_at(_named_choice, raw, "function_call")


def _read_named(wish: NamedChoice) -> ToolChoice:
    name = wish.function.name if wish.function is not None else wish.name
    if isinstance(name, str) and name:
        return ToolChoice("named", name)
    # `allowed_tools` and whatever comes next: the model may choose.
    return ToolChoice("auto")


def _read_sampling(fields: Fields) -> Sampling:
    return Sampling(
        temperature=fields.take("temperature", _number),
        top_p=fields.take("top_p", _number),
        top_k=fields.take("top_k", _integer),
        seed=fields.take("seed", _integer),
        presence_penalty=fields.take("presence_penalty", _number),
        frequency_penalty=fields.take("frequency_penalty", _number),
    )


def _read_output(fields: Fields) -> OutputFormat | None:
    wish = fields.take("response_format", _format)
    if wish is None or wish.type not in ("json_schema", "json_object"):
        return None
    schema = wish.json_schema
    if schema is None or wish.type == "json_object":
        return OutputFormat()
    return OutputFormat(
        schema=Raw(bytes(schema.schema)),
        name=schema.name,
        description=schema.description or "",
        strict=schema.strict,
    )
