"""The field that asks a target of a chat dialect to think: each provider has its own (P51).

Words and numbers are settled before (`neutral/thinking.py`); here they are only put where they belong. Thinking that is
off is never sent together with an effort: providers refuse the contradiction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Raw
from msgspec.structs import replace

from ...neutral.effort import EFFORTS
from ...neutral.parts import NONE
from ...neutral.request import Reasoning, Request
from ...neutral.thinking import settle
from ...neutral.traits import Traits
from ..written import Loss
from .types import DIALECT, decode_object

Wire = dict[str, object]
Write = Callable[[Reasoning, Traits], Wire]

USUAL_WORDS = ("low", "medium", "high")
"""What a field of words takes where the model itself would take numbers."""


def write_thinking(request: Request, traits: Traits, max_tokens: int | None, losses: list[Loss]) -> Wire:
    """The fields for the client's wish; none where nothing was said."""
    if traits.effort == "none" and traits.thinks != "never":
        if request.reasoning.mode == "on":
            losses.append(Loss("reasoning", "nothing is known that would ask this model to think"))
        return {}
    write, taken = _taking(traits)
    wish, why = settle(request.reasoning, taken, max_tokens)
    if why:
        losses.append(Loss("reasoning", why))
    if wish.mode == "unset" and not wish.effort:
        return {}
    return _beside(write(wish, traits), request.extras.get(DIALECT, {}))


def _taking(traits: Traits) -> tuple[Write, Traits]:
    """How it is written, and what the target takes by way of that field."""
    write, takes = _FIELDS.get(traits.effort, (_nothing, ""))
    if takes == "numbers":
        return write, traits
    words = traits.efforts or (USUAL_WORDS if traits.budgets is not None else ())
    return write, replace(traits, budgets=None, efforts=words if takes == "words" else ())


def _nothing(_: Reasoning, __: Traits) -> Wire:
    return {}


def _beside(fields: Wire, extras: Mapping[str, Raw]) -> Wire:
    """The fields, and what else the client said inside them (`chat_template_kwargs`)."""
    for name, value in fields.items():
        if isinstance(value, dict) and bytes(raw := extras.get(name, NONE))[:1] == b"{":
            fields[name] = {**decode_object(raw), **value}
    return fields


def _reasoning_effort(wish: Reasoning, traits: Traits) -> Wire:
    """OpenAI's word; `none` where the model knows it, else the least."""
    if wish.mode != "off":
        return {"reasoning_effort": wish.effort} if wish.effort else {}
    words = [word for word in ("none", *EFFORTS) if word in traits.efforts]
    return {"reasoning_effort": words[0] if words else "none"}


def _reasoning(wish: Reasoning, _: Traits) -> Wire:
    """OpenRouter's object: a number, a word, or whether at all."""
    if wish.mode == "off":
        return {"reasoning": {"enabled": False}}
    shown = {"exclude": True} if wish.display == "omitted" else {}
    if wish.budget is not None:
        return {"reasoning": {"max_tokens": wish.budget, **shown}}
    return {"reasoning": {"effort": wish.effort, **shown} if wish.effort else {"enabled": True, **shown}}


def _thinking(wish: Reasoning, _: Traits) -> Wire:
    if wish.mode == "unset":
        return {}
    return {"thinking": {"type": "disabled" if wish.mode == "off" else "enabled"}}


def _thinking_and_effort(wish: Reasoning, traits: Traits) -> Wire:
    word: Wire = {"reasoning_effort": wish.effort} if wish.effort and wish.mode != "off" else {}
    return {**_thinking(wish, traits), **word}


def _enable_thinking(wish: Reasoning, _: Traits) -> Wire:
    if wish.mode == "unset":
        return {}
    number: Wire = {"thinking_budget": wish.budget} if wish.budget is not None else {}
    return {"enable_thinking": wish.mode != "off", **number}


def _template(wish: Reasoning, _: Traits) -> Wire:
    return {} if wish.mode == "unset" else {"chat_template_kwargs": {"enable_thinking": wish.mode != "off"}}


_FIELDS: Mapping[str, tuple[Write, str]] = {
    "reasoning_effort": (_reasoning_effort, "words"),
    "reasoning.effort": (_reasoning, "numbers"),
    "thinking": (_thinking, ""),
    "thinking+reasoning_effort": (_thinking_and_effort, "words"),
    "enable_thinking": (_enable_thinking, "numbers"),
    "chat_template_kwargs": (_template, ""),
}
"""Name in the traits -> how it is written, and its measure: `numbers` (of tokens; or words), `words`, or none."""
