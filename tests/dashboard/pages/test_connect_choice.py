"""What the cards of the Connect page follow, and where a reader elsewhere finds the router."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui import ui

from landbridge.dashboard.pages.connect_choice import Choice, Choices, away
from landbridge.server.admin_clients import Clients
from tests.fakes.tab import FakeRouter, desk, settled, tab

HERE = Clients([], "http://127.0.0.1:38080", True, False, "sh", "m")
SETTINGS = {"file": "", "settings": [
    {"key": "tiers.opus", "value": ["a", "b"], "origin": "file", "place": ""},
    {"key": "tiers.haiku", "value": "", "origin": "default", "place": ""},
]}  # fmt: skip
MODELS = {"data": [{"id": "m"}, {"id": "lab/x"}]}


@pytest.mark.parametrize(
    ("host", "router", "url", "nowhere"),
    [
        ("127.0.0.1:38090", "http://127.0.0.1:38080", "", False),
        ("localhost:38090", "http://127.0.0.1:38080", "", False),
        ("box.lan:38090", "http://127.0.0.1:38080", "http://box.lan:38080", False),
        ("[fe80::1]:38090", "http://127.0.0.1:1", "http://[fe80::1]:1", False),
        ("box.lan:38090", "", "", False),
    ],
)
def test_where_a_reader_finds_the_router(host: str, router: str, url: str, nowhere: bool) -> None:
    assert away(host, router) == (url, nowhere)


@pytest.mark.anyio
async def test_models_tiers_and_shells_are_offered() -> None:
    router: Any = FakeRouter({"/v1/models": MODELS, "/api/v1/settings": SETTINGS})
    choice, changes = Choice(HERE), []
    choice.follow(lambda: changes.append(choice.query()))
    with tab() as there:
        choices = Choices(desk(router), choice)
        await settled()
        (model,) = there.all(ui.select)
        assert list(model.options) == ["m", "lab/x", "opus", "sonnet", "haiku"]
        assert choice.tiers == {"opus": ["a", "b"]}
        model.set_value("lab/x")
        (shell,) = there.all(ui.toggle)
        shell.set_value("fish")
        assert changes == [
            {"model": "lab/x", "shell": "sh", "base_url": ""}, {"model": "lab/x", "shell": "fish", "base_url": ""},
        ]  # fmt: skip
        choice.unloaded("smollm2")
        assert any("smollm2 is not loaded" in text for text in there.texts)
        choice.unloaded("")
        assert not any("is not loaded" in text for text in there.texts)
        choices.show(Clients([], "", True, True, "sh", "m"))
        assert any("Clients need a key" in text for text in there.texts)
        choices.show(HERE)
        assert not any("Clients need a key" in text for text in there.texts)
        await settled()


def test_another_default_model_is_followed_until_one_is_chosen() -> None:
    choice = Choice(HERE)
    choice.moved(Clients([], "", True, False, "sh", "n"), "http://box:1")
    assert (choice.model, choice.base_url) == ("n", "http://box:1")
    choice.model = "mine"
    choice.moved(HERE, "")
    assert (choice.model, choice.default) == ("mine", "m")
