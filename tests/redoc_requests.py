"""The half of `docs/support.md` that goes: what each client may say, converted for each provider's dialect.

A probe is written in the client's dialect and read as landbridge reads it: if it is not there any more, the dialect has
no such thing. Then it is converted, read again in the target's own dialect, and looked for; no cell is written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Raw
from msgspec.structs import astuple, replace

from landbridge.errors import GatewayError
from landbridge.neutral.parts import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolReference,
    ToolResult,
)
from landbridge.neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.wire.dialects import dialect
from landbridge.wire.hosted.history import unfold
from landbridge.wire.hosted.offer import offer
from tests.redoc_cells import (
    ARGS,
    CHANGED,
    HERE,
    HI,
    LEFT,
    LOSS,
    MARK,
    NONE,
    READ,
    SAYS,
    SCHEMA,
    SILENT,
    TRAITS,
    WORDS,
    YES,
    same_json,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CALLED = Message("assistant", (ToolCall("toolu_1", "Read", ARGS),))
RESULT = ToolResult("toolu_1", (Text("said"),), name="Read")
ANSWER = Raw(b'{"type":"object","properties":{"Ulleungdo":{"type":"string"}},"required":["Ulleungdo"]}')


class Feature(NamedTuple):
    """Something a request can say, and how to see that it arrived."""

    name: str
    probe: Callable[[str, str], Request]
    """`(client, target)`."""
    there: Callable[[Request], object]
    mark: str = MARK
    """What stands in the target's bytes if it is said in words only; empty if words cannot say it."""
    near: Callable[[Request, bytes], object] = lambda request, sent: False
    """Whether the nearest thing that the target has is there (the request as the target reads it, and its bytes)."""
    said: Callable[[Request], object] | None = None
    """How to see that the client said it, if not by `there`."""
    idle: bool = False
    """It means nothing to a target that has no place for it, and is left out without a word."""


def _asks(*parts: Part) -> Callable[[str, str], Request]:
    return _says(Request("m", (Message("user", parts),)))


def _says(request: Request) -> Callable[[str, str], Request]:
    return lambda client, target: replace(request, max_tokens=request.max_tokens or 500)


def _with(**fields: Any) -> Callable[[str, str], Request]:
    return _says(replace(Request("m", (HI,)), **fields))


def _parts(request: Request) -> list[Part]:
    """All parts, those of tool results, too."""
    found: list[Part] = []
    for message in request.messages:
        for part in message.parts:
            found += [part, *part.parts] if isinstance(part, ToolResult) else [part]
    return found


def _has(kind: type[Part], **fields: object) -> Callable[[Request], object]:
    """Whether a part of a kind is there, with these values."""

    def there(request: Request) -> bool:
        parts = [part for part in _parts(request) if isinstance(part, kind)]
        return any(all(getattr(part, name) == value for name, value in fields.items()) for part in parts)

    return there


def _hosted(kind: str, types: Mapping[str, tuple[str, str]]) -> Feature:
    """A tool that the provider runs itself: its type and definition in each dialect that has it."""

    def probe(client: str, target: str) -> Request:
        type, body = types.get(client, ("", ""))
        tools = (HostedTool(client, type, type, Raw(body.encode())),) if type else ()
        return Request("m", (HI,), tools=tools, max_tokens=500)

    def there(request: Request) -> bool:
        return any(isinstance(tool, HostedTool) and tool.type in types[tool.dialect] for tool in request.tools)

    return Feature(f"{kind} (hosted tool)", probe, there)


def _history(*results: ToolResult, calls: tuple[Part, ...] = CALLED.parts) -> Callable[[str, str], Request]:
    """A conversation with calls and their results."""
    return _with(messages=(HI, Message("assistant", calls), Message("user", results)), tools=(READ,))


def _calls(request: Request) -> list[tuple[str, str, bytes]]:
    """The calls in the history, each with its arguments and what its result says."""
    results = {part.id: part for message in request.messages for part in message.parts if isinstance(part, ToolResult)}
    calls = [part for part in _parts(request) if isinstance(part, ToolCall)]
    return [
        (call.name, "".join(part.text for part in results[call.id].parts if isinstance(part, Text)), bytes(call.args))
        for call in calls
        if call.id in results
    ]


def _choice(mode: str, name: str = "") -> Callable[[Request], bool]:
    return lambda request: (
        request.tool_choice is not None
        and (request.tool_choice.mode, request.tool_choice.name)
        == (
            mode,
            name,
        )
    )


def _sampling(name: str, value: float) -> Feature:
    made = replace(Sampling(), **{name: value})
    return Feature(f"`{name}`", _with(sampling=made), lambda request: getattr(request.sampling, name) == value, "")


OTHER = ToolCall("toolu_2", "Read", ARGS)
SECOND = ToolResult("toolu_2", (Text("other"),), name="Read")
CACHE = Raw(b'{"type":"ephemeral"}')

ASKED: Mapping[str, Sequence[Feature]] = {
    "Conversation": (
        Feature("system prompt", _with(system=(Text(MARK),)), lambda request: request.system == (Text(MARK),)),
        Feature(
            "system turn inside",
            _with(messages=(HI, Message("assistant", (Text("a"),)), Message("system", (Text(MARK),)), HI)),
            lambda request: any(message.role == "system" for message in request.messages),
        ),
        Feature("text", _asks(Text(MARK)), _has(Text, text=MARK)),
        Feature("image, inline", _asks(Image(data=PIXEL, media_type="image/png")), _has(Image, data=PIXEL), PIXEL),
        Feature("image, by address", _asks(Image(url="https://x.example/Ulleungdo.png", media_type="image/png")),
                _has(Image, url="https://x.example/Ulleungdo.png")),
        Feature("PDF, inline", _asks(Document(data="JVBERi0=", media_type="application/pdf")),
                _has(Document, data="JVBERi0="), "JVBERi0="),
        Feature("PDF, by address", _asks(Document(url="https://x.example/Ulleungdo.pdf", media_type="application/pdf")),
                _has(Document, url="https://x.example/Ulleungdo.pdf")),
        Feature("text as a document", _asks(Document(text=MARK, media_type="text/plain")), _has(Document, text=MARK)),
        Feature("sound", _asks(Audio("UklGRg==", "wav")), _has(Audio, data="UklGRg=="), "UklGRg=="),
    ),
    "Thinking": (
        Feature("unsigned thinking in the history", _history(RESULT, calls=(Thinking("Dokdo"), *CALLED.parts)),
                _has(Thinking, text="Dokdo"), "Dokdo", idle=True),
        Feature("tokens to think", _with(reasoning=Reasoning("on", 4096), max_tokens=9000),
                lambda request: request.reasoning.budget == 4096, "",
                near=lambda request, _: request.reasoning.effort),
        Feature("effort", _with(reasoning=Reasoning("on", effort="low"), max_tokens=9000),
                lambda request: request.reasoning.effort == "low", ""),
        Feature("no thinking", _with(reasoning=Reasoning("off")), lambda request: request.reasoning.mode == "off", ""),
    ),
    "Tools": (
        Feature("definitions", _with(tools=(READ,)), lambda request: any(
            isinstance(tool, Tool) and tool.name == "Read" and same_json(bytes(tool.schema), bytes(SCHEMA))
            for tool in request.tools)),
        Feature("strict schemas", _with(tools=(replace(READ, strict=True),)), lambda request: any(
            isinstance(tool, Tool) and tool.strict for tool in request.tools), ""),
        Feature("must not call", _with(tools=(READ,), tool_choice=ToolChoice("none")), _choice("none"), ""),
        Feature("must call", _with(tools=(READ,), tool_choice=ToolChoice("any")), _choice("any"), ""),
        Feature("must call this one", _with(tools=(READ, replace(READ, name="W")),
                tool_choice=ToolChoice("named", "Read")), _choice("named", "Read"), ""),
        Feature("one call at a time", _with(tools=(READ,), tool_choice=ToolChoice("auto", parallel=False)),
                lambda request: request.tool_choice is not None and request.tool_choice.parallel is False, ""),
        Feature("calls and results", _history(RESULT), lambda request: [(name, said) for name, said, args
                in _calls(request) if same_json(args, bytes(ARGS))] == [("Read", "said")]),
        Feature("parallel calls", _history(RESULT, SECOND, calls=(*CALLED.parts, OTHER)),
                lambda request: [said for _, said, _ in _calls(request)] == ["said", "other"]),
        Feature("a result is an error", _history(replace(RESULT, is_error=True)),
                _has(ToolResult, is_error=True), "Error: said"),
        Feature("image in a result", _history(replace(RESULT, parts=(Text("said"), Image(data=PIXEL,
                media_type="image/png")))), lambda request: any(isinstance(inner, Image) for part in _parts(request)
                if isinstance(part, ToolResult) for inner in part.parts), near=lambda request, _: any(
                isinstance(part, Image) for part in _parts(request))),
        Feature("tools found by search", _with(messages=(HI, CALLED, Message("user", (
                ToolResult("toolu_1", (ToolReference("Read"),)),))), tools=(replace(READ, deferred=True),)),
                lambda request: any(isinstance(tool, Tool) and tool.name == "Read" for tool in request.tools), "",
                said=_has(ToolReference, name="Read")),
        _hosted("web search", {
            "anthropic": ("web_search_20250305", '{"type":"web_search_20250305","name":"web_search"}'),
            "openai_responses": ("web_search", '{"type":"web_search"}'),
            "gemini": ("googleSearch", '{"googleSearch":{}}'),
        }),
        _hosted("web fetch", {
            "anthropic": ("web_fetch_20250910", '{"type":"web_fetch_20250910","name":"web_fetch"}'),
            "gemini": ("urlContext", '{"urlContext":{}}'),
        }),
        _hosted("running code", {
            "anthropic": ("code_execution_20250825", '{"type":"code_execution_20250825","name":"code_execution"}'),
            "openai_responses": ("code_interpreter", '{"type":"code_interpreter","container":{"type":"auto"}}'),
            "gemini": ("codeExecution", '{"codeExecution":{}}'),
        }),
    ),
    "Form of the answer": (
        Feature("most tokens", _with(max_tokens=777), lambda request: request.max_tokens == 777, ""),
        Feature("stop sequences", _with(stop=(MARK,)), lambda request: request.stop == (MARK,), ""),
        Feature("JSON of a schema", _with(output=OutputFormat(ANSWER, name="x")), lambda request: request.output
                is not None and same_json(bytes(request.output.schema) or b"0", bytes(ANSWER))),
        Feature("any JSON", _with(output=OutputFormat()), lambda request: request.output is not None, "JSON"),
        *(_sampling(name, value) for name, value in {
            "temperature": 0.5, "top_p": 0.5, "top_k": 7, "seed": 7, "presence_penalty": 0.5, "frequency_penalty": 0.5,
        }.items()),
    ),
    "Around it": (
        Feature("cache marks", _with(system=(Text(MARK, cache=CACHE),)),
                lambda request: any(bytes(text.cache) for text in request.system), "", idle=True),
        Feature("end user", _with(user="user-7"), lambda request: request.user == "user-7", "",
                near=lambda _, sent: b'"prompt_cache_key":"user-7"' in sent, idle=True),
    ),
}  # fmt: skip
"""What a client may say."""


def asked_cell(feature: Feature, client: str, target: str) -> str:
    """What becomes of something that a client says."""
    body = dialect(client).write_request(feature.probe(client, target), "m", SAYS[client]).body
    try:
        read = dialect(client).read_request(body)
    except GatewayError:
        return NONE
    if not (feature.said or feature.there)(read):
        return NONE
    offered = offer(unfold(read, target), target, {"search": "", "fetch": ""})
    sent, lost = astuple(dialect(target).write_request(offered.request, "m", TRAITS[target]))[:2]
    arrived = dialect(target).read_request(sent)
    if feature.there(arrived):
        return CHANGED if lost else YES
    if offered.wishes:
        return HERE
    if feature.near(arrived, sent):
        return CHANGED
    if feature.mark and feature.mark.encode() in sent:
        return WORDS
    if lost:
        return LOSS
    return LEFT if feature.idle else SILENT
