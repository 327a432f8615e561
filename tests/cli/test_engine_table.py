"""One engine as a row: what people see at each point of its life."""

from __future__ import annotations

import pytest

from landbridge.cli.engine_table import Engine, Reading, cells, table

NOW = 1000.0


@pytest.mark.parametrize(
    ("engine", "row"),
    [
        (Engine("m", "stopped"), ("m", "stopped", "", "", "", "", "", "")),
        (
            Engine("m", "ready", pid=5, window=4096, slots=4, busy=1, memory=290_000_000, unload_at=NOW + 840),
            ("m", "ready", "290 MB", "4096", "1/4", "", "14 min", ""),
        ),
        (Engine("m", "ready", pid=5, slots=1, unload_at=NOW + 30), ("m", "ready", "", "", "0/1", "", "30 s", "")),
        (Engine("m", "ready", pid=5, slots=1, pinned=True), ("m", "ready", "", "", "0/1", "", "pinned", "")),
        (Engine("m", "ready", pid=5, slots=1), ("m", "ready", "", "", "0/1", "", "for good", "")),
        (
            Engine("m", "starting", waits_for_memory=True, waiting=2),
            ("m", "waiting for memory", "", "", "", "2", "", ""),
        ),
        (
            Engine("m", "ready", pid=5, slots=2, busy=2, progress=[Reading(45, 20.2), Reading(3)]),
            ("m", "ready", "", "", "2/2", "", "in use", "reads a prompt: 45 %, 20 s left; reads a prompt: 3 %"),
        ),
        (
            Engine("m", "failed", last_fault="It did not.", failing=True),
            ("m", "failed", "", "", "", "", "", "It did not."),
        ),
        (Engine("m", "stopped", last_fault="Long ago."), ("m", "stopped", "", "", "", "", "", "")),
        (
            Engine("m", "ready", pid=5, slots=1, busy=1, last_fault="Long ago."),
            ("m", "ready", "", "", "1/1", "", "in use", ""),
        ),
    ],
    ids=["stopped", "idle", "soon", "pinned", "never", "room", "reading", "failed", "unloaded", "well again"],
)
def test_a_row(engine: Engine, row: tuple[str, ...]) -> None:
    assert cells(engine, NOW) == row


def test_names_and_faults_are_no_markup() -> None:
    made = table([Engine("[bold]m[/]", "failed", last_fault="[red]")])
    assert str(next(iter(made.columns[0].cells))) == "[bold]m[/]"


def test_how_much_of_its_prompts_it_knew_is_said_where_nothing_else_is() -> None:
    engine = Engine(name="m", state="ready", prompts=1000, reused=821)
    assert cells(engine, 0.0)[-1] == "82 % of its prompts were known"
    assert cells(Engine(name="m", state="ready", prompts=1000), 0.0)[-1] == ""
    reading = Engine(name="m", state="ready", prompts=1000, reused=821, progress=[Reading(percent=5)])
    assert cells(reading, 0.0)[-1] == "reads a prompt: 5 %"
