"""Conversations as CSV."""

from __future__ import annotations

import csv
import io

from landbridge.dashboard.pages.statistics_sessions import csv_of_sessions
from landbridge.store.series import Helper, Session, Sessions


def test_a_row_for_each_agent() -> None:
    agents = [
        Helper(agent="", models=["a/x", "b"], requests=2, cost=2_000_000, first_at=1.0, last_at=2.0),
        Helper(agent="Explore", models=["b"], requests=1, unknown=1),
    ]
    session = Session(session="s", client="claude-cli", models=["b"], agents=agents, requests=3)
    rows = list(csv.DictReader(io.StringIO(csv_of_sessions(Sessions(sessions=[session])))))
    assert [(row["session"], row["agent"], row["models"], row["cost_dollars"], row["last_unix"]) for row in rows] == [
        ("s", "", "a/x b", "2.0", "2.0"),
        ("s", "Explore", "b", "", ""),
    ]
