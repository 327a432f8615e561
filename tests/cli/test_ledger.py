"""A ledger that commands read by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from landbridge.cli.ledger import ALL, Wanted, read_ledger
from landbridge.errors import StoreFault
from landbridge.store.database import Database
from landbridge.store.report import Filter

from .conftest import Home


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
