"""One generation of the settings, resolved: what providers there are, what names mean, where targets stand.

A new generation replaces the old one whole when the settings file changes; exchanges under way keep theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..config import Config
from ..errors import ConfigFault, Forbidden, GatewayError
from ..providers import auth, quirks, table
from ..providers.probed import NO_PROBES, Probes
from ..providers.table import Provider
from ..routing.names import Catalog, Route, resolve
from ..routing.target import Target
from ..upstream.client import Endpoint
from ..wire.dialects import dialect
from .hosted.web import web_of

LOCAL_DIALECT = "openai_chat"
"""What the engines speak (ENGINE.md: their own `/v1/messages` loses too much)."""


MAX_ROUTES = 1000
"""Names remembered; a client that asks for ever new ones cannot fill the memory."""
MAX_NAME = 200
"""Longer names are looked up anew each time, for the same reason."""


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
        """Providers whose settings cannot work, and why; the others work all the same."""
        self.listed: dict[str, tuple[str, ...]] = {}
        """Model lists that providers gave when asked."""
        self.silent: dict[str, GatewayError] = {}
        """Providers that could not say which models they have, and why."""
        self.ask_again: dict[str, float] = {}
        """Loop time at which a provider that was asked may be asked again."""
        for name, settings in config.providers.items():
            try:
                self.providers[name] = table.resolve(name, settings, env)
            except ConfigFault as fault:
                self.faults[name] = fault
        self._open = frozenset(name for name, provider in self.providers.items() if provider.models is None)
        self._broken = {name: fault.text.removeprefix(f"Provider '{name}': ") for name, fault in self.faults.items()}
        self._routes: dict[str, Route] = {}
        self._routes_for: Catalog | None = None
        self._targets: dict[Route, Target] = {}
        self._endpoints: dict[tuple[Target, bool], Endpoint] = {}

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

    def route(self, model: str) -> Route:
        """What `model` means. Raises `UnknownModel`. Remembered for as long as the same names exist."""
        known = self._routes.get(model)
        local = self.local()
        if known is not None and self._routes_for is not None and self._routes_for.local is local:
            return known
        catalog = self.catalog()
        if catalog != self._routes_for or len(self._routes) > MAX_ROUTES:
            self._routes.clear()
        self._routes_for = catalog
        route = resolve(model, catalog, self.config.aliases, self.config.default_model)
        if len(model) <= MAX_NAME:
            self._routes[model] = route
        return route

    def learn(self, provider: str, models: tuple[str, ...]) -> None:
        """The provider says which models it has."""
        self.listed[provider] = models
        self._routes.clear()

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
        endpoint = self.endpoint_at(target, dialect(target.dialect).path(target.model, stream=stream))
        if len(target.model) <= MAX_NAME:
            self._endpoints[target, stream] = endpoint
        return endpoint

    def endpoint_at(self, target: Target, path: str) -> Endpoint:
        """Another path of a cloud target's provider."""
        provider = self.providers[target.provider]
        if provider.key_problem:
            raise Forbidden(
                f"Provider '{provider.name}' cannot be used: {provider.key_problem}.", remedy=provider.key_remedy
            )
        return Endpoint(
            url=table.url(provider, path),
            headers=auth.headers(provider),
            defaults=auth.defaults(provider),
            origin=f"provider:{provider.name}",
            connect_timeout=provider.connect_timeout,
            idle_timeout=provider.idle_timeout,
            drain=quirks.DRAIN in provider.quirks,
        )
