"""A `Request` to the body of a Messages request.

Deterministic and byte-stable: the same history gives the same bytes, and nothing is generated. What Anthropic refuses
is brought into the form it takes, and what it cannot take at all is a loss.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw

from ...neutral.parts import Message, Text, Thinking, ToolCall
from ...neutral.request import HostedTool, OutputFormat, Request, Tool, ToolChoice
from ...neutral.traits import Traits
from ..written import Written
from .turns import arrange
from .types import DIALECT, encode
from .write_blocks import Block, Lose, Losses, write_block

DEFAULT_MAX_TOKENS = 32_000
"""`max_tokens` is required; a client of another dialect need not say one."""
MIN_BUDGET = 1024
"""Fewest thinking tokens the API takes."""
BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 31_999}
"""Thinking tokens for an effort that came without a budget."""
EMPTY_SCHEMA = Raw(b'{"type":"object","properties":{}}')
EMPTY_TURN = "[no content]"


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for `model`, and what it could not carry."""
    lose = Losses()
    max_tokens = min(request.max_tokens or traits.max_output or DEFAULT_MAX_TOKENS, traits.max_output or 1 << 62)
    thinking = _thinking(request, max_tokens, lose)
    body: Block = {"model": model, "messages": _messages(request, lose)}
    if system := [block for block in (write_block(text, "system", lose) for text in request.system) if block]:
        body["system"] = system
    written = (_tool(tool, number, traits, lose) for number, tool in enumerate(request.tools))
    if tools := [tool for tool in written if tool is not None]:
        body["tools"] = tools
        if request.tool_choice is not None:
            body["tool_choice"] = _choice(request.tool_choice)
    if request.user:
        body["metadata"] = {"user_id": request.user}
    body["max_tokens"] = max_tokens
    if thinking is not None:
        body["thinking"] = thinking
    elif request.reasoning.mode == "off":
        body["thinking"] = {"type": "disabled"}
    body |= _sampling(request, thinking is not None, lose)
    if request.stop:
        body["stop_sequences"] = [stop for stop in request.stop if stop.strip()]
    body |= _output(request, lose)
    _extras(request, body, lose)
    if request.stream:
        body["stream"] = True
    return Written(encode(body), tuple(lose.all))


def _messages(request: Request, lose: Lose) -> list[Block]:
    written: list[Block] = []
    for number, message in enumerate(arrange(request.messages, lose)):
        blocks = [
            block
            for place, part in enumerate(message.parts)
            if (block := write_block(part, f"messages[{number}].parts[{place}]", lose)) is not None
        ]
        # An emptied turn is replaced, not removed: the order of roles stays (P44).
        written.append({"role": message.role, "content": blocks or [{"type": "text", "text": EMPTY_TURN}]})
    return written


def _tool(tool: Tool | HostedTool, number: int, traits: Traits, lose: Lose) -> Block | Raw | None:
    if isinstance(tool, HostedTool):
        if tool.dialect == DIALECT:
            return tool.raw
        lose(f"tools[{number}]", f"'{tool.name}' is run by {tool.dialect} itself")
        return None
    block: Block = {"name": tool.name}
    if tool.description:
        block["description"] = tool.description
    block["input_schema"] = tool.schema if bytes(tool.schema) else EMPTY_SCHEMA
    if tool.strict is not None and traits.strict_tools:
        block["strict"] = tool.strict
    if tool.deferred:
        block["defer_loading"] = True
    if bytes(tool.cache):
        block["cache_control"] = tool.cache
    return {**block, **tool.extras}


def _choice(choice: ToolChoice) -> Block:
    block: Block = {"type": "tool" if choice.mode == "named" else choice.mode}
    if choice.mode == "named":
        block["name"] = choice.name
    if choice.parallel is not None and choice.mode != "none":
        block["disable_parallel_tool_use"] = not choice.parallel
    return block


def _thinking(request: Request, max_tokens: int, lose: Lose) -> Block | None:
    wish = request.reasoning
    if wish.mode in ("unset", "off"):
        return None
    if request.tool_choice is not None and request.tool_choice.mode in ("any", "named"):
        lose("reasoning", "a model that must call a tool cannot think first, so thinking is off")
        return None
    if not _can_think(request.messages):
        # With thinking on, a tool turn must begin with the thinking that led to it (P56).
        lose("reasoning", "the history has a tool call without its thinking, so thinking is off")
        return None
    shown: Block = {"display": wish.display} if wish.display and wish.display != "auto" else {}
    if wish.mode == "adaptive":
        return {"type": "adaptive", **shown}
    budget = min(wish.budget or BUDGETS.get(wish.effort, BUDGETS["medium"]), max_tokens - 1)
    if budget < MIN_BUDGET:
        lose("reasoning", f"max_tokens leaves no room for {MIN_BUDGET} tokens of thinking")
        return None
    return {"type": "enabled", "budget_tokens": budget, **shown}


def _can_think(messages: Sequence[Message]) -> bool:
    """Whether the last assistant turn, if it calls tools, begins with thinking Anthropic signed."""
    for message in reversed(messages):
        if message.role == "assistant":
            first = message.parts[0] if message.parts else Text("")
            calls = any(isinstance(part, ToolCall) for part in message.parts)
            return not calls or (isinstance(first, Thinking) and first.origin == DIALECT)
    return True


def _sampling(request: Request, thinks: bool, lose: Lose) -> Block:
    wish, body = request.sampling, Block()
    if wish.temperature is not None:
        if thinks and wish.temperature != 1:
            lose("sampling.temperature", "a model that thinks takes no temperature")
        else:
            if wish.temperature > 1:
                lose("sampling.temperature", "the highest temperature is 1")
            body["temperature"] = min(1.0, max(0.0, wish.temperature))
    if wish.top_p is not None and not (thinks and wish.top_p < 0.95):
        body["top_p"] = wish.top_p
    if wish.top_k is not None and not thinks:
        body["top_k"] = wish.top_k
    for name in ("seed", "presence_penalty", "frequency_penalty"):
        if getattr(wish, name):
            lose(f"sampling.{name}", "the Messages API has no such field")
    return body


def _output(request: Request, lose: Lose) -> Block:
    config = Block()
    effort = request.reasoning.effort
    if effort and request.reasoning.mode in ("unset", "adaptive"):
        config["effort"] = "low" if effort == "minimal" else effort
    if (schema := _schema(request.output, lose)) is not None:
        config["format"] = {"type": "json_schema", "schema": schema}
    for name, raw in request.extras.get(DIALECT, {}).items():
        if name.startswith("output_config."):
            config[name.removeprefix("output_config.")] = raw
    return {"output_config": config} if config else {}


def _schema(output: OutputFormat | None, lose: Lose) -> Raw | None:
    if output is None:
        return None
    if not bytes(output.schema):
        lose("output", "the Messages API takes JSON answers only by a schema")
        return None
    return output.schema


def _extras(request: Request, body: Block, lose: Lose) -> None:
    """The dialect's own fields go back; those of others are lost."""
    for dialect, fields in request.extras.items():
        for name, raw in fields.items():
            if dialect != DIALECT:
                lose(f"extras.{dialect}.{name}", f"the Messages API has no '{name}'")
            elif name == "context_management" and body.get("thinking", _OFF) == _OFF:
                lose("extras.anthropic.context_management", "it clears thinking, and thinking is off")  # P48
            elif "." not in name and "[" not in name:
                body[name] = raw


_OFF: Block = {"type": "disabled"}
