"""What a model name means.

In this order:

1. an alias that is exactly the name;
2. a local model, or `provider/model` (the model may hold slashes and colons);
3. the alias whose pattern fits best: the most literal characters, then the most in front of its first wildcard;
4. a bare name that one provider has;
5. any other Claude name goes to the model of its tier, else to the default model, so that the background calls of
   Claude Code never fail (P81);
6. nothing: `UnknownModel`, with the nearest names and how to add one.

Names may come dressed: `claude/lab/m` and `anthropic/local/smollm2` are the forms that pass Claude Code's filter for
discovered models (CLIENTS.md section 8), and `[1m]` at the end is its mark for a large window.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import UnknownModel
from .chain import Fork

MAX_ALIAS_STEPS = 16
"""Aliases that lead to aliases; more is a loop."""
DRESSES = ("claude/", "anthropic/")
MAX_SHOWN = 100
"""Characters of an unknown name that are repeated; longer ones resemble nothing."""
_CLAUDE = re.compile(r"(^|[/.])claude([-_.@:]|$)|^(opus|sonnet|haiku|fable|opusplan)$")
_TIER = re.compile(r"opus|sonnet|haiku")
_MARK = re.compile(r"\[[0-9]+[km]\]$", re.IGNORECASE)
_CLASS = re.compile(r"\[!?\]?[^\]]*\]")
_WILD = frozenset("*?[")


class Catalog(Struct, frozen=True):
    """The names there are."""

    local: tuple[str, ...] = ()
    providers: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """Each provider's models; None where they are not known, then it takes any name behind its own."""
    open: frozenset[str] = frozenset()
    """Providers that take names they do not list: a list they gave when asked lacks aliases and variants."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Providers whose settings cannot work, and why."""


class Route(Struct, frozen=True):
    """Where a name leads. `provider` is None for a local model."""

    provider: str | None
    model: str
    why: str = ""
    by_lists: bool = False
    """Whether it follows from what providers list; then those not asked yet could change it."""
    said: str = ""
    """What a client is told of it, where the name it asked for is another one (`x-landbridge-route`)."""

    @property
    def label(self) -> str:
        """How people write it: `lab/m`, `smollm2`."""
        return self.model if self.provider is None else f"{self.provider}/{self.model}"


Aliases = Mapping[str, str | Fork]
"""What names and patterns stand for: another name, or several."""


def resolve(
    name: str,
    catalog: Catalog,
    aliases: Aliases,
    default_model: str,
    *,
    first: frozenset[str] = frozenset(),
    tiers: Aliases | None = None,
) -> Route | Fork:
    """What `name` means: one model, or a fork. Patterns in `first` win over all others. Raises `UnknownModel`."""
    return Search(catalog, aliases, default_model, first, tiers or {}).find(name.strip())


class Search(Struct, frozen=True):
    """One state of the names."""

    catalog: Catalog
    aliases: Aliases
    default_model: str
    first: frozenset[str] = frozenset()
    """Aliases whose patterns win over those of all others."""
    tiers: Aliases = field(default_factory=dict)
    """Claude's tiers, as far as they are set."""

    def find(self, name: str) -> Route | Fork:
        """The route of a name that a client sent."""
        if not name:
            return self.default("the client named no model")
        if (route := self.follow(name)) is not None:
            return route
        if is_claude(name) and not self.names_a_provider(name):
            if (tiered := self.tiers.get(tier_of(name))) is not None:
                return tiered if isinstance(tiered, Fork) else self.tier(name, tiered)
            route = self.default(f"'{shown(name)}' is a Claude name nothing else matches")
            return replace(route, by_lists=True) if isinstance(route, Route) else route
        raise unknown(name, self.catalog, self.aliases)

    def tier(self, name: str, model: str) -> Route | Fork:
        """The model of a Claude name's tier. Raises `UnknownModel` where there is none."""
        if (route := self.follow(model)) is None:
            raise unknown(model, self.catalog, self.aliases)
        return replace(route, why=f"tier {tier_of(name)}") if isinstance(route, Route) else route

    def names_a_provider(self, name: str) -> bool:
        """Whether the client says which provider it means; then no other model stands in."""
        return any(form.partition("/")[0] in self.catalog.providers for form in (name, undressed(name)))

    def default(self, why: str) -> Route | Fork:
        """The route of the default model. Raises `UnknownModel`."""
        name = self.default_model
        if not name:
            raise UnknownModel(f"There is no default model ({why}).", remedy="Set default_model in the settings.")
        if (route := self.follow(name)) is None:
            fetch = "" if "/" in name else f"Fetch it (landbridge models pull {name}) or "
            change = "set default_model in the settings." if fetch else "Set default_model in the settings."
            raise UnknownModel(f"The default model '{name}' is not here ({why}).", remedy=fetch + change)
        return replace(route, why=f"default model, as {why}") if isinstance(route, Route) else route

    def follow(self, name: str) -> Route | Fork | None:
        """Through the aliases to a model, or to several; None where `name` means nothing. Raises `UnknownModel`."""
        asked, alias = name, ""
        for _ in range(MAX_ALIAS_STEPS + 1):
            route, step = self.step(name)
            if route is not None:
                return replace(route, why=self.reason(alias)) if alias else route
            if step is None:
                break
            value = self.aliases[step]
            if isinstance(value, Fork):
                return value
            alias, name = step, value
        else:
            raise UnknownModel(
                f"The aliases for '{shown(asked)}' lead in a circle.",
                remedy="Mend the [aliases] section of the settings.",
            )
        if not alias:
            return None
        error = unknown(name, self.catalog, self.aliases)
        raise UnknownModel(f"{error.message} The alias '{alias}' leads there.", remedy=error.remedy)

    def reason(self, alias: str) -> str:
        """Why `alias` leads where it does: Claude's tiers have patterns that nobody wrote."""
        tier = tier_of(alias)
        tiered = tier in self.tiers and self.aliases[alias] == self.tiers[tier]
        return f"tier {tier}" if tiered else f"alias {alias}"

    def step(self, name: str) -> tuple[Route | None, str | None]:
        """The model of that name, or the alias that says what it means."""
        for form in forms(name):
            if self.aliases.get(form, form) != form:
                return None, form
            if (route := existing(form, self.catalog)) is not None:
                return route, None
        bare = forms(name)[-1]
        self.refuse_broken(bare)
        pattern = best_pattern(bare, self.first) or best_pattern(bare, self.aliases)
        if pattern is not None and self.aliases[pattern] != bare:
            return None, pattern
        return self.bare(bare), None

    def refuse_broken(self, name: str) -> None:
        """Say why a provider cannot be used that was asked for by name."""
        for form in (name, undressed(name)):
            provider, slash, _ = form.partition("/")
            if slash and provider in self.catalog.broken:
                raise UnknownModel(f"Provider '{provider}' cannot be used: {self.catalog.broken[provider]}")

    def bare(self, name: str) -> Route | None:
        """The provider that has `name`. Raises `UnknownModel` where several have, but for Claude names (P81)."""
        owners = [owner for owner, models in self.catalog.providers.items() if models and name in models]
        if len(owners) > 1 and not is_claude(name):
            choices = ", ".join(f"{owner}/{name}" for owner in owners)
            raise UnknownModel(f"Several providers have a model '{name}'.", remedy=f"Say which: {choices}.")
        return Route(owners[0], name, f"only '{owners[0]}' has it", by_lists=True) if len(owners) == 1 else None


def forms(name: str) -> tuple[str, ...]:
    """The name as it is and, if it has one, without the mark for a large window."""
    plain = _MARK.sub("", name)
    return (name, plain) if plain != name and plain else (name,)


def is_claude(name: str) -> bool:
    """Whether this is a name Claude Code could use by itself: any tier, any date, any cloud's spelling."""
    return _CLAUDE.search(forms(name)[-1].lower()) is not None


def tier_of(name: str) -> str:
    """The tier in a Claude name; empty for none."""
    found = _TIER.search(name.lower())
    return found[0] if found is not None else ""


def existing(name: str, catalog: Catalog) -> Route | None:
    """The model of exactly that name, dressed or not."""
    plain = undressed(name)
    for form in (name, plain):
        if (route := _listed(form, catalog)) is not None:
            return route
    for form in (plain, name):
        provider, _, model = form.partition("/")
        takes_any = provider in catalog.open or catalog.providers.get(provider, ()) is None
        if model and takes_any:
            return Route(provider, model, f"a model of '{provider}'")
    return None


def _listed(name: str, catalog: Catalog) -> Route | None:
    if name in catalog.local:
        return Route(None, name, "a local model")
    provider, _, model = name.partition("/")
    if provider == "local" and model in catalog.local:
        return Route(None, model, "a local model")
    if model in (catalog.providers.get(provider) or ()):
        return Route(provider, model, f"a model of '{provider}'")
    return None


def undressed(name: str) -> str:
    """The name behind one of the forms that Claude Code's discovery keeps; else the name itself."""
    return next((name.removeprefix(dress) for dress in DRESSES if name.startswith(dress)), name)


def is_name(alias: str) -> bool:
    """Whether an alias is a name, and no pattern."""
    return not set(alias) & _WILD


def best_pattern(name: str, aliases: Iterable[str]) -> str | None:
    """The most specific alias pattern that fits `name`, upper and lower case alike."""
    fitting = [pattern for pattern in aliases if fnmatchcase(name.lower(), pattern.lower())]
    return max(fitting, key=_specificity, default=None)


def _specificity(pattern: str) -> tuple[int, int, int, int]:
    """More literal characters, more of them in front, more single characters, fewer `*`."""
    plain = _CLASS.sub("?", pattern)
    single, many = plain.count("?"), plain.count("*")
    front = len(re.split(r"[*?]", plain, maxsplit=1)[0])
    return (len(plain) - single - many, front, single, -many)


def unknown(name: str, catalog: Catalog, aliases: Aliases) -> UnknownModel:
    """The error for a name that means nothing: what is near, and how to add one."""
    known = list(names(catalog)) + [alias for alias in aliases if is_name(alias)]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) if len(name) <= MAX_SHOWN else []
    if near:
        hint = f"Did you mean {', '.join(near)}?"
    elif known:
        hint = f"There are: {', '.join(known[:8])}{' and more' if len(known) > 8 else ''}."
    else:
        hint = "There are no models yet."
    return UnknownModel(
        f"There is no model '{shown(name)}'.",
        remedy=f"{hint} Add one with 'landbridge models pull NAME', a [providers.NAME] section or an alias.",
    )


def shown(name: str) -> str:
    """A client's name for a message."""
    return name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}..."


def names(catalog: Catalog) -> Iterable[str]:
    """Every name there is, local ones first."""
    yield from catalog.local
    for provider, models in catalog.providers.items():
        yield from (f"{provider}/{model}" for model in models or ())


def discovery_ids(catalog: Catalog) -> list[tuple[str, str]]:
    """(id, display name) of every model, with ids that pass Claude Code's filter and resolve back."""
    found = []
    for name in dict.fromkeys(names(catalog)):
        route = _listed(name, catalog)
        local = (f"claude/local/{name}",) if name in catalog.local else ()
        ids = (name, *(dress + name for dress in DRESSES), *local)
        fitting = (id for id in ids if "claude" in id.lower() and _means(id, route, catalog))
        if (id := next(fitting, None)) is not None:
            found.append((id, name))
    return found


def _means(id: str, route: Route | None, catalog: Catalog) -> bool:
    return existing(id, catalog) == route
