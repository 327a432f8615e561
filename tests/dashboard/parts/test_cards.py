"""Cards and figures: what is set is shown in place, and never by colour alone."""

from __future__ import annotations

import pytest
from nicegui import ui

from landbridge.dashboard.parts.cards import Badge, Meter, Stat, card, grid, heading, row
from tests.fakes.tab import tab

pytestmark = pytest.mark.anyio


async def test_a_card_has_a_heading_where_it_has_a_title() -> None:
    with tab() as there:
        with grid(200) as place, card("Keys", "Who may ask."):
            ui.label("inside")
        with card(), row():
            heading("More")
        assert there.texts == ["Keys", "Who may ask.", "inside", "More"]
        levels = [each.props.get("aria-level") for each in there.all(ui.label) if each.props.get("role") == "heading"]
        assert levels == ["2", "2"]
        assert place.style["--smallest"] == "200px"


async def test_figures_are_set_in_place() -> None:
    with tab() as there:
        stat = Stat("Speed", hint="now")
        assert there.texts == ["Speed", "-", "now"]
        stat.set("31")
        assert there.texts == ["Speed", "31", "now"]
        stat.set("32", "a moment ago")
        assert there.texts == ["Speed", "32", "a moment ago"]
        badge = Badge("Off")
        badge.set("On", "good")
        assert there.texts[-1] == "On"
        assert "lb-good" in there.all(ui.label)[-1].classes


@pytest.mark.parametrize(("share", "kind", "width"), [(0.5, "good", "50.0%"), (0.9, "warn", "90.0%"),
                                                      (1.2, "bad", "100.0%"), (-1, "good", "0.0%")])  # fmt: skip
async def test_a_meter_says_how_full_it_is(share: float, kind: str, width: str) -> None:
    with tab() as there:
        meter = Meter("Memory")
        meter.set(share, "3 of 6 GB")
        assert there.texts == ["Memory", "3 of 6 GB"]
        assert (f"lb-fill-{kind}" in meter._bar.classes, meter._bar.style["width"]) == (True, width)
