"""A gateway in this process, with real listeners on free ports and real connections: everything but the command line.

    async with Running(tmp_path, settings) as running:
        answer = await running.post("/v1/messages", {...})

Local models are those of the given library; by default there are none.
"""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

from landbridge.config import load
from landbridge.engines.keeper import Keeper
from landbridge.engines.launch import Library, Model, Planned
from landbridge.engines.library import Library as Models
from landbridge.gateway.attempt import Parts
from landbridge.gateway.count import Calibration
from landbridge.gateway.exchange import Gateway
from landbridge.gateway.journal import Journal
from landbridge.gateway.originals import Originals
from landbridge.gateway.world import World
from landbridge.manage.downloads import Downloads
from landbridge.server.admission import FACES, Admission
from landbridge.server.app import App
from landbridge.server.health import Health
from landbridge.server.hub import Hub
from landbridge.server.listeners import Listeners, Spec
from landbridge.server.settings import Settings
from landbridge.server.topics import offer
from landbridge.server.works import Works
from landbridge.store.ledger import Ledger
from landbridge.store.location import locate
from landbridge.upstream.ask import ask
from landbridge.upstream.client import Client


class NoModels:
    """A library without models."""

    def find(self, name: str) -> Model | None:
        """Nothing."""
        return None


def no_plan(*_: object) -> Planned:
    """Never asked, since there are no models."""
    raise AssertionError("there are no models to plan for")


class Reply:
    """What the gateway answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Running:
    """The gateway; an async context manager."""

    def __init__(
        self,
        folder: Path,
        settings: str = "",
        *,
        env: dict[str, str] | None = None,
        library: Library | None = None,
        planner: Any = no_plan,
        local: tuple[str, ...] = (),
    ) -> None:
        path = folder / "landbridge.toml"
        path.write_text(settings)
        self.config = load(path, env or {})
        self._env, self._local = env or {}, local
        self.client = Client()
        self.keeper = Keeper(
            library or NoModels(), lambda: self.config, folder / "run", planner, partial(ask, self.client)
        )
        self.journal = Journal()
        parts = Parts(self.client, self.keeper, Originals(), Calibration())
        self.gateway = Gateway(parts, World(self.config, self._env, lambda: self._local), self.journal)
        self.health = Health(self.gateway, self.keeper)
        self.admission = Admission(folder, self.gateway)
        self.health.keys = self.admission.health
        self.listeners = Listeners()
        self.hub = Hub()
        offer(self.hub, self.health)
        self.works = Works(
            config_path=path,
            data_dir=folder,
            gateway=self.gateway,
            health=self.health,
            settings=Settings(path, folder, self._env, {}),
            library=(models := Models(folder / "models")),
            downloads=Downloads(models, lambda: self.config, folder / "downloads.json"),
            book=self.admission.book,
            ledger=Ledger(folder, lambda: self.config.store),
            listeners=self.listeners,
            hub=self.hub,
            env=lambda: self._env,
            reload=self.reload,
        )
        self._stack = AsyncExitStack()
        self.url = self.openai = ""
        self.session: aiohttp.ClientSession

    async def __aenter__(self) -> Running:
        await self.client.start()
        self._stack.push_async_callback(self.client.close)
        self._stack.push_async_callback(self.gateway.lookout.close)
        self._stack.callback(self.works.downloads.close)
        await self.keeper.start()
        self._stack.push_async_callback(self.keeper.close)
        await self.admission.open(self._env)
        self._stack.push_async_callback(self.admission.close)
        faces = {face: self.app(face) for face in FACES}
        await self.listeners.apply({face: Spec(True, "127.0.0.1", 0, app) for face, app in faces.items()})
        self._stack.push_async_callback(self.listeners.close, 0.5)
        self._stack.callback(self.hub.close)
        self.works.ledger.start(locate("", self.works.data_dir, {}))
        self._stack.push_async_callback(self.works.ledger.close)
        self._stack.callback(self.journal.flush)
        places = self.listeners.addresses()
        self.url, self.openai = (f"http://127.0.0.1:{places[face][1]}" for face in ("router", "openai"))
        self.session = aiohttp.ClientSession()
        self._stack.push_async_callback(self.session.close)
        return self

    def app(self, face: str) -> App:
        """The application of a listener."""
        door = self.admission.door(face) if face in FACES else None
        return App(self.gateway, self.health, face, door, self.works)

    async def reload(self) -> None:
        """Settings of this router stay as they are."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> Reply:
        """POST at the router."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.post(self.url + path, data=data, headers=headers) as answer:
            content = await answer.read()
            return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)

    async def get(self, path: str, headers: dict[str, str] | None = None, *, base: str = "") -> Reply:
        """GET at the router."""
        async with self.session.get((base or self.url) + path, headers=headers) as answer:
            content = await answer.read()
            return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, content)
