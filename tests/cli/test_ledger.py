"""Times as people write them, and a ledger that commands read by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from landbridge.cli.ledger import ALL, Wanted, moment, read_ledger
from landbridge.errors import ConfigFault, StoreFault
from landbridge.store.database import Database
from landbridge.store.report import Filter

from .conftest import Home

NOW = datetime(2026, 11, 26, 14, 30, 5).astimezone()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", None),
        ("all", None),
        ("never", None),
        ("30m", datetime(2026, 11, 26, 14, 0, 5)),
        ("7d", datetime(2026, 11, 19, 14, 30, 5)),
        ("today", datetime(2026, 11, 26)),
        (" Yesterday ", datetime(2026, 11, 25)),
        ("2026-11-01", datetime(2026, 11, 1)),
        ("2026-11-01 08:15", datetime(2026, 11, 1, 8, 15)),
        ("2026-11-01T08:15:30", datetime(2026, 11, 1, 8, 15, 30)),
    ],
)
def test_moments(text: str, means: datetime | None) -> None:
    assert moment(text, NOW) == (None if means is None else means.timestamp())


@pytest.mark.parametrize("text", ["soon", "7 weeks", "2026-13-01", "2026-11-01T25:00", "2026-11-01Z", "500d"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ConfigFault, match="is no time"):
        moment(text, NOW)


def test_filters() -> None:
    assert ALL.filter("") == Filter()
    wanted = Wanted(model="m", provider="p", client="c", key="k", session="s", agent="a", until="2026-11-01")
    found = wanted.filter("1d", status=500, errors=True)
    assert (found.model, found.provider, found.client, found.key) == ("m", "p", "c", "k")
    assert (found.session, found.agent, found.status, found.errors) == ("s", "a", 500, True)
    assert found.until == datetime(2026, 11, 1).timestamp()
    assert found.since is not None
    assert abs(found.since + 86_400 - datetime.now(UTC).timestamp()) < 60


@pytest.mark.io
def test_reading_makes_no_ledger(home: Home) -> None:
    home.settings(1)

    async def read(database: Database) -> str:
        return database.location.kind

    with pytest.raises(StoreFault, match="no ledger"):
        read_ledger(None, None, read)
    assert not (home.data / "landbridge.db").exists()
