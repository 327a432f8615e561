"""The steps of a connection test as they are told; a test can be stopped."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from landbridge.agents.clients import CLIENTS
from landbridge.dashboard.pages.connect_choice import Choice
from landbridge.dashboard.pages.connect_test import TITLES, ConnectionTest
from landbridge.manage.tryout import NAMES, Step
from landbridge.server.admin_clients import Clients
from tests.fakes.tab import FakeRouter, desk, tab

pytestmark = pytest.mark.anyio

PATH = "/api/v1/clients/codex/test"
BUTTON = "Test the connection: Codex"


def told(*steps: Step) -> list[bytes]:
    return [line for step in steps for line in (b"event: step\n", b"data: " + msgspec.json.encode(step), b"\n")]


def made(router: Any, *, shown: bool = False) -> ConnectionTest:
    choice = Choice(Clients([], "", True, False, "sh", "lab/m"))
    choice.key = "lb-mine"
    return ConnectionTest(desk(router), choice, CLIENTS["codex"], shown=shown)


def test_every_step_has_a_title() -> None:
    assert tuple(TITLES) == NAMES


async def test_steps_are_shown_with_their_times_and_what_is_wrong() -> None:
    steps = told(Step("reach", "ok", 0.012, "127.0.0.1:1"), Step("key", "failed", 0.1, "No such key.", "Make one."))
    router = FakeRouter({PATH: steps})
    with tab() as there:
        made(router)
        assert "First token" not in there.texts, "there is room for it when it begins"
        there.click(BUTTON)
        await there.until("Make one.")
        assert {"12 ms", "127.0.0.1:1", "failed", "No such key."} <= set(there.texts)
        await there.until("Test the connection")
    assert router.asked == [("POST", PATH, {"model": "lab/m", "key": "lb-mine"})]


async def test_it_can_be_stopped_and_begun_anew() -> None:
    router = FakeRouter({PATH: told(Step("reach", "running"))})
    router.going_on = asyncio.Event()
    with tab() as there:
        made(router, shown=True)
        there.click(BUTTON)
        await there.until("running")
        there.click(BUTTON)
        await there.until("stopped")
        await there.until("Test the connection")
        router.going_on.set()
        router.answers[PATH] = told(Step("reach", "ok", 0.5))
        there.click(BUTTON)
        await there.until("500 ms")
        assert "stopped" not in there.texts


async def test_a_router_that_is_gone_is_said() -> None:
    with tab() as there:
        made(FakeRouter({PATH: "The router cannot be asked."}))
        there.click(BUTTON)
        assert there.button(BUTTON).text == "Stop"
        await there.until("Test the connection")
