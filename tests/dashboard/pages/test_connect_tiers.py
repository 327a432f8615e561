"""Claude's tiers: what is saved is what differs, in one version of the settings."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui import ui

from landbridge.dashboard.pages.connect_choice import Choice
from landbridge.dashboard.pages.connect_tiers import Tiers, edits, label_of
from landbridge.server.admin_clients import Clients
from tests.fakes.tab import FakeRouter, desk, tab, until

HERE = Clients([], "", True, False, "sh", "m")


@pytest.mark.parametrize(("chain", "label"), [("m", "m"), (["a", "b"], "a, b"), ("", "")])
def test_labels(chain: object, label: str) -> None:
    assert label_of(chain) == label


def test_what_differs_is_set_or_removed() -> None:
    before = {"opus": ["a", "b"], "sonnet": "m"}
    assert edits(before, {"opus": "a, b", "sonnet": "", "haiku": "x"}) == {
        "set": {"tiers.haiku": "x"}, "unset": ["tiers.sonnet"], "how": "the dashboard: Claude's tiers",
    }  # fmt: skip


@pytest.mark.anyio
async def test_they_are_saved_together_and_what_is_chosen_stays_until_then() -> None:
    router: Any = FakeRouter({"/api/v1/settings": {"changes": [], "version": 2, "still_wrong": []}})
    choice = Choice(HERE)
    with tab() as there:
        Tiers(desk(router), choice)
        choice.known(["m", "x"], {"sonnet": ["m", "x"]})
        opus, sonnet, haiku = there.all(ui.select)
        save = there.button("Save the tiers")
        assert (sonnet.value, save.enabled) == ("m, x", False)
        opus.set_value("x")
        haiku.set_value("m")
        assert save.enabled
        choice.known(["m", "x", "y"], {"sonnet": "m"})
        assert (opus.value, sonnet.value, haiku.value) == ("x", "m", "m"), "another tab has saved the second"
        there.click("Save the tiers")
        await until(lambda: not save.enabled)
        ((method, _, body),) = router.asked
        assert (method, body["set"]) == ("PATCH", {"tiers.opus": "x", "tiers.haiku": "m"})
        assert choice.tiers == {"opus": "x", "sonnet": "m", "haiku": "m"}


@pytest.mark.anyio
async def test_what_could_not_be_taken_up_can_be_saved_again() -> None:
    fault = {"changes": [], "version": 2, "still_wrong": [], "fault": "There is no model 'x'."}
    router: Any = FakeRouter({"/api/v1/settings": fault})
    with tab() as there:
        choice = Choice(HERE)
        Tiers(desk(router), choice)
        choice.known(["x"], {})
        there.all(ui.select)[0].set_value("x")
        there.click("Save the tiers")
        await until(lambda: bool(router.asked) and not there.button("Save the tiers").props.get("loading"))
        assert there.button("Save the tiers").enabled
        assert choice.tiers == {}
