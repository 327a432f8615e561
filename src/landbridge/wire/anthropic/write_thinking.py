"""Whether the model thinks, and what depends on it: the sampling numbers and the edits that clear thinking.

With a budget (`enabled`) the API wants the running turn to have begun with thinking, and no tool to be forced; a model
that decides by itself (`adaptive`) is bound by neither. Anthropic's pages on thinking, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from ...neutral.request import Reasoning, Request
from ...neutral.traits import Traits
from .types import decode_raws, encode, word
from .write_blocks import Block, Lose

SUMMARIES = frozenset({"auto", "concise", "detailed"})
"""What other dialects call a summary of the thinking."""
THOUGHTS = ("thinking", "redacted_thinking")
"""Types of blocks that are thinking."""


class _Typed(msgspec.Struct):
    type: object = None


_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_typed = msgspec.json.Decoder(_Typed).decode


def write_thinking(wish: Reasoning, request: Request, messages: Sequence[Block], lose: Lose) -> Block | None:
    """The `thinking` field for these messages and a wish that is settled; None leaves it out."""
    shown = {"display": "summarized" if wish.display in SUMMARIES else wish.display} if wish.display else {}
    match wish.mode:
        case "unset":
            return None
        case "off":
            return {"type": "disabled"}
    if wish.budget is None:
        return {"type": "adaptive", **shown}
    if request.tool_choice is not None and request.tool_choice.mode in ("any", "named"):
        lose("reasoning", "a model that must call a tool cannot think first, so thinking is off")
        return None
    if not _may_think(messages):
        lose("reasoning", "the history has a tool call without its thinking, so thinking is off")
        return None
    return {"type": "enabled", "budget_tokens": wish.budget, **shown}


def _may_think(messages: Sequence[Block]) -> bool:
    """Whether the running turn, if it is one that calls tools, has thinking before its calls (P56).

    A turn is all steps from one word of the user to the next: without interleaved thinking a model thinks in the first
    step only, and the others rightly begin with a call.
    """
    calling = False
    for message in reversed(messages):
        if message["role"] == "system":
            continue
        types = list(map(_type, _content(message)))
        if message["role"] == "assistant":
            if types and types[0] in THOUGHTS:
                return True
            calling = calling or "tool_use" in types
            if "tool_use" not in types:
                break
        elif calling and set(types) != {"tool_result"}:
            break
    return not calling


def _content(message: Block) -> Sequence[object]:
    content = message["content"]
    assert isinstance(content, list)
    return content


def _type(block: object) -> object:
    return block.get("type") if isinstance(block, dict) else None


def write_sampling(request: Request, traits: Traits, thinks: bool, lose: Lose) -> Block:
    """The sampling numbers, as far as the model takes them: a thinking one takes few."""
    wish, body = request.sampling, Block()
    fits = {
        "temperature": not thinks or wish.temperature == 1,
        "top_p": not thinks or (wish.top_p or 0) >= 0.95,
        "top_k": not thinks,
    }
    for name in ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"):
        value = getattr(wish, name)
        if value is None:
            continue
        if name not in fits:
            if value:
                lose(f"sampling.{name}", "the Messages API has no such field")
        elif not _takes(traits, name):
            if (name, value) != ("temperature", 1):  # that is what it does anyway
                lose(f"sampling.{name}", "this model takes no such number")
        elif not fits[name]:
            lose(f"sampling.{name}", "a model that thinks takes no such number")
        else:
            body[name] = value
    if "temperature" in body and wish.temperature is not None and not 0 <= wish.temperature <= 1:
        lose("sampling.temperature", "temperatures go from 0 to 1")
        body["temperature"] = min(1.0, max(0.0, wish.temperature))
    if traits.one_sampling and "temperature" in body and body.pop("top_p", None) is not None:
        lose("sampling.top_p", "this model takes temperature or top_p, not both")
    return body


def _takes(traits: Traits, name: str) -> bool:
    """Whether the target takes a number. OpenAI has no `top_k`: whoever takes any number takes that one too."""
    return name in traits.sampling or (name == "top_k" and bool(traits.sampling))


def without_clearing(raw: Raw) -> Raw | None:
    """`context_management` without the edits that clear thinking (P48); None if nothing is left."""
    try:
        fields = _decode_object(raw)
        edits = decode_raws.decode(fields.get("edits", b"[]"))
        kept = [edit for edit in edits if not _clears(edit)]
    except msgspec.DecodeError:
        return raw
    if len(kept) == len(edits):
        return raw
    if not kept and len(fields) == 1:
        return None
    return Raw(encode({**fields, "edits": kept}))


def _clears(edit: Raw) -> bool:
    return word(_decode_typed(edit).type).startswith("clear_thinking")
