"""`/api/v1/library`: the local models, what each is and how it would be run, and those of other programs.

Whether a model fits, and why, is what the planner says with the memory that is free now.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field, to_builtins

from ..config import ModelSettings
from ..engines.library import LocalModel
from ..engines.states import State
from ..errors import BadRequest, ModelUnusable
from ..manage import model_import as importing
from ..manage.fits import judge
from ..manage.model_facts import Explained, explained
from ..manage.model_list import Row as ModelRow
from ..manage.model_list import row_of, rows
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

LIBRARY = "/api/v1/library"
IMPORTABLE = "/api/v1/importable"
IN_MEMORY = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
"""States in which an engine holds its model's file."""
LOOK_EVERY = 2.0
"""Seconds between two looks at the models' folder, while somebody wants to know."""


class Models(Struct):
    """The models of this machine, and those that can be fetched by name."""

    models: list[ModelRow]


class Names(Struct):
    """The names of the models that are here; another whenever one comes or goes."""

    names: list[str]


class Trial(Struct, forbid_unknown_fields=True):
    """Engine settings that have not been saved."""

    settings: dict[str, Any] = field(default_factory=dict)
    """Those that would be others than now, by their names; null: as by default."""


class Removed(Struct):
    """What became of a model that was removed."""

    name: str
    freed: int
    """Bytes."""
    stays: str = ""
    """The file that is somebody's own, and stays where it is."""


class Importable(Struct, kw_only=True):
    """A model of another program, or of a folder."""

    name: str
    """What it would be called, or is."""
    tool: str
    label: str
    """What it is called there."""
    path: str
    size: int
    quantization: str
    context: int
    state: str
    """`new`, `here as NAME`, or why it cannot be used."""
    note: str


class Found(Struct):
    """What there is to import."""

    models: list[Importable]


class Import(Struct, forbid_unknown_fields=True):
    """What to import."""

    what: str
    """A name or label of the list, or the path of a file."""
    name: str = ""
    """What to call it."""


DESCRIBED: Described = {
    ("GET", "", LIBRARY): Endpoint(summary="List the local models, and those that can be fetched", gives=(Models,)),
    ("GET", "", f"{LIBRARY}/{{model}}"): Endpoint(
        summary="Say what a model is, how it would be run here and why", gives=(Explained,)
    ),
    ("POST", "", f"{LIBRARY}/{{model}}/plan"): Endpoint(
        summary="Say how it would be run with other settings", takes=Trial, gives=(Explained,)
    ),
    ("DELETE", "", f"{LIBRARY}/{{model}}"): Endpoint(
        summary="Remove a model from this machine", gives=(Removed,), parameters=("unload",)
    ),
    ("GET", "", IMPORTABLE): Endpoint(
        summary="List models that other programs have here", gives=(Found,), parameters=("folder",)
    ),
    ("POST", "", IMPORTABLE): Endpoint(
        summary="Use a model that is here already, where it is", takes=Import, gives=(ModelRow,)
    ),
}


def table(works: Works) -> Table:
    """The endpoints."""
    desk = _Desk(works)
    works.hub.state("library", lambda: Names(list(works.library.names())), LOOK_EVERY)
    return Table(
        works.book,
        [
            Row("POST", f"{LIBRARY}/{{model}}/plan", desk.plan, guarded=False),
            Row("GET", LIBRARY, desk.all),
            Row("GET", f"{LIBRARY}/{{model}}", desk.show),
            Row("DELETE", f"{LIBRARY}/{{model}}", desk.remove),
            Row("GET", IMPORTABLE, desk.importable),
            Row("POST", IMPORTABLE, desk.take_in),
        ],
    )


class _Desk:
    """The handlers."""

    def __init__(self, works: Works) -> None:
        self._works, self._library = works, works.library

    async def all(self, asked: Asked) -> Models:
        asked.query()
        return Models(await asyncio.to_thread(rows, self._library, self._works.gateway.config, self._in_memory()))

    async def show(self, asked: Asked) -> Explained:
        asked.query()
        return await asyncio.to_thread(self._explained, asked.path["model"], None)

    async def plan(self, asked: Asked) -> Explained:
        return await asyncio.to_thread(self._explained, asked.path["model"], asked.body(Trial).settings)

    async def remove(self, asked: Asked) -> Removed:
        name, keeper = asked.path["model"], self._works.keeper
        unload = asked.query("unload").get("unload", "") in ("1", "true", "yes")
        if name in self._in_memory():
            if not unload:
                raise BadRequest(
                    f"'{name}' is loaded.", remedy="Unload it first, or ask with ?unload=true.", param="unload"
                )
            await keeper.unload(name)
        return await asyncio.to_thread(self._remove, name)

    async def importable(self, asked: Asked) -> Found:
        folder = asked.query("folder").get("folder", "")
        return Found(await asyncio.to_thread(self._importable, (folder,) if folder else ()))

    async def take_in(self, asked: Asked) -> ModelRow:
        return await asyncio.to_thread(self._take_in, asked.body(Import))

    # -- in threads ----------------------------------------------------------------------------------------------------

    def _explained(self, name: str, trial: dict[str, Any] | None) -> Explained:
        config = self._works.gateway.config
        settings = None if trial is None else _with(config.model(name), config.model_defaults, trial)
        return explained(self._model(name), config, self._library.find, settings)

    def _remove(self, name: str) -> Removed:
        try:
            model = self._library.find(name)
        except ModelUnusable:
            model = None
        stays = str(model.path) if model is not None and model.in_place else ""
        return Removed(name, self._library.remove(name), stays)

    def _importable(self, what: tuple[str, ...]) -> list[Importable]:
        found, _ = importing.find(what, os.environ, Path.home())
        return [_told(offer) for offer in importing.offers(self._library, found)]

    def _take_in(self, wish: Import) -> ModelRow:
        found, named = importing.find((wish.what,), os.environ, Path.home())
        offer = importing.named(named[0] if named else wish.what, importing.offers(self._library, found))
        if wish.name:
            offer = msgspec.structs.replace(offer, name=wish.name)
        return row_of(importing.adopt(self._library, offer), judge(self._works.gateway.config))

    def _model(self, name: str) -> LocalModel:
        found = self._library.find(name)
        if found is None:
            raise self._library.unknown(name)
        return found

    def _in_memory(self) -> dict[str, str]:
        return {each.name: each.state for each in self._works.keeper.snapshot() if each.state in IN_MEMORY}


def _with(now: ModelSettings, defaults: ModelSettings, trial: dict[str, Any]) -> ModelSettings:
    """The settings as they would be. Raises `BadRequest` for what they cannot be."""
    usual = to_builtins(defaults)
    wanted = {name: usual.get(name) if value is None else value for name, value in trial.items()}
    try:
        return msgspec.convert({**to_builtins(now), **wanted}, ModelSettings)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The settings cannot be meant: {error}.", param="settings") from None


def _told(offer: importing.Offer) -> Importable:
    found, facts = offer.found, offer.facts
    return Importable(
        name=offer.name,
        tool=found.tool,
        label=found.label,
        path=str(found.path),
        size=found.size,
        quantization=facts.quantization if facts is not None else "",
        context=facts.context_length if facts is not None else 0,
        state=offer.state,
        note=found.note,
    )
