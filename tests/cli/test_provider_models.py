"""`landbridge providers models`: limits, abilities and prices where they are known, and a dash where not."""

from __future__ import annotations

import json

import pytest

from landbridge.cli.main import main
from tests.cli.conftest import Home
from tests.fakes.strict import KEY, Strict, in_thread

pytestmark = pytest.mark.io


def test_for_people_and_programs(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB", KEY)
    with in_thread(Strict(models=("claude-sonnet-4-5", "house-7b"))) as server:
        settings = f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{server.url}/v1"\napi_key = "${{LAB}}"\n'
        home.settings(1, f'{settings}enabled = false\n[prices]\n"lab/house*" = {{ input = 1, output = 2.5 }}\n')
        assert main(["providers", "models", "lab"]) == 0
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert main(["providers", "models", "lab", "--find", "HOUSE", "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert main(["providers", "models", "lab", "--find", "nothing"]) == 1
        assert "names no model with nothing in it" in capsys.readouterr().err
        monkeypatch.setenv("LAB", "sk-bad-key-0815")
        assert main(["providers", "models", "lab"]) == 1
        assert "Incorrect API key provided." in capsys.readouterr().err
    assert rows[1] == ["lab/claude-sonnet-4-5", "200,000", "64,000", "yes", "yes", "can", "-", "-"]
    assert rows[2] == ["lab/house-7b", "-", "-", "?", "?", "?", "1", "2.5"]
    assert (found["model"], found["images"], found["price"]["output"]) == ("house-7b", "assumed", 2.5)


def test_one_there_is_not(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(1)
    assert main(["providers", "models", "lap"]) == 2
    assert "no provider 'lap'" in capsys.readouterr().err
