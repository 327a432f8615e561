"""One client's card: what it takes for the model that is chosen, and files that are written when lines are copied."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.agents.clients import CLIENTS
from landbridge.dashboard.pages import connect_lines
from landbridge.dashboard.pages.connect_card import ClientCard
from landbridge.dashboard.pages.connect_choice import Choice
from landbridge.manage.connecting import Recipe, Standing
from landbridge.server.admin_clients import Clients
from tests.fakes.tab import FakeRouter, desk, tab, until

pytestmark = pytest.mark.anyio

GONE = Standing("gemini", "Gemini CLI", "npm install gemini", "not installed")
HERE = Clients([GONE], "http://127.0.0.1:1", True, False, "sh", "m")


def made(**more: Any) -> Recipe:
    given: dict[str, Any] = {"lines": ["export A=1"], "notes": ["It is small."], "variables": {}, "window": 8, **more}
    return Recipe(client="gemini", model="m", endpoint="http://127.0.0.1:1/gemini", launch="landbridge launch gemini",
                  start="gemini", **given)  # fmt: skip


async def test_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str) -> None:
        copied.append(text)

    monkeypatch.setattr(connect_lines, "copy", copy)
    router: Any = FakeRouter({"/api/v1/clients/gemini": made(files=["/f"])})
    router.answers["/api/v1/clients/gemini/files"] = made(files=["/f"], lines=["export A=2"])
    choice = Choice(HERE)
    unloaded: list[str] = []
    choice.tell(unloaded.append)
    with tab() as there:
        card = ClientCard(desk(router), choice, CLIENTS["gemini"])
        card.show(HERE)
        assert {"Not installed", "npm install gemini"} <= set(there.texts)
        card.show(Clients([Standing("gemini", "", "", "installed", "0.61.0")], "", True, False, "sh", "m"))
        assert "Installed, 0.61.0" in there.texts
        choice.changed()
        await there.until("It is small.")
        assert {"landbridge launch gemini", "export A=1", "http://127.0.0.1:1/gemini"} <= set(there.texts)
        assert any("a file of the session" in text for text in there.texts)
        there.click("Copy: Variables for Gemini CLI")
        await there.until("export A=2")
        assert ("POST", "/api/v1/clients/gemini/files", choice.query()) in router.asked
        router.answers["/api/v1/clients/gemini"] = made(local=True, window=None)
        choice.changed()
        await until(lambda: "m" in unloaded)
        router.answers["/api/v1/clients/gemini"] = "There is no model 'm'."
        choice.changed()
        await there.until("There is no model 'm'.")
    assert copied == ["export A=2"]
