"""Tools of a request to `tools` and `toolConfig`.

The constant functions come first, in the client's order, then those that the history has loaded, in the order of their
first mention, so that the prompt keeps its prefix (P80); then Google's own tools.
"""

from __future__ import annotations

from msgspec import Raw, Struct

from ...neutral.parts import NONE
from ...neutral.request import HostedTool, Request, Tool
from ...neutral.traits import Traits
from ..memory import Latest
from ..offered import in_prompt, loaded
from ..written import Loss
from .identifiers import read_name, write_name
from .schema import to_parameters
from .types import DIALECT, encode

Wire = dict[str, object]


class _Offer(Struct, frozen=True):
    """All that the definitions depend on."""

    tools: tuple[Tool | HostedTool, ...]
    loaded: tuple[str, ...]
    """Deferred tools that the history names, in order of first mention."""
    schema: str


def write_tools(request: Request, traits: Traits, losses: list[Loss]) -> Wire:
    """`tools` and what goes with them."""
    if not request.tools:
        return {}
    if not traits.tools:
        losses.append(Loss("tools", "this model has no tools"))
        return {}
    written, lost = _definitions(_Offer(request.tools, loaded(request), traits.schema))
    losses += lost
    return {"tools": written} if written is not NONE else {}


def _same(one: _Offer, other: _Offer) -> bool:
    # The reader gives the same object for the same definitions; comparing them would cost as much as writing them.
    return one.tools is other.tools and one.loaded == other.loaded and one.schema == other.schema


def _write_definitions(offer: _Offer) -> tuple[Raw, tuple[Loss, ...]]:
    functions: list[Wire] = []
    hosted: list[object] = []
    losses: list[Loss] = []
    for number, tool in in_prompt(offer.tools, offer.loaded):
        if isinstance(tool, Tool):
            functions.append(_function(number, tool, offer.schema, losses))
        elif tool.dialect == DIALECT:
            hosted.append(tool.raw)
        else:
            losses.append(Loss(f"tools[{number}]", f"the hosted tool '{tool.name}' exists only at its provider"))
    written = [*([{"functionDeclarations": functions}] if functions else []), *hosted]
    return Raw(encode(written)) if written else NONE, tuple(losses)


_definitions = Latest(_write_definitions, _same)


def _function(number: int, tool: Tool, schema: str, losses: list[Loss]) -> Wire:
    path = f"tools[{number}]"
    name = write_name(tool.name)
    if read_name(name) != tool.name:
        losses.append(Loss(f"{path}.name", f"'{tool.name}' is no legal function name and became '{name}'"))
    if tool.strict:
        losses.append(Loss(f"{path}.strict", "Gemini is not held to the schemas of tools"))
    wire: Wire = {"name": name}
    if tool.description:
        wire["description"] = tool.description
    if schema == "json":
        if len(tool.schema):
            wire["parametersJsonSchema"] = tool.schema
    else:
        converted = to_parameters(tool.schema)
        losses += [Loss(f"{path}.schema{where}", why) for where, why in converted.lost]
        if bytes(converted.schema):
            wire["parameters"] = converted.schema
    return {**wire, **(tool.extras if tool.dialect == DIALECT else {})}


def write_choice(request: Request, traits: Traits, losses: list[Loss]) -> Wire:
    """`toolConfig`: which tool must be called (P60)."""
    choice = request.tool_choice
    own = request.extras.get(DIALECT, {})
    config: Wire = {
        name.removeprefix("toolConfig."): raw for name, raw in own.items() if name.startswith("toolConfig.")
    }
    if choice is not None and choice.parallel is False:
        losses.append(Loss("tool_choice.parallel", "Gemini cannot be kept from parallel calls"))
    if choice is None or not request.tools or not traits.tools:
        return {"toolConfig": config} if config else {}
    forced = choice.mode in ("any", "named")
    if not traits.tool_choice or (forced and not traits.forced_tools):
        if choice.mode != "auto":
            losses.append(Loss("tool_choice", "this model cannot be told which tool to call"))
        return {"toolConfig": config} if config else {}
    calling: Wire = {"mode": "ANY" if forced else choice.mode.upper()}
    if choice.mode == "named":
        calling["allowedFunctionNames"] = [write_name(choice.name)]
    return {"toolConfig": {"functionCallingConfig": calling, **config}}
