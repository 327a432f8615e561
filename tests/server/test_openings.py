"""Listeners, control socket and dashboard are where the settings say; what cannot be had is said of the part it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from landbridge.config import Config, Listener
from landbridge.config.schema import Listeners as Chosen
from landbridge.errors import ConfigFault
from landbridge.server.admission import FACES
from landbridge.server.control import FILE, Control
from landbridge.server.health import PartHealth
from landbridge.server.listeners import Listeners
from landbridge.server.openings import Openings
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

OFF = Listener(enabled=False)
FREE = Listener(port=0)


class Doors:
    """Openings of a gateway, with settings that a test chooses."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.chosen = Chosen(router=FREE, openai=FREE, dashboard=OFF)
        faces = {face: running.app(face) for face in FACES}
        control = Control(folder, running.app("control"))
        self.openings = Openings(Listeners(), faces, control, lambda: Config(listeners=self.chosen))

    async def choose(self, router: Listener = FREE, openai: Listener = FREE, dashboard: Listener = OFF) -> None:
        self.chosen = Chosen(router=router, openai=openai, dashboard=dashboard)
        await self.openings.apply()


@asynccontextmanager
async def doors(folder: Path) -> AsyncIterator[Doors]:
    async with Running(folder) as running:
        made = Doors(running, folder / "data")
        await made.openings.open()
        try:
            yield made
        finally:
            await made.openings.close()


async def status(url: str, path: str, connector: aiohttp.BaseConnector | None = None) -> int:
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url + path) as answer:
        return answer.status


async def test_each_has_its_face(tmp_path: Path) -> None:
    async with doors(tmp_path) as made:
        places = made.openings.addresses()
        assert sorted(places) == ["openai", "router"]
        for name, served in (("router", 200), ("openai", 404)):
            assert await status(f"http://127.0.0.1:{places[name][1]}", "/anthropic/v1/models") == served
            assert made.openings.health()[f"listener {name}"] == PartHealth("ok", f"127.0.0.1:{places[name][1]}")
        assert made.openings.health()["dashboard"] == PartHealth("off")


async def test_the_control_socket_is_there_whatever_is_off(tmp_path: Path) -> None:
    async with doors(tmp_path) as made:
        await made.choose(router=OFF, openai=OFF)
        assert made.openings.addresses() == {}
        assert made.openings.health()["listener router"] == PartHealth("off")
        at_socket = aiohttp.UnixConnector(str(tmp_path / "data" / FILE))
        assert await status("http://localhost", "/anthropic/v1/models", at_socket) == 200
    assert not (tmp_path / "data" / FILE).exists()


async def test_what_cannot_be_had_is_said_and_the_rest_is_open(tmp_path: Path) -> None:
    async with doors(tmp_path) as made:
        await made.choose(router=OFF)
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(ConfigFault, match=f"Port {port} on 127.0.0.1 is in use"):
                await made.choose(router=Listener(port=port), dashboard=FREE)
            health = made.openings.health()
            assert (health["listener router"].status, health["listener openai"].status) == ("failed", "ok")
            assert f"Port {port} on 127.0.0.1 is in use by another program." in health["listener router"].detail
            assert "listeners.router.port" in health["listener router"].remedy
            assert "dashboard" in made.openings.addresses()
        await made.openings.apply()
        assert made.openings.health()["listener router"] == PartHealth("ok", f"127.0.0.1:{port}")


async def test_a_dashboard_that_has_no_port_stops_nothing(tmp_path: Path) -> None:
    async with doors(tmp_path) as made:
        with socket.create_server(("127.0.0.1", 0)) as other:
            await made.choose(dashboard=Listener(port=other.getsockname()[1]))
            assert made.openings.health()["dashboard"].status == "resting"
            assert "in use" in made.openings.health()["dashboard"].detail
        assert made.openings.health()["listener router"].status == "ok"


async def test_two_at_once_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    async with doors(tmp_path) as made:
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        made.chosen = Chosen(router=Listener(port=port), openai=FREE, dashboard=OFF)
        await asyncio.gather(*(made.openings.apply() for _ in range(3)))
        assert made.openings.addresses()["router"] == ("127.0.0.1", port)


async def test_whoever_can_ask_is_told_of_open_listeners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that waits for the socket of a starting router must not read that its listeners have failed."""
    async with Running(tmp_path) as running:
        made = Doors(running, tmp_path / "data")
        seen: list[dict[str, PartHealth]] = []
        real = Control.open

        async def opened(self: Control) -> None:
            await real(self)
            seen.append(made.openings.health())

        monkeypatch.setattr(Control, "open", opened)
        await made.openings.open()
        await made.openings.close()
    assert [seen[0][f"listener {name}"].status for name in ("router", "openai")] == ["ok", "ok"]
