"""Which models a router holds; whatever answers, or does not, is no reason to fail."""

from __future__ import annotations

import pytest

from landbridge.cli.loaded import loaded
from landbridge.config import Config, Listener
from landbridge.config.schema import Listeners
from tests.fakes.router import FakeRouter

pytestmark = pytest.mark.io
ENGINES = [
    {"name": "a", "state": "ready", "memory": 5},
    {"name": "b", "state": "stopped"},
    {"name": "c", "state": "starting"},
    {"name": "d", "state": "of a later version"},
]


def at(port: int) -> Config:
    return Config(listeners=Listeners(router=Listener(port=port)))


def test_what_is_in_memory(router: FakeRouter) -> None:
    router.answer("/api/v1/engines", 200, {"engines": ENGINES})
    assert loaded(at(router.port)) == {"a": "ready", "c": "starting"}


@pytest.mark.parametrize("body", [b"", b"<html>", {"error": {"message": "no"}}, ENGINES, [{"state": "ready"}], 7])
def test_another_answer(router: FakeRouter, body: object) -> None:
    router.answer("/api/v1/engines", 200, body)
    assert loaded(at(router.port)) == {}


@pytest.mark.parametrize("port", [0, 1])
def test_nobody_there(port: int) -> None:
    assert loaded(at(port)) == {}
