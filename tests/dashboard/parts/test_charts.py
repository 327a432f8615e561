"""Charts in the theme's colours: what is given to the browser."""

from __future__ import annotations

from pathlib import Path

import landbridge.dashboard
from landbridge.dashboard.parts.charts import COLOURS, REST, Axis, Row, bars, colour, lines

CSS = Path(landbridge.dashboard.__file__).with_name("static") / "charts.css"
AXIS = Axis(["2026-11-04", "2026-11-05"], "v.slice(5)", "v.endsWith('05')")


def test_each_kind_has_a_colour_in_both_themes() -> None:
    text = CSS.read_text()
    light, dark = text.split(".body--dark")
    for place in range(COLOURS):
        name = colour(place).removeprefix("var(").removesuffix(")")
        assert f"{name}: #" in light and f"{name}: #" in dark
    assert colour(COLOURS) == REST


def test_bars_stand_on_each_other_and_nothing_is_drawn_of_nothing() -> None:
    made = bars(AXIS, [Row("a", [1, 0], colour(0)), Row("b", [0, 2], colour(1))])
    assert [(each["name"], each["stack"], each["data"]) for each in made["series"]] == [
        ("a", "all", [1, None]),
        ("b", "all", [None, 2]),
    ]
    assert made["xAxis"]["data"] == AXIS.names
    assert made["xAxis"]["axisLabel"][":formatter"] == "v => v.slice(5)"
    assert made["xAxis"]["axisLabel"][":interval"] == "(i, v) => v.endsWith('05')"
    assert "dataZoom" not in made


def test_a_zoom_stays_until_all_is_wanted() -> None:
    assert [("start" in each) for each in bars(AXIS, [], zoom=True)["dataZoom"]] == [False, False]
    whole = bars(AXIS, [], zoom=True, whole=True)["dataZoom"]
    assert [(each["start"], each["end"]) for each in whole] == [(0, 100)] * 2
    assert [("start" in each) for each in bars(AXIS, [], zoom=True)["dataZoom"]] == [False, False]


def test_lines_keep_what_is_nothing_apart_from_what_is_missing() -> None:
    made = lines(Axis(["1", "2", "3"]), [Row("p50", [0.0, None, 2.0], colour(0))], "seconds")
    assert made["series"][0]["data"] == [0.0, None, 2.0]
    assert "' ms'" in made["tooltip"][":valueFormatter"]
    assert ":interval" not in made["xAxis"]["axisLabel"]
