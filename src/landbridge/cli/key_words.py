"""What is said of a key: as a row, on a page of its own, as JSON, and when it is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from ..access.budget import dollars
from ..access.grant import Grant, Period, state_of
from ..access.keys import Used
from ..access.terms import shown_time
from ..manage.keys import Held, told
from . import show
from .context import Context
from .tables import print_table

PER: Mapping[Period, str] = {"day": "a day", "month": "a month", "total": "in all"}


def print_keys(held: Sequence[Held], now: float) -> None:
    """A table of all keys."""
    columns = ("NAME", "ID", "STATE", "MODELS", "LIMITS", "SPENT", "LAST USED")
    rows = [
        (
            each.grant.name,
            each.grant.id,
            _state(each.grant, now),
            ", ".join(each.grant.models) or "all",
            ", ".join(_short(each.grant)) or "-",
            spent(each.grant, each.used),
            ago(each.last, now),
        )
        for each in held
    ]
    print_table(columns, rows, last=("MODELS", "LIMITS", "SPENT"))


def print_key(held: Held, now: float) -> None:
    """One key, line by line."""
    grant, used = held.grant, held.used
    lines = {
        "name": grant.name,
        "id": grant.id,
        "state": _state(grant, now),
        "models": ", ".join(grant.models) or "all",
        "limits": ", ".join(limits(grant)) or "none",
        "spent": spent(grant, used),
        "requests": f"{used.requests} {_since(grant)}",
        "created": shown_time(grant.created),
        "last used": "never" if held.last is None else shown_time(held.last),
    }
    for name, text in lines.items():
        print(f"{name:<10} {text}")


def as_json(grant: Grant, now: float, used: Used | None = None, last: float | None = None) -> dict[str, Any]:
    """The same for scripts. Money is in dollars; times are Unix seconds."""
    fields: dict[str, Any] = msgspec.to_builtins(told(grant, now, used, last))
    return fields


def tell_new(grant: Grant, context: Context, *, first: bool, quiet: bool) -> None:
    """What somebody should know who has just made a key."""
    show.say(f"Key '{grant.name}' ({grant.id}): {terms(grant)}.")
    if not quiet:
        port = context.config.listeners.router.port
        show.say(
            "It is shown this once. Give it to a client as ANTHROPIC_AUTH_TOKEN (with ANTHROPIC_BASE_URL="
            f"http://HOST:{port}/anthropic), OPENAI_API_KEY or GEMINI_API_KEY."
        )
    if first and context.config.access.required == "auto":
        show.say(
            "This is the first key: every request needs one from now on, on this machine too. 'landbridge launch' "
            'sends the router\'s own; for other programs here make more, or set access.required = "never".'
        )


def terms(grant: Grant) -> str:
    """What a key may do, in a sentence without its end."""
    models = ", ".join(grant.models) or "every model"
    end = "never ends" if grant.expires is None else f"ends {shown_time(grant.expires)}"
    return "; ".join([models, *limits(grant), end])


def limits(grant: Grant) -> list[str]:
    """The limits it has."""
    found = [] if grant.rpm is None else [f"{grant.rpm} requests a minute"]
    if grant.tpm is not None:
        found.append(f"{grant.tpm} tokens a minute")
    if grant.budget is not None:
        found.append(f"{dollars(grant.budget)} {PER[grant.per]}")
    return found


def _short(grant: Grant) -> list[str]:
    """The same in the words of the options."""
    counts = (("rpm", grant.rpm), ("tpm", grant.tpm))
    return [f"{count} {name}" for name, count in counts if count is not None] + limits(
        replace(grant, rpm=None, tpm=None)
    )


def spent(grant: Grant, used: Used) -> str:
    """What it has spent in its period; what nobody knows the price of is said, and not counted."""
    of = "" if grant.budget is None else f" of {dollars(grant.budget)}"
    unknown = f" ({used.unpriced} without a price)" if used.unpriced else ""
    return f"{dollars(used.spent)}{of}{unknown}"


def ago(at: float | None, now: float) -> str:
    """How long something is past."""
    if at is None:
        return "never"
    passed = max(0, round(now - at))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if passed >= size:
            return f"{passed // size} {unit} ago"
    return "just now"


def _since(grant: Grant) -> str:
    return {"day": "today", "month": "this month", "total": "so far"}[grant.per]


def _state(grant: Grant, now: float) -> str:
    state = state_of(grant, now)
    if state == "revoked" and grant.revoked is not None:
        return f"revoked {datetime.fromtimestamp(grant.revoked):%Y-%m-%d}"
    if grant.expires is None:
        return state
    return f"{'expired' if state == 'expired' else 'until'} {shown_time(grant.expires)}"
