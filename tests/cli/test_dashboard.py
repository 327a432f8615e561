"""`landbridge dashboard`: the address of the router that runs here, with a link that opens once where one is needed."""

from __future__ import annotations

import json
import webbrowser
from pathlib import Path

import pytest

from landbridge.cli.main import main
from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def run(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> tuple[int, str, str]:
    code = main(["dashboard", "--data-dir", str(data), *words])
    said = capsys.readouterr()
    return code, said.out, said.err


async def test_on_this_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[str] = []

    def visit(url: str) -> bool:
        visited.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", visit)
    async with Served(tmp_path, dashboard=True) as served:
        assert run(capsys, served.data) == (0, f"{served.dashboard}\n", "")
        assert json.loads(run(capsys, served.data, "--json")[1]) == {"url": served.dashboard, "seconds": None}
        assert visited == []
        assert run(capsys, served.data, "--open")[0] == 0 and visited == [served.dashboard]
        monkeypatch.setattr(webbrowser, "open", lambda url: False)
        code, _, err = run(capsys, served.data, "--open")
        assert code == 1 and "no browser" in err


async def test_where_others_reach_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = {"LANDBRIDGE_LISTENERS__DASHBOARD__HOST": "0.0.0.0"}
    async with Served(tmp_path, dashboard=True, env=env) as served:
        assert "?token=" in served.log and "signs in once" in served.log
        code, out, err = run(capsys, served.data)
        assert code == 0 and "/sign-in?token=" in out and "once, within 10 minutes" in err
        assert out != run(capsys, served.data)[1], "each is another"


async def test_a_closed_dashboard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with Served(tmp_path) as served:
        code, _, err = run(capsys, served.data)
        assert code == 1 and "The dashboard is closed" in err


def test_no_router(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, tmp_path)
    assert code == 1 and "landbridge serve" in err
