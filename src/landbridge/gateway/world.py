"""One generation of the settings, resolved: what providers there are, what names mean, where targets stand.

A new generation replaces the old one whole when the settings file changes; exchanges under way keep theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import asdict, replace

from ..config import Config
from ..errors import ConfigFault, Forbidden, GatewayError
from ..providers import auth, quirks, table
from ..providers.probed import NO_PROBES, Probes
from ..providers.table import Provider
from ..routing.backoff import Backoff
from ..routing.breaker import Breaker, Rules
from ..routing.chain import Fork, plain
from ..routing.forks import TIER_NAMES, Leaf, first_of, leaves
from ..routing.names import Catalog, Route, resolve
from ..routing.target import Target
from ..store.record import client_name
from ..upstream.client import Endpoint
from ..upstream.place import Sign
from ..wire.dialects import dialect
from .call import Call
from .hosted.web import web_of
from .meanings import meanings_of, view_of
from .signing import sign_of
from .trial import Alone

LOCAL_DIALECT = "openai_chat"
"""What the engines speak (ENGINE.md: their own `/v1/messages` loses too much)."""


MAX_ROUTES = 1000
"""Names remembered; a client that asks for ever new ones cannot fill the memory."""
MAX_NAME = 200
"""Longer names are looked up anew each time, for the same reason."""


def turned_off(name: str) -> ConfigFault:
    """Why a provider is not used that is turned off."""
    remedy = f"Turn it on: landbridge providers enable {name}, or Cloud Integration in the dashboard."
    return ConfigFault(f"Provider '{name}': it is turned off in the settings.", remedy=remedy)


class World:
    """The settings and everything derived from them."""

    def __init__(
        self,
        config: Config,
        env: Mapping[str, str],
        local: Callable[[], tuple[str, ...]],
        probes: Probes = NO_PROBES,
    ) -> None:
        self.config = config
        self.probes = probes
        self.local = local
        self.web = web_of(config, env)
        self.providers: dict[str, Provider] = {}
        self.faults: dict[str, GatewayError] = {}
        """Providers that cannot be used, and why; the others work all the same."""
        self.listed: dict[str, tuple[str, ...]] = {}
        """Model lists that providers gave when asked."""
        self.silent: dict[str, GatewayError] = {}
        """Providers that could not say which models they have, and why."""
        self.ask_again: dict[str, float] = {}
        """Loop time at which a provider that was asked may be asked again."""
        self.off = frozenset(name for name, settings in config.providers.items() if not settings.enabled)
        """Those among them that are turned off."""
        self._resolve(env)
        self._open = frozenset(name for name, provider in self.providers.items() if provider.models is None)
        self._broken = {name: fault.text.removeprefix(f"Provider '{name}': ") for name, fault in self.faults.items()}
        self._meanings = {view: meanings_of(config, view) for view in ("", *config.views)}
        self.forked = any(each.forks for each in self._meanings.values())
        """Whether any name leads to several models."""
        self.views = config.views
        """Names that mean something else to some callers."""
        self.rules = Rules(**asdict(config.breaker))
        self.backoff = Backoff(config.retries.first_pause, config.retries.longest_pause)
        self.alone = Alone(config.retries.longest_pause) if config.retries.max else None
        """Asks again where a name leads to one target; None: nobody does."""
        self.breakers: dict[str, Breaker] = {}
        """By the label of the target. Changed settings may have mended it, so each generation begins anew."""
        self._routes: dict[str, Route | Fork] = {}
        self._leaves: dict[tuple[str, Fork], tuple[Leaf, ...]] = {}
        self._routes_for: Catalog | None = None
        self._targets: dict[Route, Target] = {}
        self._endpoints: dict[tuple[Target, bool], Endpoint] = {}
        self._signs: dict[str, Sign | None] = {}

    def _resolve(self, env: Mapping[str, str]) -> None:
        """Which providers can be used, and why the others cannot."""
        for name, settings in self.config.providers.items():
            try:
                if name in self.off:
                    raise turned_off(name)
                self.providers[name] = table.resolve(name, settings, env)
            except ConfigFault as fault:
                self.faults[name] = fault

    def catalog(self) -> Catalog:
        """The names there are now."""
        return Catalog(
            local=self.local(),
            providers={
                name: provider.models if provider.models is not None else self.listed.get(name)
                for name, provider in self.providers.items()
            },
            open=self._open,
            broken=self._broken,
        )

    @property
    def unasked(self) -> bool:
        """Whether there are providers that nobody has asked for their models yet."""
        return not self.ask_again.keys() >= self._open

    def find(self, model: str, view: str = "") -> Route | Fork:
        """What `model` means in a view. Raises `UnknownModel`. Remembered for as long as the same names exist."""
        asked = f"{view}\0{model}" if view else model
        known = self._routes.get(asked)
        local = self.local()
        if known is not None and self._routes_for is not None and self._routes_for.local is local:
            return known
        catalog = self.catalog()
        if catalog != self._routes_for or len(self._routes) > MAX_ROUTES:
            self._routes.clear()
            self._leaves.clear()
        self._routes_for = catalog
        means = self._meanings[view]
        default = self.config.default_model
        found = resolve(model, catalog, means.aliases, default, first=means.first, tiers=means.tiers)
        if isinstance(found, Route) and found.label != model:
            found = replace(found, said=plain(f"{found.label}; {found.why}"))
        if len(model) <= MAX_NAME:
            self._routes[asked] = found
        return found

    def route(self, model: str, view: str = "") -> Route:
        """What `model` means; the first that there is, where it leads to several. Raises `UnknownModel`."""
        found = self.find(model, view)
        return found if isinstance(found, Route) else first_of(found, self.catalog(), self._meanings[view].aliases)

    def view(self, call: Call) -> str:
        """How names are meant for whoever calls."""
        if not self.views:
            return ""
        return view_of(self.views, client_name(call.user_agent), (call.key.name, call.key.id) if call.key else ())

    def forks(self) -> list[str]:
        """The names and patterns that lead to several models, without those of views."""
        means = self._meanings[""]
        tiers = {name for tier in means.tiers for name in TIER_NAMES[tier][1:]}
        return [name for name, value in means.aliases.items() if isinstance(value, Fork) and name not in tiers]

    def leaves(self, fork: Fork, view: str) -> tuple[Leaf, ...]:
        """The models that a fork found in `view` leads to. Remembered as long as what `find` gave."""
        if (known := self._leaves.get((view, fork))) is not None:
            return known
        found = self._leaves[view, fork] = leaves(fork, self.catalog(), self._meanings[view].aliases)
        return found

    def breaker(self, label: str) -> Breaker:
        """The breaker of one target."""
        if (known := self.breakers.get(label)) is None:
            known = self.breakers[label] = Breaker(self.rules)
        return known

    def learn(self, provider: str, models: tuple[str, ...]) -> None:
        """The provider says which models it has."""
        self.listed[provider] = models
        self._routes.clear()
        self._leaves.clear()

    def target(self, route: Route) -> Target:
        """The target of `route`."""
        if (known := self._targets.get(route)) is not None:
            return known
        if len(self._targets) > MAX_ROUTES:
            self._targets.clear()
            self._endpoints.clear()
        if route.provider is None:
            target = Target(provider="local", model=route.model, dialect=LOCAL_DIALECT, local=True)
        else:
            provider = self.providers[route.provider]
            target = Target(
                provider=provider.name,
                model=route.model,
                dialect=provider.dialect,
                traits=table.traits(provider, route.model, self.probes),
            )
        if len(route.model) <= MAX_NAME:
            self._targets[route] = target
        return target

    def endpoint(self, target: Target, *, stream: bool) -> Endpoint:
        """Where a cloud target's generation endpoint is. Raises `Forbidden` where its key is not set."""
        if (known := self._endpoints.get((target, stream))) is not None:
            return known
        endpoint = self.endpoint_at(target, dialect(target.dialect).path(target.model, stream=stream), stream=stream)
        if len(target.model) <= MAX_NAME:
            self._endpoints[target, stream] = endpoint
        return endpoint

    def endpoint_at(self, target: Target, path: str, *, stream: bool = False) -> Endpoint:
        """Another path of a cloud target's provider."""
        provider = self.providers[target.provider]
        if provider.key_problem:
            raise Forbidden(
                f"Provider '{provider.name}' cannot be used: {provider.key_problem}.", remedy=provider.key_remedy
            )
        return self.endpoint_of(provider, table.url(provider, path, target.model, stream=stream))

    def endpoint_of(self, provider: Provider, url: str) -> Endpoint:
        """An address of `provider`'s, with all that its requests need."""
        if provider.name not in self._signs:
            self._signs[provider.name] = sign_of(provider)
        return Endpoint(
            url=url,
            headers=auth.headers(provider),
            defaults=auth.defaults(provider),
            origin=f"provider:{provider.name}",
            connect_timeout=provider.connect_timeout,
            first_byte_timeout=provider.first_byte_timeout,
            idle_timeout=provider.idle_timeout,
            sign=self._signs[provider.name],
            drain=quirks.DRAIN in provider.quirks,
        )
