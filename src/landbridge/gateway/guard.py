"""Does the prompt fit the model's window? Decided before dispatch, so that nothing is ever cut off silently (P65,
P67).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..errors import TooLong
from ..neutral.events import Finish, Reason, Usage

TEMPLATE_TOKENS = 1024
"""Most tokens a chat template adds of its own (Qwen's tool instructions have about 250)."""


async def fit(body: bytes, window: int, count: Callable[[bytes], Awaitable[int]], origin: str) -> int | None:
    """The prompt's tokens, counted exactly, or None where it fits without counting. Raises `TooLong`.

    A token has at least one byte, so a body shorter than the window needs no count: small requests cost nothing.
    """
    if len(body) + TEMPLATE_TOKENS <= window:
        return None
    tokens = await count(body)
    if tokens >= window:
        raise TooLong(tokens, window, origin=origin)
    return tokens


def finish_of(finish: Finish, usage: Usage, window: int | None, max_tokens: int | None) -> Finish:
    """`finish`, saying truly whether the answer's limit or the window ended it (P66).

    Upstreams call both "length". A client that reads "max_tokens" asks the model to go on, for ever if the window is
    full.
    """
    if finish.reason is not Reason.LENGTH or window is None or usage.output is None:
        return finish
    full = usage.prompt + usage.output >= window - 1
    below_limit = max_tokens is None or usage.output < max_tokens
    return Finish(Reason.CONTEXT_FULL) if full and below_limit else finish
