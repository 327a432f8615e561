"""A `Request` to a Chat Completions body for one target.

What the target takes is in its `Traits`; what it does not is clamped, brought to the nearest or left out, and said in
the losses. Nothing is generated and nothing reordered: the same history gives the same bytes, and the tools a
`ToolReference` loads come after the constant ones in the order of their first mention, so that the prompt keeps its
prefix (P80, CLIENTS.md 6, 7).
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct
from msgspec.structs import replace

from ...neutral.parts import NONE
from ...neutral.request import HostedTool, OutputFormat, Request, Sampling, Tool, ToolChoice
from ...neutral.traits import Traits
from ..hosted.offer import has_hosted
from ..memory import Latest
from ..not_carried import NOT_CARRIED
from ..offered import in_prompt, loaded
from ..structured import instructed
from ..written import Loss, Written
from .forced import call_schema, forced, told
from .identifiers import write_name, write_user
from .types import DIALECT, SEARCH, encode
from .write_messages import write_messages
from .write_thinking import write_thinking

OWN_SEARCH = (DIALECT, SEARCH)
_NO_WISH = Sampling()
_NO_SCHEMA = Raw(b'{"type":"object","properties":{}}')


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for the target's `model`."""
    must = forced(request, traits)
    before: list[Loss] = []
    if must:
        request, before = _as_call(request, must, traits)
    if request.output is not None:
        takes = traits.output_schema
        request, in_words = instructed(request, schemas=takes == "schema", objects=takes != "none")
        before += in_words
    messages, losses = write_messages(request, traits)
    losses += before
    body: dict[str, Any] = {"model": model, "messages": messages}
    if request.tools:
        body |= _tools(request, traits, losses)
    body |= _limits(request, traits, losses)
    if request.sampling != _NO_WISH:
        body |= _sampling(request, traits, losses)
    body |= write_thinking(request, traits, body.get(traits.max_tokens_field), losses)
    if request.output is not None:
        body |= _output(request.output, traits)
    _add_others(body, request, traits, losses)
    return Written(encode(body), tuple(losses), as_call=bool(must))


def _add_others(body: dict[str, Any], request: Request, traits: Traits, losses: list[Loss]) -> None:
    """What many requests do not have."""
    if request.user:
        body |= _identity(request, traits)
    if request.stream:
        body["stream"] = True
        if traits.stream_usage:
            body["stream_options"] = {"include_usage": True}
    for name, raw in request.extras.get(DIALECT, {}).items():
        body.setdefault(name, raw)
    if has_hosted(request):
        body |= _search(request, traits, losses)
    if request.extras:
        losses += _foreign(request)


def _as_call(request: Request, must: tuple[Tool, ...], traits: Traits) -> tuple[Request, list[Loss]]:
    """The request for an answer that is a call of one of these tools, and what that costs."""
    losses = [] if request.output is None else [Loss("output", "an answer that must be a call has no other format")]
    if not traits.tools:
        losses.append(Loss("tools", "this model has no tools; those that it must call are told in words"))
        request = told(replace(request, tools=()), must)
    output = OutputFormat(call_schema(must), name="call")
    return replace(request, output=output, tool_choice=ToolChoice("none")), losses


def _tools(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    """`tools` and what goes with them."""
    if not traits.tools:
        losses.append(Loss("tools", "this model has no tools"))
        return {}
    written, lost = _definitions(_Offer(request.tools, loaded(request), traits))
    losses += lost
    return {"tools": written, **_tool_choice(request, traits, losses)} if written is not NONE else {}


class _Offer(Struct, frozen=True):
    """All that the definitions depend on."""

    tools: tuple[Tool | HostedTool, ...]
    loaded: tuple[str, ...]
    """Deferred tools that the history names, in order of first mention."""
    traits: Traits


def _same(one: _Offer, other: _Offer) -> bool:
    # The reader gives the same object for the same definitions; comparing them would cost as much as writing them.
    return one.tools is other.tools and one.loaded == other.loaded and one.traits == other.traits


def _write_definitions(offer: _Offer) -> tuple[Raw, tuple[Loss, ...]]:
    """The constant tools in the client's order, then the deferred ones the history has loaded."""
    written: list[object] = []
    losses: list[Loss] = []
    for number, tool in in_prompt(offer.tools, offer.loaded):
        if isinstance(tool, Tool):
            written.append(_tool(number, tool, offer.traits, losses))
        elif (tool.dialect, tool.type) == OWN_SEARCH:
            continue  # it has a field of its own
        elif tool.dialect == DIALECT:
            written.append(tool.raw)
        else:
            losses.append(Loss(f"tools[{number}]", f"the hosted tool '{tool.name}' exists only at its provider"))
    return Raw(encode(written)) if written else NONE, tuple(losses)


_definitions = Latest(_write_definitions, _same)


def _tool(number: int, tool: Tool, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    name = write_name(tool.name)
    if name != tool.name:
        losses.append(Loss(f"tools[{number}].name", f"'{tool.name}' is no legal function name and became '{name}'"))
    function: dict[str, object] = {"name": name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema if len(tool.schema) else _NO_SCHEMA
    if tool.strict is not None and traits.strict_tools:
        function["strict"] = tool.strict
    elif tool.strict:
        losses.append(Loss(f"tools[{number}].strict", "this model is not held to the schemas of tools"))
    return {"type": "function", "function": function}


def _tool_choice(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    """`tool_choice` and `parallel_tool_calls` (P60)."""
    choice = request.tool_choice
    if choice is None:
        return {}
    fields: dict[str, object] = {}
    if traits.tool_choice and choice.mode in ("any", "named") and not traits.forced_tools:
        fields["tool_choice"] = "auto"
        losses.append(Loss("tool_choice", "this model cannot be made to call a tool"))
    elif traits.tool_choice:
        named = {"type": "function", "function": {"name": write_name(choice.name)}}
        fields["tool_choice"] = {"any": "required", "named": named}.get(choice.mode, choice.mode)
    elif choice.mode != "auto":
        losses.append(Loss("tool_choice", "this model cannot be told which tool to call"))
    if choice.parallel is not None:
        if traits.parallel_tools:
            fields["parallel_tool_calls"] = choice.parallel
        elif not choice.parallel:
            losses.append(Loss("tool_choice.parallel", "this model cannot be kept from parallel calls"))
    return fields


def _limits(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    """The longest answer, within what the model can write (P63), and stop sequences (P64)."""
    fields: dict[str, object] = {}
    if request.max_tokens is not None:
        cap = traits.max_output
        fields[traits.max_tokens_field] = request.max_tokens if cap is None else min(request.max_tokens, cap)
    stop = request.stop[: traits.max_stop] if traits.stop_field else ()
    if stop:
        fields["stop"] = list(stop)
    if len(stop) < len(request.stop):
        losses.append(Loss("stop", f"this model takes {len(stop)} of {len(request.stop)} stop sequences"))
    return fields


def _sampling(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name in request.sampling.__struct_fields__:
        value = getattr(request.sampling, name)
        if name == "top_p" and value is not None and traits.one_sampling and "temperature" in fields:
            losses.append(Loss("sampling.top_p", "this model takes temperature or top_p, not both"))
        elif value is not None and name in traits.sampling:
            fields[name] = value
        elif value is not None:
            losses.append(Loss(f"sampling.{name}", f"this model does not take {name}"))
    return fields


def _output(output: OutputFormat, traits: Traits) -> dict[str, object]:
    """`response_format`, as far as the model can be held to it; the rest was told in words."""
    if traits.output_schema == "none":
        return {}
    if not bytes(output.schema) or traits.output_schema == "object":
        return {"response_format": {"type": "json_object"}}
    wire: dict[str, object] = {"name": write_name(output.name or "answer")}
    if output.description:
        wire["description"] = output.description
    wire["schema"] = output.schema
    if output.strict is not None:
        wire["strict"] = output.strict
    return {"response_format": {"type": "json_schema", "json_schema": wire}}


def _search(request: Request, traits: Traits, losses: list[Loss]) -> dict[str, object]:
    """The search that is a field, for a provider that runs it."""
    asked = [tool for tool in request.tools if isinstance(tool, HostedTool) and (tool.dialect, tool.type) == OWN_SEARCH]
    if asked and not traits.web_tools:
        losses.append(Loss(SEARCH, "nobody searches the web for this model"))
        return {}
    return {SEARCH: asked[0].raw} if asked else {}


def _identity(request: Request, traits: Traits) -> dict[str, object]:
    """The end-user id and the key for prompt caching, both from the client's id; its own key wins (P73)."""
    names = traits.metadata_user, traits.cache_key
    said = request.extras.get(DIALECT, {})
    return {name: write_user(request.user) for name in names if name and name not in said}


def _foreign(request: Request) -> list[Loss]:
    """Fields only another dialect has, but for those nobody misses."""
    return [
        Loss(name, f"this field of {dialect} has no place in chat completions")
        for dialect, fields in request.extras.items()
        if dialect != DIALECT
        for name in fields
        if name not in NOT_CARRIED.get(dialect, ())
    ]
