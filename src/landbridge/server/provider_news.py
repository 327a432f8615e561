"""What has become known of providers since somebody asked for the first time: how they were tried, what went wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence

from msgspec import Struct

from ..config.masks import Masks, secrets_of
from ..errors import Forbidden, ProviderFault
from ..gateway.checkup import Checkup
from ..gateway.journal import Record
from ..manage.providers import Standing, standings, state_of
from .works import Works

MISSES = frozenset({Forbidden.kind, ProviderFault.kind, *(each.kind for each in ProviderFault.__subclasses__())})
"""Kinds of errors that are the provider's, or of its key; all others are the client's or our own."""


class Tried(Struct, frozen=True):
    """How a provider was tried last."""

    at: float
    """In Unix seconds."""
    ok: bool
    problem: str = ""
    remedy: str = ""


class Miss(Struct, frozen=True):
    """An exchange that failed at a provider."""

    at: float
    id: str
    """Of the exchange."""
    model: str
    status: int
    message: str
    since: bool = False
    """Whether others have gone well since."""


class Provided(Standing, frozen=True, kw_only=True):
    """A provider of a running router."""

    listed: int | None = None
    """How many models it has said it has; null: it was not asked, or its settings name them."""
    tried: Tried | None = None
    missed: Miss | None = None
    """The latest exchange that failed, if one has."""


class News:
    """Of one router."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._tried: dict[str, Tried] = {}
        self._missed: dict[str, Miss] = {}
        self._well: dict[str, float] = {}
        """When an exchange went well."""
        self._known: tuple[object, list[Standing]] = (None, [])
        works.gateway.journal.readers.append(self.read)
        self.read(list(works.gateway.journal.latest))

    def read(self, records: Sequence[Record]) -> None:
        """Exchanges have ended."""
        for record in records:
            if not record.provider:
                continue
            if record.outcome == "ok":
                self._well[record.provider] = record.at
            if record.outcome not in MISSES:
                continue
            env = self._works.env()
            words = Masks(secrets_of(self._works.settings.config, env)).all(record.message)
            self._missed[record.provider] = Miss(record.at, record.id, record.target, record.status, words)

    def tried(self, found: Checkup) -> None:
        """A provider was tried."""
        self._tried[found.provider] = Tried(time.time(), found.ok, found.problem, found.remedy)

    def forget(self, name: str) -> None:
        """It is another one from now on, or none: how it was before says nothing."""
        for kept in (self._tried, self._missed, self._well):
            kept.pop(name, None)

    def all(self) -> list[Provided]:
        """How each stands now."""
        world, parts = self._works.gateway.world, self._works.health.report().parts
        if self._known[0] is not world:
            self._known = (world, standings(world.config, self._works.env(), {}))
        return [self._provided(each, state_of(each.name, parts)) for each in self._known[1]]

    def _provided(self, base: Standing, state: tuple[str, str]) -> Provided:
        world = self._works.gateway.world
        listed = world.listed.get(base.name)
        missed = self._missed.get(base.name)
        if missed is not None and self._well.get(base.name, 0.0) > missed.at:
            missed = Miss(missed.at, missed.id, missed.model, missed.status, missed.message, True)
        values = {name: getattr(base, name) for name in base.__struct_fields__}
        return Provided(
            **{**values, "state": state[0], "detail": state[1]},
            listed=None if listed is None or base.models is not None else len(listed),
            tried=self._tried.get(base.name),
            missed=missed,
        )
