"""`landbridge usage`, as a user runs it; no router runs."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from landbridge.cli.main import main
from landbridge.cli.usage import kinds
from landbridge.errors import ConfigFault
from landbridge.store.location import locate
from landbridge.store.tables import access_keys
from tests.store.rows import ledger

from .conftest import Home

pytestmark = pytest.mark.io


def fill(home: Home, *rows: dict[str, Any]) -> None:
    async def work() -> None:
        async with ledger(locate("", home.data, {}), *rows) as database, database.begin() as connection:
            key = {"id": "k1", "name": "Ann", "hash": "x", "created": 1.0, "grants": "{}"}
            await connection.execute(access_keys.insert().values(**key))

    asyncio.run(work())


def test_what_was_used(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    home.settings(1)
    assert main(["usage"]) == 1
    assert "There is no ledger" in capsys.readouterr().err
    now = time.time()
    fill(
        home,
        {"id": "1", "at": now - 60, "input": 10, "output": 5, "cost": 250_000, "key": "k1"},
        {"id": "2", "at": now - 60, "target": "b/x", "provider": "b", "input": 10},
        {"id": "3", "at": now - 8 * 86_400, "target": "old/x"},
    )
    assert main(["usage"]) == 0
    out = capsys.readouterr().out
    assert "lab/m" in out and "$0.2500" in out and "unknown" in out and "old/x" not in out
    assert main(["usage", "--by", "key", "--since", "all"]) == 0
    assert "Ann (k1)" in capsys.readouterr().out
    assert main(["usage", "--by", "model,client", "--provider", "b", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["group"] for row in found["rows"]] == [{"model": "b/x", "client": "claude-cli"}]
    assert (found["total"]["requests"], found["total"]["unknown"]) == (1, 1)
    assert main(["usage", "--csv", "--by", "provider"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("provider,requests,")
    assert main(["usage", "--by", "colour"]) == 2
    assert "There are: model, provider" in capsys.readouterr().err


def test_kinds() -> None:
    assert kinds("day, model,day") == ["day", "model"]
    assert kinds("") == []
    with pytest.raises(ConfigFault, match="'x'"):
        kinds("model,x")
