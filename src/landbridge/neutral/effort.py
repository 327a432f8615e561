"""Words of effort and tokens of thinking: one scale for all dialects.

Some ask for thinking by a word, others by a number of tokens. The numbers are those Anthropic's and Google's clients
use for the words; a number is read as the word it is nearest to by ratio, so that every number has a word and every
word comes back from its own number. `docs/thinking.md` shows the table.
"""

from __future__ import annotations

from collections.abc import Sequence

_TOKENS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384, "xhigh": 24_576, "max": 31_999}

EFFORTS: tuple[str, ...] = tuple(_TOKENS)
"""The words, in rising order."""
USUAL = "medium"
"""The effort of who only says that there is to be thinking."""


def budget_of(effort: str) -> int:
    """Tokens of thinking that a word stands for; a word nobody knows, or none, is the usual effort."""
    return _TOKENS.get(effort, _TOKENS[USUAL])


def effort_of(budget: int) -> str:
    """The word for a number of tokens; between two words in the middle, the lower one."""
    tokens = max(1, budget)
    return min(EFFORTS, key=lambda word: max(tokens, _TOKENS[word]) / min(tokens, _TOKENS[word]))


def nearest(effort: str, known: Sequence[str]) -> str:
    """The word of `known` that is nearest to `effort`, the lower one of two alike; empty if none is.

    A word outside the scale (`none`, a provider's own) is nearest only to itself.
    """
    if effort in known:
        return effort
    if effort not in EFFORTS:
        return ""
    place = EFFORTS.index(effort)
    words = [word for word in EFFORTS if word in known]
    return min(words, key=lambda word: abs(EFFORTS.index(word) - place), default="")
