"""What the page says of a provider: its state in a word, what is wrong with it, and numbers as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from ...gateway.checkup import REFUSALS, Checkup
from ...manage.provider_models import ProviderModel
from ...manage.provider_presets import Offer
from ...manage.providers import OWN_ADDRESS
from ...server.provider_news import Provided
from ..parts.cards import Kind
from ..parts.numbers import clock
from ..words import N_, _, n_

GROUPS = {"cloud": N_("Cloud"), "local": N_("Local servers"), "compatible": N_("Any compatible address")}
DIALECTS = {
    "openai_chat": "OpenAI Chat Completions",
    "openai_responses": "OpenAI Responses",
    "anthropic": "Anthropic Messages",
    "gemini": "Gemini API",
}
STEPS = {
    "settings": N_("Address"),
    "key": N_("Key"),
    "list": N_("List of models"),
    "answer": N_("A word from a model"),
}


class Trouble(NamedTuple):
    """What is wrong with a provider, or was."""

    words: str
    remedy: str = ""
    over: bool = False
    """Whether it is well again."""


def state_of(row: Provided) -> tuple[str, Kind]:
    """In a word, with its colour."""
    if not row.enabled:
        return _("Off"), "calm"
    if row.problem or row.state == "failed" or (row.tried is not None and not row.tried.ok):
        return _("Does not work"), "bad"
    if row.state == "resting":
        return _("Rests"), "warn"
    if row.missed is not None and not row.missed.since:
        return _("Failed lately"), "warn"
    if row.listed is not None or row.tried is not None or row.missed is not None:
        return _("Works"), "good"
    return _("Not tried yet"), "calm"


def trouble_of(row: Provided) -> Trouble | None:
    """What is wrong, in the provider's own words where it gave some; else what went wrong last."""
    if not row.enabled:
        return None
    if row.problem:
        return Trouble(_("It cannot be used: {why}.", why=row.problem), row.remedy)
    if row.tried is not None and not row.tried.ok:
        return Trouble(row.tried.problem, row.tried.remedy)
    if row.state in ("failed", "resting"):
        return Trouble(row.detail)
    if row.missed is not None:
        when = clock(row.missed.at)
        if row.missed.since:
            return Trouble(
                _("Last error at {when}, well since: {words}", when=when, words=row.missed.message), over=True
            )
        return Trouble(_("Last error at {when}: {words}", when=when, words=row.missed.message))
    if row.tried is not None and row.tried.problem:
        return Trouble(row.tried.problem, row.tried.remedy, over=True)
    return None


def advice(found: Checkup) -> str:
    """Why a trial failed, and what to do about it here."""
    if found.status in REFUSALS:
        return f"{found.problem} {_('Is the key whole, and is it one of this provider?')}"
    return f"{found.problem} {found.remedy}".strip()


def title_of(row: Provided) -> str:
    """What it is."""
    return _("Own address") if row.title == OWN_ADDRESS else row.title


def sign_of(row: Provided) -> str:
    """Letters that stand for it."""
    return initials(row.name if row.title == OWN_ADDRESS else row.title)


def models_words(row: Provided) -> str:
    """How many models it has, as far as that is known."""
    if row.models is not None:
        return n_("{n} model", "{n} models", len(row.models))
    if row.listed is not None:
        return n_("{n} model", "{n} models", row.listed)
    return _("Models")


def key_words(row: Provided) -> str:
    """Where its key comes from."""
    source = row.key
    if source.startswith("variable "):
        return _("key from the variable {name}", name=source.removeprefix("variable "))
    return {
        "keychain": _("key kept safely on this machine"),
        "file": _("key from a file"),
        "in the settings": _("key stands in the settings file"),
        "header": _("key in a header"),
        "none": _("needs no key"),
    }.get(source, source)


def initials(title: str) -> str:
    """One or two letters that stand for it."""
    words: list[str] = re.findall(r"[A-Za-z0-9]+", title.partition(",")[0]) or ["?"]
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).upper()


def found(offers: Iterable[Offer], wanted: str) -> list[Offer]:
    """Those that all words fit."""
    words = wanted.lower().split()
    return [
        offer
        for offer in offers
        if all(word in f"{offer.title} {offer.preset} {offer.dialect} {offer.base_url}".lower() for word in words)
    ]


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with a number behind it."""
    known = set(taken)
    return next(
        name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, 1000))) if not wanted or name not in known
    )


def names_in(text: str) -> list[str]:
    """Names that were typed with spaces, commas or line breaks between."""
    return list(dict.fromkeys(re.split(r"[\s,]+", text.strip()))) if text.strip() else []


def line_of(model: ProviderModel) -> dict[str, Any]:
    """A row of the list, for the browser."""
    price = model.price
    return {
        "name": model.name,
        "model": model.model,
        "window": model.window,
        "output": model.output,
        "can": [
            model.images,
            model.tools,
            "yes" if model.thinks in ("can", "always") else model.thinks,
            model.documents,
        ],
        "in": None if price is None else price.input,
        "out": None if price is None else price.output,
        "says": _price_words(model),
    }


def _price_words(model: ProviderModel) -> str:
    if (price := model.price) is None:
        return _("The price is not known")
    said = _("Dollars for a million tokens: {input} in, {output} out, {cache} from the cache",
             input=_dollars(price.input), output=_dollars(price.output), cache=_dollars(price.cache_read))  # fmt: skip
    if price.up_to is not None:
        said += "; " + _("prompts above {n} tokens cost more", n=f"{price.up_to:,}")
    return said


def _dollars(price: float) -> str:
    return f"{price:g}" if price < 0.01 else f"{price:.2f}"
