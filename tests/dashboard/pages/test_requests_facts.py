"""One exchange in facts: its time in parts, its route in reasons."""

from __future__ import annotations

from typing import Any

from landbridge.dashboard.pages.requests_facts import facts_of, pace_of, parts_of, route_of
from landbridge.routing.chain import Course, Fork, Skip, said
from landbridge.store.report import Exchange


def exchange(**fields: Any) -> Exchange:
    return Exchange(**{"id": "req_1", "at": 100.0, "seconds": 10.0, "outcome": "ok", "status": 200, **fields})


def test_time_in_parts() -> None:
    assert [(part.name, part.seconds) for part in parts_of(exchange(first=4.0))] == [("wait", 4.0), ("answer", 6.0)]
    assert [part.name for part in parts_of(exchange())] == ["all"]
    assert [part.name for part in parts_of(exchange(first=11.0))] == ["all"], "clocks are wrong now and then"
    assert [part.name for part in parts_of(exchange(first=4.0, outcome="cut"))] == ["failed"]


def test_pace() -> None:
    assert pace_of(exchange(first=4.0, output=61)) == 10.0
    assert pace_of(exchange(output=61)) is None
    assert pace_of(exchange(first=4.0, output=1)) is None
    assert pace_of(exchange(first=10.0, output=9)) is None


def test_a_route_as_the_router_says_it() -> None:
    fork = Fork(name="fast", members=(), why="route fast")
    course = Course((0,), "by speed", (Skip("lab/c", "busy, number 3 in its queue"),))
    line = said("lab/m", fork, course, (Skip("lab/a", "429 (slow, please)"), Skip("lab/b", "cut")))
    assert [step.text for step in route_of(line)] == [
        "lab/m", "route fast", "by speed", "lab/a (429 (slow, please))", "lab/b (cut)",
        "lab/c (busy, number 3 in its queue)",
    ]  # fmt: skip
    whats = [step.what for step in route_of(line)]
    assert whats[3:] == ["Failed before it", "Failed before it", "Passed over"]
    assert [step.text for step in route_of("lab/m; alias claude")] == ["lab/m", "alias claude"]


def test_facts() -> None:
    found = {
        name: (value, link)
        for name, value, link in facts_of(exchange(input=10, cache_read=90, output=5, session="s 1"))
    }
    assert found["Conversation"] == ("s 1", "/requests?session=s+1")
    assert found["Cache hits"][0] == "90 (90 %)"
    assert found["Prompt"][0] == "100 tokens"
    assert found["Answered by"][0] == "nobody"
    assert found["Cost"][0] == "unknown"
    few = {name for name, _, _ in facts_of(exchange(outcome="cut"))}
    assert not few & {"Cost", "Conversation", "Cache hits", "Answer", "Web"}
