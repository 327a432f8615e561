"""`landbridge logs`, as a user runs it; no router runs."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.logs import follow
from landbridge.cli.main import main
from landbridge.store.bodies import Bodies, Round, pack
from landbridge.store.location import Location, locate
from landbridge.store.report import Exchange, Filter
from landbridge.store.tables import bodies
from tests.fakes.answers import anthropic_whole, chat_whole
from tests.store.rows import ledger, put

from .conftest import Home

pytestmark = pytest.mark.io

SAID = Bodies(
    dialect="anthropic",
    request=b'{"model":"claude-x","max_tokens":8,"messages":[{"role":"user","content":"Hi there"}]}',
    rounds=[
        Round(
            "http://127.0.0.1:9/v1/chat/completions",
            b'{"model":"m","max_completion_tokens":8,"messages":[{"role":"user","content":"Hi there"}]}',
            200,
            chat_whole("Hello!"),
        )
    ],
    status=200,
    answer=anthropic_whole("Hello!"),
)


def fill(home: Home, *rows: dict[str, Any]) -> None:
    async def work() -> None:
        async with ledger(locate("", home.data, {}), *rows) as database, database.begin() as connection:
            content = pack(SAID)
            await connection.execute(
                bodies.insert().values(id=rows[0]["id"], at=1.0, size=len(content), content=content)
            )

    home.settings(1)
    asyncio.run(work())


def test_list_show_export(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    fill(
        home,
        {"id": "req_first", "at": 100.0, "input": 5, "output": 5},
        {"id": "req_second", "at": 200.0, "status": 529, "outcome": "overloaded", "message": "too many"},
    )
    assert main(["logs"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert "first" in rows[1] and "overloaded: too many" in rows[2]
    assert main(["logs", "--errors", "--json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)["exchanges"]] == ["req_second"]
    assert main(["logs", "--status", "404", "--since", "1970-01-01", "--model", "la*"]) == 0
    assert "No exchange is like that" in capsys.readouterr().out
    assert main(["logs", "--limit", "1"]) == 0
    assert "first" not in capsys.readouterr().out

    for id in ("req_f", "f"):
        assert main(["logs", "show", id]) == 0
        page = capsys.readouterr().out
        assert "> max_tokens -> max_completion_tokens" in page and "Hello!" in page
    assert main(["logs", "show", "req_first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["said"]["dialect"] == "anthropic"
    assert main(["logs", "show", "req_second"]) == 0
    assert "not kept" in capsys.readouterr().out
    assert main(["logs", "show", "req_"]) == 1
    assert "More than one" in capsys.readouterr().err

    to = tmp_path / "case.json"
    assert main(["logs", "export", "req_first", "--to", str(to)]) == 0
    assert "is written" in capsys.readouterr().err
    assert json.loads(to.read_text())["said"]["request"]["max_tokens"] == 8
    assert main(["logs", "export", "req_first"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(to.read_text())
    assert main(["logs", "replay", "req_second"]) == 1
    assert "not kept" in capsys.readouterr().err


@pytest.mark.anyio
async def test_what_comes_is_said_once(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what was written later than it ended, and rows of the same moment; nothing of before the first."""
    monkeypatch.setattr("landbridge.cli.logs.EVERY", 0.02)
    said: list[str] = []

    def say(exchange: Exchange) -> None:
        said.append(exchange.id)

    async def wait_for(*ids: str) -> None:
        async with asyncio.timeout(10):
            while said != list(ids):
                await asyncio.sleep(0.01)

    rows = [{"id": id, "at": at} for id, at in (("a", 1.0), ("b", 1000.0), ("c", 1001.0))]
    async with ledger(location, *rows) as database:
        following = asyncio.ensure_future(follow(database, Filter(model="lab/*"), 2, say))
        await wait_for("b", "c")
        await put(database, {"id": "d", "at": 1001.0}, {"id": "x", "at": 1002.0, "target": "other/m"})
        await wait_for("b", "c", "d")
        await put(database, {"id": "e", "at": 1005.0})
        await wait_for("b", "c", "d", "e")
        await put(database, {"id": "late", "at": 1002.0})
        await wait_for("b", "c", "d", "e", "late")
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def test_following_ends_with_ctrl_c(home: Home) -> None:
    fill(home, {"id": "req_first", "at": 100.0})
    command = [sys.executable, "-m", "landbridge", "logs", "-f", "--json"]
    with subprocess.Popen(command, env=home.env, cwd=home.folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["id"] == "req_first"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
