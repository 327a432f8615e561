"""The same asked again: how far it is, and both beside each other."""

from __future__ import annotations

from typing import Any

from landbridge.dashboard.pages.requests_replay import facts_of, newest_replay
from landbridge.gateway.underway import Standing
from landbridge.manage.replay import CLIENT, Answered, Replayed
from landbridge.server.onlookers import Running
from landbridge.store.report import Exchange


def standing(id: str, client: str, since: float) -> Standing:
    return Standing(
        id=id, client=client, key="", session="", agent="", model="m", target="m", provider="local", stream=True,
        since=since, phase="queued",
    )  # fmt: skip


def test_the_newest_replay_is_looked_at() -> None:
    state = Running([standing("a", CLIENT, 1.0), standing("b", CLIENT, 2.0), standing("c", "codex", 3.0)], 3)
    found = newest_replay(state)
    assert found is not None and found.id == "b"
    assert newest_replay(Running([standing("c", "codex", 3.0)], 1)) is None


def test_facts() -> None:
    def exchange(**fields: Any) -> Exchange:
        return Exchange(
            **{"id": "x", "at": 1.0, "seconds": 1.0, "status": 200, "outcome": "ok", "model": "m", **fields}
        )

    then, now = (
        exchange(input=10, output=2, first=0.5),
        exchange(target="lab/n", model="lab/n", provider="local", cost=0),
    )
    both = Replayed(Answered(then, "a", ""), Answered(now, "b", ""), False)
    found = {name: values for name, *values in facts_of(both)}
    assert found["Model"] == ["m", "lab/n"]
    assert found["Prompt"] == ["10 tokens", "-"]
    assert found["First word"] == ["500 ms", "-"]
    assert found["Cost"] == ["-", "local"]
