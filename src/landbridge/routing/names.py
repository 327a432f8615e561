"""What a model name means.

In this order:

1. an alias that is exactly the name;
2. a local model, `provider/model` (the model may hold slashes and colons), or a bare name that one provider has;
3. the alias whose pattern fits best: the most literal characters, then the most in front of its first wildcard;
4. any other Claude name goes to the default model, so that the background calls of Claude Code never fail (P81);
5. nothing: `UnknownModel`, with the nearest names and how to add one.

Names may come dressed: `claude/lab/m` and `anthropic/local/smollm2` are the forms that pass Claude Code's filter for
discovered models (CLIENTS.md section 8), and `[1m]` at the end is its mark for a large window.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field

from ..errors import UnknownModel

MAX_ALIAS_STEPS = 16
"""Aliases that lead to aliases; more is a loop."""
DRESSES = ("claude/", "anthropic/")
_CLAUDE = re.compile(r"(^|[/.])claude[-_]|^(opus|sonnet|haiku)$")
_MARK = re.compile(r"\[[0-9]+[km]\]$", re.IGNORECASE)


class Catalog(Struct, frozen=True):
    """The names there are."""

    local: tuple[str, ...] = ()
    providers: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """Each provider's models; None where they are not known, then it takes any name behind its own."""


class Route(Struct, frozen=True):
    """Where a name leads. `provider` is None for a local model."""

    provider: str | None
    model: str
    why: str = ""


def resolve(name: str, catalog: Catalog, aliases: Mapping[str, str], default_model: str) -> Route:
    """The route of `name`. Raises `UnknownModel`."""
    asked = _MARK.sub("", name.strip())
    if not asked:
        return _default(default_model, catalog, aliases, "the client named no model")
    return _resolve(asked, catalog, aliases, default_model, steps=0)


def _resolve(name: str, catalog: Catalog, aliases: Mapping[str, str], default_model: str, steps: int) -> Route:
    if steps > MAX_ALIAS_STEPS:
        raise UnknownModel(
            f"The aliases for '{name}' lead in a circle.", remedy="Mend the [aliases] section of the settings."
        )
    if (target := aliases.get(name)) is not None and target != name:
        return _resolve(target, catalog, aliases, default_model, steps + 1)
    if (route := _existing(name, catalog)) is not None:
        return route
    if (pattern := best_pattern(name, aliases)) is not None and aliases[pattern] != name:
        return _resolve(aliases[pattern], catalog, aliases, default_model, steps + 1)
    if (route := _undressed(name, catalog)) is not None:
        return route
    if _CLAUDE.search(name.lower()) and name != default_model:
        return _default(default_model, catalog, aliases, f"'{name}' is a Claude name nothing else matches")
    raise unknown(name, catalog, aliases)


def _default(default_model: str, catalog: Catalog, aliases: Mapping[str, str], why: str) -> Route:
    try:
        route = _resolve(default_model, catalog, aliases, default_model, steps=0) if default_model else None
    except UnknownModel as error:
        raise UnknownModel(
            f"The default model '{default_model}' is not here ({why}).",
            remedy=f"Fetch it (landbridge models pull {default_model}) or set default_model in the settings.",
        ) from error
    if route is None:
        raise UnknownModel(f"There is no default model ({why}).", remedy="Set default_model in the settings.")
    return Route(route.provider, route.model, why)


def _existing(name: str, catalog: Catalog) -> Route | None:
    """The model of exactly that name."""
    if name in catalog.local:
        return Route(None, name, "a local model")
    provider, slash, model = name.partition("/")
    if slash and provider == "local" and model in catalog.local:
        return Route(None, model, "a local model")
    if slash and model and provider in catalog.providers:
        listed = catalog.providers[provider]
        if listed is None or model in listed:
            return Route(provider, model, f"a model of '{provider}'")
    owners = [owner for owner, models in catalog.providers.items() if models is not None and name in models]
    if len(owners) > 1:
        choices = ", ".join(f"{owner}/{name}" for owner in owners)
        raise UnknownModel(f"Several providers have a model '{name}'.", remedy=f"Say which: {choices}.")
    return Route(owners[0], name, f"only '{owners[0]}' has it") if owners else None


def _undressed(name: str, catalog: Catalog) -> Route | None:
    """A name in one of the forms that Claude Code's discovery keeps."""
    for dress in DRESSES:
        if name.startswith(dress) and (route := _existing(name.removeprefix(dress), catalog)) is not None:
            return route
    return None


def best_pattern(name: str, aliases: Mapping[str, str]) -> str | None:
    """The most specific alias pattern that fits `name`, upper and lower case alike."""
    fitting = [pattern for pattern in aliases if fnmatchcase(name.lower(), pattern.lower())]
    return max(fitting, key=_specificity, default=None)


def _specificity(pattern: str) -> tuple[int, int, int]:
    """More literal characters, more of them in front, fewer wildcards."""
    wildcards = sum(pattern.count(sign) for sign in "*?[")
    front = len(re.split(r"[*?\[]", pattern, maxsplit=1)[0])
    literal = len(pattern) - wildcards
    return (literal, front, -wildcards)


def unknown(name: str, catalog: Catalog, aliases: Mapping[str, str]) -> UnknownModel:
    """The error for a name that means nothing: what is near, and how to add one."""
    known = list(names(catalog)) + [alias for alias in aliases if not set(alias) & set("*?[")]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        hint = f"Did you mean {', '.join(near)}?"
    elif known:
        hint = f"There are: {', '.join(known[:8])}{' and more' if len(known) > 8 else ''}."
    else:
        hint = "There are no models yet."
    return UnknownModel(
        f"There is no model '{name}'.",
        remedy=f"{hint} Add one with 'landbridge models pull NAME', a [providers.NAME] section or an alias.",
    )


def names(catalog: Catalog) -> Iterable[str]:
    """Every name there is, local ones first."""
    yield from catalog.local
    for provider, models in catalog.providers.items():
        yield from (f"{provider}/{model}" for model in models or ())


def discovery_ids(catalog: Catalog) -> list[tuple[str, str]]:
    """(id, display name) of every model, with ids that pass Claude Code's filter and resolve back."""
    return [(name if "claude" in name.lower() else f"claude/{name}", name) for name in names(catalog)]
