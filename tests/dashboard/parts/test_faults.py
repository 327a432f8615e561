"""Places that are empty, load or are broken; actions that show that they run, and tell what went wrong."""

from __future__ import annotations

import asyncio

import pytest
from nicegui import ui

from landbridge.dashboard.parts.faults import busy, complain, empty, fault_card, loading, report, say, warning
from landbridge.dashboard.router import RouterFault
from tests.fakes.tab import settled, tab

pytestmark = pytest.mark.anyio


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was told for a moment, each with its kind."""
    found: list[str] = []
    monkeypatch.setattr(ui, "notify", lambda message, **more: found.append(f"{more['type']}: {message}"))
    return found


async def test_places_say_how_they_are() -> None:
    pressed: list[int] = []
    with tab() as there:
        with empty("memory", "No models", "Get one."):
            ui.button("Search")
        place = loading(2)
        assert place.props["role"] == "status" and place.props["aria-label"] == "Loading"
        warning("It costs something.")
        card = fault_card("It is broken.", retry=lambda: pressed.append(1))
        assert card.props["role"] == "alert"
        said = ["No models", "Get one.", "Search", "It costs something.", "It is broken.", "Try again"]
        assert [text for text in there.texts if text in said] == said
        there.click("Try again")
        await settled()
    assert pressed == [1]


async def test_what_is_told(told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    say("Saved")
    complain("No room.")
    report(RouterFault("There is no model.", 404))
    report(ZeroDivisionError("secret words"))
    assert told[:3] == ["positive: Saved", "negative: No room.", "negative: There is no model."]
    assert "ZeroDivisionError" in told[3]
    assert "secret words" not in told[3], "what the reader cannot use is in the log"
    assert "a page failed" in caplog.text


async def refused(button: ui.button) -> None:
    async with busy(button):
        raise RouterFault("No room.")


async def test_a_button_shows_that_it_works_and_keeps_its_own_state(told: list[str]) -> None:
    with tab():
        button, box = ui.button("Save"), ui.checkbox("On")
        async with busy(button, box):
            assert button.props["loading"] and box.props["disable"]
            button.set_enabled(False)
            await asyncio.sleep(0)
        assert not button.props.get("loading") and not box.props.get("disable")
        assert button.props.get("disable"), "the page has said so meanwhile"
        await refused(button)
        assert told == ["negative: No room."]
        with pytest.raises(ZeroDivisionError):
            async with busy(button):
                raise ZeroDivisionError
        assert not button.props.get("loading")
        async with busy(button):
            button.delete()
