"""What landbridge can do on the web, by the settings: whether it searches, with what, and how it fetches."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from msgspec import Struct

from ...config import Config, FetchSettings, Secret, expand
from ...wire.hosted.outcome import Kind
from ...wire.search.services import SERVICES, Service

log = logging.getLogger("landbridge.gateway")

NOT_SET_UP = (
    "landbridge has no search service; whoever runs it names one under [search] in landbridge.toml (docs/web-search.md)"
)
SWITCHED_OFF = "the settings say so (fetch.enabled in landbridge.toml)"


class Searching(Struct, frozen=True):
    """A search service that can be asked."""

    service: Service
    base_url: str
    key: Secret
    max_results: int
    timeout: float


class Web(Struct, frozen=True):
    """All of it."""

    fetch: FetchSettings
    search: Searching | None = None
    problem: str = NOT_SET_UP
    """Why it does not search, if it does not."""

    @property
    def problems(self) -> dict[Kind, str]:
        """Of each tool why it cannot be run; empty: it can."""
        return {
            "search": "" if self.search is not None else self.problem,
            "fetch": "" if self.fetch.enabled else SWITCHED_OFF,
        }


def web_of(config: Config, env: Mapping[str, str]) -> Web:
    """What the settings allow. A key that is missing is a problem of the search, and of nothing else."""
    settings = config.search
    if not settings.service:
        return Web(config.fetch)
    service = SERVICES[settings.service]
    reference = settings.api_key or (f"${{{service.variable}}}" if service.variable else "")
    key, missing = expand(reference, env)
    if missing:
        names = " and ".join(missing)
        problem = f"the key of {service.name} is missing; {names} must be set where landbridge runs"
        log.warning("web search does not work: %s", problem)
        return Web(config.fetch, problem=problem)
    base_url = (settings.base_url or service.base_url).rstrip("/")
    return Web(config.fetch, Searching(service, base_url, key, settings.max_results, settings.timeout))
