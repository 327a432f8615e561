"""What a key may do: a value, and the questions that are asked of it.

A pattern means a model (`lab/*`, `smollm2`) or a name that clients ask for (`claude-*haiku*`); whatever such a name
leads to is allowed with it. Names in one of the dresses for Claude Code's discovery (`claude/lab/m`) count as what they
lead to alone, else the pattern `claude*` would open every model.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from ..errors import Forbidden, GatewayError, Unauthorized, UnknownModel
from ..routing.names import forms, shown, undressed

Period = Literal["day", "month", "total"]

LOCAL = "local/"
"""Stands in front of a local model's name where somebody wants to be exact."""
MAX_NAMED = 5
"""Patterns of a key that are repeated in a message."""


class Grant(Struct, frozen=True, kw_only=True):
    """A key without its secret part. Times are Unix seconds."""

    id: str
    """Public: what the ledger, lists and logs call it."""
    name: str
    models: tuple[str, ...] = ()
    """Patterns; none: every model."""
    rpm: int | None = None
    """Requests a minute."""
    tpm: int | None = None
    """Tokens a minute."""
    budget: int | None = None
    """Millionths of a dollar in each period."""
    per: Period = "total"
    created: float = 0.0
    expires: float | None = None
    revoked: float | None = None
    owner: bool = False
    """The router's own key for the commands of its machine: it also manages engines and sees what all have used."""


def permits(grant: Grant | None, model: str) -> bool:
    """Whether a key may use the model of that name. No key: no limits."""
    return grant is None or not grant.models or _fits(grant.models, model)


def may_use(grant: Grant | None, asked: str, label: str) -> bool:
    """Whether a key may ask for `asked`, which leads to the model `label`."""
    if permits(grant, label):
        return True
    name = forms(asked.strip())[-1]
    return bool(name) and undressed(name) == name and permits(grant, name)


def check_model(grant: Grant | None, asked: str, label: str) -> None:
    """Raise `Forbidden` where a key may not ask for `asked`, which leads to the model `label`."""
    if grant is not None and not may_use(grant, asked, label):
        raise forbidden(grant, asked)


def forbidden(grant: Grant, asked: str) -> Forbidden:
    """The error for a model that a key may not use. It tells nothing of models the key does not know of."""
    named = ", ".join(grant.models[:MAX_NAMED]) + (" and more" if len(grant.models) > MAX_NAMED else "")
    return Forbidden(f"The key '{grant.name}' may not use the model '{shown(asked)}'.", remedy=f"It may use: {named}.")


def veiled(error: GatewayError, grant: Grant | None, asked: str) -> GatewayError:
    """What a key hears of an error: one that may not use all models is not told which there are."""
    if isinstance(error, UnknownModel) and grant is not None and grant.models:
        return forbidden(grant, asked)
    return error


def check_alive(grant: Grant, now: float) -> None:
    """Raise `Unauthorized` for a key that was revoked or has expired."""
    if grant.revoked is not None:
        raise Unauthorized(f"The key '{grant.name}' was revoked.", remedy=ASK_FOR_ANOTHER)
    if is_expired(grant, now):
        raise Unauthorized(f"The key '{grant.name}' has expired.", remedy=ASK_FOR_ANOTHER)


ASK_FOR_ANOTHER = "Ask for a new one where landbridge runs (landbridge keys create --name NAME)."


def is_expired(grant: Grant, now: float) -> bool:
    """Whether the key's time is over."""
    return grant.expires is not None and now >= grant.expires


def state_of(grant: Grant, now: float) -> Literal["active", "expired", "revoked"]:
    """In a word."""
    if grant.revoked is not None:
        return "revoked"
    return "expired" if is_expired(grant, now) else "active"


@lru_cache(maxsize=4096)
def _fits(patterns: Sequence[str], model: str) -> bool:
    name = model.lower()
    names = (name, name.removeprefix(LOCAL) if name.startswith(LOCAL) else LOCAL + name if "/" not in name else name)
    return any(fnmatchcase(each, pattern.lower()) for each in names for pattern in patterns)
