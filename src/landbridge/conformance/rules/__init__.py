"""The rules, one table a subject. A rule's letter is its table's, and its number never changes."""

from __future__ import annotations

from ..rule import Rule
from . import (
    conversion,
    doors,
    endings,
    failures,
    forwarding,
    gemini,
    history,
    identity,
    limits,
    offers,
    openai,
    patience,
    refusals,
    responses,
    stability,
    streams,
    tools,
    usage,
    wholes,
)

SECTIONS: dict[str, tuple[str, tuple[Rule, ...]]] = {
    "A": ("Doors: routes, tokens, lists, counts", doors.RULES),
    "B": ("Requests that are refused", refusals.RULES),
    "C": ("Streams", streams.RULES),
    "D": ("Endings", endings.RULES),
    "E": ("Whole answers", wholes.RULES),
    "F": ("Failures of the upstream", failures.RULES),
    "G": ("Context windows", limits.RULES),
    "H": ("Tool calls", tools.RULES),
    "I": ("Ids and names", identity.RULES),
    "J": ("Requests: what reaches the upstream", conversion.RULES + offers.RULES),
    "K": ("Requests: history, results, documents", history.RULES),
    "L": ("Requests that look the same from turn to turn", stability.RULES),
    "M": ("Usage", usage.RULES),
    "N": ("Time, and clients that leave", patience.RULES),
    "O": ("What OpenAI's clients need", openai.RULES),
    "Q": ("Forwarding to an Anthropic upstream", forwarding.RULES),
    "R": ("What clients of the Responses API need", responses.RULES),
    "S": ("Gemini: its clients, and its servers", gemini.RULES),
}
"""Letter -> what it is about, and its rules."""

RULES: tuple[Rule, ...] = tuple(rule for _, rules in SECTIONS.values() for rule in rules)
"""All of them."""
