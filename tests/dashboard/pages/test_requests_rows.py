"""An exchange as a row: what is not known is never shown as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.requests_rows import COLUMNS, headings, line_of, model_of, state_of
from landbridge.store.report import Exchange


def exchange(**fields: Any) -> Exchange:
    return Exchange(**{"id": "req_1", "at": 1.0, "seconds": 2.5, "outcome": "ok", "status": 200, **fields})


def cells(**fields: Any) -> dict[str, str]:
    return dict(zip(COLUMNS, line_of(exchange(**fields)).cells, strict=True))


def test_each_column_has_its_heading() -> None:
    assert len(headings()) == len(COLUMNS) == len(line_of(exchange()).cells)


def test_what_is_not_known_is_left_out() -> None:
    found = cells()
    assert (found["client"], found["model"], found["input"], found["first"], found["cost"]) == ("-", "-", "", "", "-")
    assert found["took"] == "2.5 s"


def test_tokens_and_cost() -> None:
    found = cells(input=10, cache_read=90, cache_write=5, output=0, cost=2500, first=0.25)
    assert (found["input"], found["cached"], found["output"], found["cost"]) == ("105", "90", "0", "$0.0025")
    assert found["first"] == "250 ms"
    assert cells(input=1, output=2, estimated=True)["input"] == "~1"
    assert cells(provider="local", cost=0)["cost"] == "local"
    assert cells(outcome="cut", status=502, cost=0)["cost"] == ""


@pytest.mark.parametrize(
    ("asked", "target", "shown"),
    [("m", "lab/m", "lab/m"), ("fast", "lab/m", "fast → lab/m"), ("nosuch", "", "nosuch"), ("lab/m", "lab/m", "lab/m")],
)
def test_the_model(asked: str, target: str, shown: str) -> None:
    assert model_of(exchange(model=asked, target=target)) == shown


def test_how_it_went() -> None:
    assert state_of(exchange()) == ("200", "good")
    assert state_of(exchange(outcome="cancelled", status=0)) == ("cancelled", "calm")
    assert state_of(exchange(outcome="unknown_model", status=404)) == ("404 unknown model", "bad")
    assert state_of(exchange(outcome="cut", status=0)) == ("cut", "bad")


def test_notes() -> None:
    found = cells(
        attempts=2, retries=1, losses=["a"], repairs={"json": 2}, searches=1, agent="x", message="m" * 500
    )["notes"]  # fmt: skip
    assert found.startswith("2 tries, engine restarted, 1 loss, 2 repairs, web, subagent, mmm")
    assert len(found) < 250
    assert "200" in line_of(exchange(client="codex")).says
