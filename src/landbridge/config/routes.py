"""What is wrong with names that lead to other names: aliases, lists of them, routes, tiers and views.

A circle or an empty list can never work, and is a fault. A target that nothing known bears is a warning: models come
and go while the program runs, and the others of its list answer meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .keys import dotted
from .places import Keys
from .schema import Chain, Config, RouteTarget

Impossible = tuple[Keys, str, str]
"""Where, what is wrong, what to do."""
DRESSES = ("claude", "anthropic", "local")
"""What may stand before a slash without being a provider."""


def members(chain: Chain | Sequence[str | RouteTarget]) -> list[str]:
    """The names that a value leads to."""
    if isinstance(chain, str):
        return [chain] if chain else []
    return [each if isinstance(each, str) else each.model for each in chain]


def impossible_routes(config: Config) -> Iterator[Impossible]:
    """What can never work."""
    for path, chain in _chains(config):
        if not chain or not all(name.strip() for name in members(chain)):
            what = "names a model without a name" if isinstance(chain, list) and chain else "leads to nothing"
            yield path, f"the {_kind(path)} '{path[-1]}' {what}.", "Give it a model's name."
    for name, route in config.routes.items():
        path = ("routes", name)
        if name in config.aliases:
            yield path, f"'{name}' is an alias, too.", f"Keep one: {dotted(path)}, or aliases.{name}."
        targets = members(route.targets)
        if not targets or not all(target.strip() for target in targets):
            yield (*path, "targets"), f"{dotted((*path, 'targets'))} names no model.", 'For example: ["lab/m", "n"].'
        elif route.policy == "weight" and not any(_weight(target) for target in route.targets):
            yield (*path, "targets"), f"the weights of '{name}' are all 0.", "Give one of them more."
    for view in config.views:
        if view.startswith("key:") and not view.removeprefix("key:").strip():
            yield ("views", view), f"'{view}' names no access key.", 'For example: [views."key:alice"].'
    yield from _circles(config)


def warn_of_routes(config: Config) -> list[str]:
    """Targets of lists that nothing known bears; the others of the list answer meanwhile."""
    names = _exact(config)
    found: list[str] = []
    leading: list[tuple[Keys, list[str]]] = [(path, members(chain)) for path, chain in _chains(config)]
    leading += [(("routes", name), members(route.targets)) for name, route in config.routes.items()]
    for path, targets in leading:
        for target in targets:
            if target not in names and (why := _unknown(target, config)):
                found.append(f"{dotted(path)} leads to '{target}', but {why}.")
    return found


def _unknown(target: str, config: Config) -> str:
    """Why nothing can bear that name; empty where something may."""
    provider, slash, model = target.partition("/")
    if not slash or provider in DRESSES:
        return ""
    if provider not in config.providers:
        return f"there is no provider '{provider}'"
    if not config.providers[provider].enabled:
        return f"'{provider}' is turned off"
    listed = config.providers[provider].models
    plain = model.partition("[")[0]
    return "" if listed is None or model in listed or plain in listed else f"'{provider}' has no model '{model}'"


def _chains(config: Config) -> Iterator[tuple[Keys, Chain]]:
    """Every value that leads to a model or several, but those of routes."""
    for name, chain in config.aliases.items():
        yield ("aliases", name), chain
    for tier in config.tiers.__struct_fields__:
        if (chain := getattr(config.tiers, tier)) != "":
            yield ("tiers", tier), chain
    for view, aliases in config.views.items():
        for name, chain in aliases.items():
            yield ("views", view, name), chain


def _exact(config: Config) -> Mapping[str, list[str]]:
    """Names that lead to others, with those; a pattern is no name that somebody could lead to."""
    found = {name: members(chain) for name, chain in config.aliases.items()}
    return {**found, **{name: members(route.targets) for name, route in config.routes.items()}}


def _circles(config: Config) -> Iterator[Impossible]:
    """Names that lead back to themselves through others. A name may lead to the model of that name."""
    names = _exact(config)
    for name in names:
        if (trail := _back(name, names)) is not None:
            path = ("routes" if name in config.routes else "aliases", name)
            said = " -> ".join(f"'{each}'" for each in trail)
            yield path, f"'{name}' leads in a circle: {said}.", "Take one of them out."


def _back(start: str, names: Mapping[str, Sequence[str]]) -> list[str] | None:
    """The way from `start` back to it, if there is one of more than one step."""
    ways = [[start, target] for target in names[start] if target != start]
    seen = {start}
    while ways:
        way = ways.pop()
        if way[-1] == start:
            return way
        if way[-1] in names and way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, target] for target in names[way[-1]] if target != way[-1]]
    return None


def _kind(path: Keys) -> str:
    return "tier" if path[0] == "tiers" else "alias"


def _weight(target: str | RouteTarget) -> float:
    return 1.0 if isinstance(target, str) else target.weight
