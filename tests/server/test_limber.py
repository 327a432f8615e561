"""What the first request would wait for is there before it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from landbridge.engines import library as shelf
from landbridge.engines.facts import Facts
from landbridge.engines.library import Library
from landbridge.engines.pieces import read_model
from landbridge.server.limber import limber
from landbridge.server.run import Service
from tests.fakes.gguf_model import write_model
from tests.server.test_run import options

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name in ("one", "two"):
        write_model(tmp_path / f"{name}.gguf")
    return Library(tmp_path)


def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, reading a model file fails the test."""

    def read(path: Path) -> None:
        raise AssertionError(f"{path} is read now")

    monkeypatch.setattr(shelf, "read_model", read)


def test_models_are_read_beforehand(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    limber(library, lambda: False)
    unreadable(monkeypatch)
    assert [model.name for model in library.sound()] == ["one", "two"]
    assert {f"landbridge.wire.{name}.request" for name in ("anthropic", "openai_chat")} <= set(sys.modules)


def test_a_damaged_one_hinders_nothing(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.gguf").write_bytes(b"GGUF")
    limber(library, lambda: False)
    unreadable(monkeypatch)
    assert library.find("two") is not None


def test_a_router_that_ends_is_not_held_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    unreadable(monkeypatch)
    limber(library, lambda: True)


async def test_a_router_does_it_when_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    write_model(models / "tiny.gguf")
    read: list[Path] = []

    def reading(path: Path) -> Facts:
        read.append(path)
        return read_model(path)

    monkeypatch.setattr(shelf, "read_model", reading)
    service = Service(options(tmp_path))
    running = asyncio.ensure_future(service.run())
    async with asyncio.timeout(20):
        while not read:
            await asyncio.sleep(0.01)
    assert service.listeners.addresses(), "it serves already"
    service.stop()
    assert await running == 0
