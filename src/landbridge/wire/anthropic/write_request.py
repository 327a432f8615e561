"""A `Request` to the body of a Messages request.

Deterministic and byte-stable: the same history gives the same bytes, and nothing is generated. What Anthropic refuses
is brought into the form it takes, and what it cannot take at all is a loss.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw, Struct

from ...neutral.parts import NONE, ToolCall
from ...neutral.request import HostedTool, Request, Tool, ToolChoice
from ...neutral.thinking import settle
from ...neutral.traits import Traits
from ..memory import Latest
from ..not_carried import NOT_CARRIED
from ..structured import instructed
from ..written import Loss, Written
from .identifiers import write_name
from .turns import Turn, arrange, as_words
from .types import DIALECT, encode
from .write_blocks import Block, BlockWriter, Lose
from .write_thinking import THOUGHTS, without_clearing, write_sampling, write_thinking

DEFAULT_MAX_TOKENS = 32_000
"""`max_tokens` is required; a client of another dialect need not say one."""
EMPTY_SCHEMA = Raw(b'{"type":"object","properties":{}}')
EMPTY_TURN = "[no content]"


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for `model`, and what it could not carry."""
    blocks = BlockWriter(traits)
    lose = blocks.lose
    # There is no mode for JSON of any shape.
    request, told = instructed(request, schemas=traits.output_schema == "schema", objects=False)
    blocks.losses += told
    messages = _messages(request, traits, blocks)
    body: Block = {"model": model, "messages": messages}
    if system := [block for text in request.system if (block := blocks.write(text, "system"))]:
        body["system"] = system
    body |= _tools(request, traits, lose)
    if request.user:
        body["metadata"] = {"user_id": request.user}
    most = traits.max_output or 1 << 62
    body["max_tokens"] = max_tokens = min(request.max_tokens or traits.max_output or DEFAULT_MAX_TOKENS, most)
    wish, lost = settle(request.reasoning, traits, max_tokens)
    if lost:
        lose("reasoning", lost)
    # Where there is no room for a number of tokens nothing need be said: who takes numbers thinks only when told to.
    thinking = write_thinking(wish, request, messages, lose) if not lost or wish.mode != "off" else None
    thinks = thinking["type"] != "disabled" if thinking is not None else traits.thinks == "always"
    if thinking is not None:
        body["thinking"] = thinking
    body |= write_sampling(request, traits, thinks, lose)
    body |= _stop(request, traits, lose)
    body |= _output(request, wish.effort, traits)
    body |= _extras(request, thinks, lose)
    if request.stream:
        body["stream"] = True
    return Written(encode(body), tuple(blocks.losses))


def _messages(request: Request, traits: Traits, blocks: BlockWriter) -> list[Block]:
    fold = traits.system_turns == "fold" or traits.alternate
    said = request.messages if traits.tools else as_words(request.messages)
    return [{"role": turn.role, "content": _content(turn, blocks)} for turn in arrange(said, blocks.lose, fold)]


def _content(turn: Turn, blocks: BlockWriter) -> list[Block | Raw]:
    written = [block for path, part in turn.parts if (block := blocks.write(part, path)) is not None]
    last = written[-1] if written else None
    # An emptied turn is replaced, not removed: the order of roles stays (P44). Thinking cannot be the end of a turn.
    if last is None or (isinstance(last, dict) and last["type"] in THOUGHTS):
        written.append({"type": "text", "text": EMPTY_TURN})
    return written


def _tools(request: Request, traits: Traits, lose: Lose) -> Block:
    if request.tools and not traits.tools:
        lose("tools", "this model knows no tools")
        return {}
    if not request.tools:
        return _known_by_history(request) if traits.tools else {}
    tools, losses = _definitions(_Offer(request.tools, traits.strict_tools))
    for loss in losses:
        lose(loss.path, loss.why)
    if tools is NONE:
        return {}
    choice = None if request.tool_choice is None else _choice(request.tool_choice, traits, lose)
    return {"tools": tools, "tool_choice": choice} if choice else {"tools": tools}


def _known_by_history(request: Request) -> Block:
    """For a request without tools whose history has calls: the API wants these defined, though none may be called."""
    names = dict.fromkeys(
        part.name for message in request.messages for part in message.parts if isinstance(part, ToolCall)
    )
    if not names:
        return {}
    tools = [{"name": write_name(name), "input_schema": EMPTY_SCHEMA} for name in names]
    return {"tools": tools, "tool_choice": {"type": "none"}}


class _Offer(Struct, frozen=True):
    """All that the definitions depend on."""

    tools: tuple[Tool | HostedTool, ...]
    strict: bool


def _same(one: _Offer, other: _Offer) -> bool:
    # Readers give the same object for the same definitions; comparing them would cost as much as writing them.
    return one.tools is other.tools and one.strict == other.strict


def _write_definitions(offer: _Offer) -> tuple[Raw, tuple[Loss, ...]]:
    losses: list[Loss] = []
    written = [_tool(tool, number, offer.strict, losses) for number, tool in enumerate(offer.tools)]
    tools = [tool for tool in written if tool is not None]
    return Raw(encode(tools)) if tools else NONE, tuple(losses)


_definitions = Latest(_write_definitions, _same)


def _tool(tool: Tool | HostedTool, number: int, strict: bool, losses: list[Loss]) -> Block | Raw | None:
    if isinstance(tool, HostedTool):
        if tool.dialect == DIALECT:
            return tool.raw
        losses.append(Loss(f"tools[{number}]", f"'{tool.name or tool.type}' is run by {tool.dialect} itself"))
        return None
    name = write_name(tool.name)
    if name != tool.name:
        losses.append(Loss(f"tools[{number}].name", f"'{tool.name}' is no legal tool name and became '{name}'"))
    block: Block = {"name": name}
    if tool.description:
        block["description"] = tool.description
    block["input_schema"] = tool.schema if len(tool.schema) else EMPTY_SCHEMA
    if tool.strict is not None and strict:
        block["strict"] = tool.strict
    elif tool.strict:
        losses.append(Loss(f"tools[{number}].strict", "this model is not held to the schemas of tools"))
    if tool.deferred:
        block["defer_loading"] = True
    if len(tool.cache):
        block["cache_control"] = tool.cache
    return {**block, **tool.extras} if tool.dialect in ("", DIALECT) else block


def _choice(choice: ToolChoice, traits: Traits, lose: Lose) -> Block | None:
    if not traits.tool_choice:
        if choice.mode != "auto":
            lose("tool_choice", "this model takes no tool_choice")
        return None
    mode = choice.mode
    if mode in ("any", "named") and not traits.forced_tools:
        lose("tool_choice", "this model cannot be made to call a tool")
        mode = "auto"
    block: Block = {"type": "tool" if mode == "named" else mode}
    if mode == "named":
        block["name"] = write_name(choice.name)
    if choice.parallel is not None and mode != "none":
        if traits.parallel_tools:
            block["disable_parallel_tool_use"] = not choice.parallel
        elif not choice.parallel:
            lose("tool_choice.parallel", "this model takes no disable_parallel_tool_use")
    return block


def _stop(request: Request, traits: Traits, lose: Lose) -> Block:
    """Stop sequences; blank ones are refused by the API."""
    wanted: Sequence[str] = [stop for stop in request.stop if stop.strip()] if traits.stop_field else ()
    if len(wanted) < len(request.stop):
        lose("stop", "blank stop sequences are refused" if traits.stop_field else "this model takes no stop sequences")
    return {"stop_sequences": wanted} if wanted else {}


def _output(request: Request, effort: str, traits: Traits) -> Block:
    config = Block()
    if effort:
        config["effort"] = "low" if effort == "minimal" else effort
    if traits.output_schema == "schema" and request.output is not None and bytes(request.output.schema):
        config["format"] = {"type": "json_schema", "schema": request.output.schema}
    for name, raw in request.extras.get(DIALECT, {}).items():
        if name.startswith("output_config."):
            config[name.removeprefix("output_config.")] = raw
    return {"output_config": config} if config else {}


def _extras(request: Request, thinks: bool, lose: Lose) -> Block:
    """The dialect's own fields go back; those of others are lost."""
    fields = Block()
    for dialect, extras in request.extras.items():
        for name, raw in extras.items():
            if dialect != DIALECT:
                if name not in NOT_CARRIED.get(dialect, ()):
                    lose(f"extras.{dialect}.{name}", f"the Messages API has no '{name}'")
            elif name == "context_management" and not thinks:
                fields |= _context_management(raw, lose)
            elif "[" in name:
                lose(f"extras.{dialect}.{name}", "only text can be a system prompt")
            elif "." not in name:
                fields[name] = raw
    return fields


def _context_management(raw: Raw, lose: Lose) -> Block:
    kept = without_clearing(raw)
    if kept is not raw:
        lose("extras.anthropic.context_management", "it clears thinking, and thinking is off")
    return {} if kept is None else {"context_management": kept}
