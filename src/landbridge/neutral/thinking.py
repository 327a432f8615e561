"""What a client's wish to think becomes for one target: the same in every dialect, before any field is written.

A wish is nothing, off, a number of tokens (`on`), or the model's own judgement (`adaptive`), with or without a word of
effort. `settle` brings it to what the target takes; writers put the result into their fields as it is. The user's
settings win over the client; a number the client gave is kept where the model takes numbers, else it becomes the
nearest word; a word becomes a number where the model takes only numbers (P51, P63). `docs/thinking.md` shows it all.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from .effort import EFFORTS, USUAL, budget_of, effort_of, nearest
from .request import Reasoning
from .traits import Traits

Settled = tuple[Reasoning, str]
"""The wish as the target takes it, and what is lost on the way (empty if nothing worth saying)."""

CALM = "high"
"""The most effort that goes together with thinking turned off; more of it contradicts itself, and Opus 5 refuses it."""


def settle(wish: Reasoning, traits: Traits, max_tokens: int | None = None) -> Settled:
    """`wish` for a target that may write `max_tokens` in all.

    The result is `unset` (leave the target alone; a word of effort may stand all the same), `off`, `on` (with `budget`
    where the target takes numbers, else only the word), or `adaptive`.
    """
    wish = _explicit(wish, traits.thinking)
    if traits.thinks == "never":
        return Reasoning(), "this model does not think" if wish.mode == "on" else ""
    match wish.mode:
        case "unset":
            return Reasoning(effort=_word(wish.effort, traits)), ""
        case "off":
            return _off(wish, traits)
    given = wish.mode == "on" and wish.budget is not None
    if traits.budgets is not None and (given or not _leaves_it(wish.effort, traits)):
        return _number(wish, traits, traits.budgets, max_tokens)
    effort = wish.effort or (effort_of(wish.budget) if wish.budget is not None else "")
    mode: Literal["adaptive", "on"] = "adaptive" if traits.adaptive else "on"
    word = _word(effort, traits)
    why = "this model can be told to think, but not how much" if wish.mode == "on" and effort and not word else ""
    if not word and "none" in traits.efforts:
        word = _word(USUAL, traits)  # such a model does not think unless it is told a word
        why = f"this model knows no effort '{effort}'" if why else ""
    return Reasoning(mode, effort=word, display=wish.display), why


def _explicit(wish: Reasoning, said: str) -> Reasoning:
    """The wish, unless the settings say something."""
    match said:
        case "":
            return wish
        case "off":
            return Reasoning("off")
        case "on":
            return wish if wish.mode in ("on", "adaptive") else replace(wish, mode="adaptive")
    return Reasoning("adaptive", effort=said, display=wish.display)


def _word(effort: str, traits: Traits) -> str:
    """The nearest word the target knows, of those that mean thinking."""
    return nearest(effort, [word for word in traits.efforts if word in EFFORTS])


def _off(wish: Reasoning, traits: Traits) -> Settled:
    """No thinking, or as little as there can be."""
    if traits.thinks == "can":
        calm = wish.effort if wish.effort not in EFFORTS else min(wish.effort, CALM, key=EFFORTS.index)
        return Reasoning("off", effort=_word(calm, traits)), ""
    why = "this model cannot be kept from thinking"
    if least := _word(wish.effort or EFFORTS[0], traits):
        return Reasoning(effort=least), why
    if traits.budgets is None:
        return Reasoning(), why
    return Reasoning("on", budget=traits.budgets[0], display="omitted"), why


def _leaves_it(effort: str, traits: Traits) -> bool:
    """Whether the target can be left to decide, by itself or by a word, rather than be given a number."""
    return traits.adaptive and (bool(_word(effort, traits)) or effort not in EFFORTS)


def _number(wish: Reasoning, traits: Traits, budgets: tuple[int, int], max_tokens: int | None) -> Settled:
    """Tokens of thinking, fewer than `max_tokens` (P39).

    A number of the client's own only has to leave room for one token; one that comes of a word leaves half of all.
    """
    least, most = budgets
    wanted = wish.budget if wish.budget is not None and wish.mode == "on" else budget_of(wish.effort)
    if max_tokens is not None:
        most = min(most, max_tokens - 1 if wanted == wish.budget else max_tokens // 2)
    if most >= least:
        number = min(max(wanted, least), most)
        return Reasoning("on", number, _word(wish.effort, traits), wish.display), ""
    why = f"max_tokens leaves no room for {least} tokens of thinking"
    if traits.thinks == "always":
        return Reasoning("on", least, _word(wish.effort, traits), wish.display), why
    return Reasoning("off", effort=_word(wish.effort, traits)), why
