"""What is said of an access key in a table, and what a form says of one."""

from __future__ import annotations

import time
from typing import Any

from ...manage.keys import KeyInfo
from ..parts.cards import Kind
from ..parts.numbers import clock, count, money
from ..words import N_, _, n_

PERIODS = {"total": N_("in all"), "day": N_("a day"), "month": N_("a month")}
SPENT_IN = {"total": N_("in all"), "day": N_("today"), "month": N_("this month")}
ENDS = {
    "never": N_("Never"),
    "1d": N_("In a day"),
    "7d": N_("In 7 days"),
    "30d": N_("In 30 days"),
    "90d": N_("In 90 days"),
    "1y": N_("In a year"),
}
"""As the router reads them."""
AS_IS = "as is"
"""Of an end that stays what it is."""


def state(key: KeyInfo) -> tuple[str, Kind]:
    """In a word, with its colour."""
    words: dict[str, tuple[str, Kind]] = {
        "active": (_("Active"), "good"),
        "expired": (_("Expired"), "warn"),
        "revoked": (_("Revoked"), "bad"),
    }
    return words[key.state]


def models(key: KeyInfo) -> str:
    """Which it may use."""
    return ", ".join(key.models) or _("Every model")


def limits(key: KeyInfo) -> str:
    """How fast it may be, and when it ends."""
    said = []
    if key.rpm is not None:
        said.append(n_("{n} request a minute", "{n} requests a minute", key.rpm))
    if key.tpm is not None:
        said.append(_("{n} tokens a minute", n=count(key.tpm)))
    if key.expires is not None:
        said.append(_("until {time}", time=clock(key.expires)))
    return "\n".join(said) or _("None")


def spent(key: KeyInfo) -> str:
    """In its period; what nobody knows the price of is said, and not counted."""
    said = _micro(key.spent)
    if key.budget is not None:
        said = _("{spent} of {budget} {period}", spent=said, budget=_micro(key.budget), period=_(SPENT_IN[key.per]))
    if key.unpriced:
        said += "\n" + n_("{n} request without a price", "{n} requests without a price", key.unpriced)
    return said


def share(key: KeyInfo) -> float | None:
    """How much of its budget is spent; None where it has none."""
    if key.budget is None:
        return None
    return key.spent / key.budget if key.budget else 1.0


def used(key: KeyInfo, now: float | None = None) -> str:
    """When it was used last, and how often."""
    if key.used is None:
        return _("Never")
    passed = max(0, (time.time() if now is None else now) - key.used)
    for size, one, many in (
        (86_400, N_("{n} day ago"), N_("{n} days ago")),
        (3600, N_("{n} hour ago"), N_("{n} hours ago")),
        (60, N_("{n} minute ago"), N_("{n} minutes ago")),
    ):
        if passed >= size:
            return n_(one, many, int(passed // size))
    return _("Just now")


def form(key: KeyInfo | None) -> dict[str, Any]:
    """What stands in the form of a key; None: of a new one."""
    if key is None:
        return {"name": "", "models": [], "rpm": None, "tpm": None, "budget": None, "per": "total", "expires": "never"}
    return {
        "name": key.name,
        "models": list(key.models),
        "rpm": key.rpm,
        "tpm": key.tpm,
        "budget": key.budget,
        "per": key.per,
        "expires": "never" if key.expires is None else AS_IS,
    }


def body(said: dict[str, Any], key: KeyInfo | None) -> dict[str, Any]:
    """What is asked of the router: all of it for a new key, what is another for one that is there."""
    before = form(key)
    wanted: dict[str, Any] = {"name": str(said["name"] or "").strip(), "models": list(said["models"] or [])}
    for name in ("rpm", "tpm"):
        value = said[name]
        wanted[name] = int(value) if value is not None and value == int(value) else value
    wanted["budget"] = said["budget"]
    if said["budget"] is not None:
        wanted["per"] = said["per"]
    if said["expires"] != AS_IS:
        wanted["expires"] = None if said["expires"] == "never" else said["expires"]
    if key is None:
        return {name: value for name, value in wanted.items() if value not in (None, [])}
    before["expires"] = None if before["expires"] == "never" else before["expires"]
    return {name: value for name, value in wanted.items() if value != before.get(name)}


def _micro(dollars: float) -> str:
    return money(round(dollars * 1e6))
