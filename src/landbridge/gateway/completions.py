"""`POST /v1/completions`: what is continued where, and what only chats.

Engines and providers that speak OpenAI's dialects have the endpoint themselves, so it is their own that is asked; every
other target is asked as in a chat, and the losses say so.
"""

from __future__ import annotations

from msgspec.structs import replace

from ..errors import BadRequest
from ..neutral.request import Request
from ..routing.target import Target
from ..wire.openai_legacy.request import SUFFIX, TOKENS
from ..wire.openai_legacy.types import DIALECT

CONTINUE = ("openai_chat", "openai_responses")
"""Dialects whose providers have completions beside them."""
CHATS = "prompt: this model chats, so it answers the prompt and does not continue it"
"""The loss where it is asked as in a chat."""


def continuing(target: Target) -> Target:
    """The target of a completion: the same model, at the endpoint that continues a prompt where there is one."""
    return replace(target, dialect=DIALECT) if target.local or target.dialect in CONTINUE else target


def losses_of(request: Request, target: Target) -> tuple[str, ...]:
    """What `request` loses at `target` as a whole. Raises `BadRequest` for what would become something else there."""
    extras = request.extras.get(DIALECT, {})
    if SUFFIX in extras and (target.local or target.dialect != DIALECT):
        raise BadRequest(
            f"suffix: '{target.label}' cannot fill a gap, it only goes on.",
            remedy="Leave `suffix` out, or name a model of a provider that fills gaps at /v1/completions.",
        )
    if target.dialect == DIALECT:
        return ()
    if TOKENS in extras:
        raise BadRequest(
            f"prompt: '{target.label}' takes a text and no tokens.", remedy="Send the text that the tokens stand for."
        )
    return (CHATS,)
