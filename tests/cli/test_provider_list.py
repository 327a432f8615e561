"""`landbridge providers list`, `show`, `presets` and `test`: how providers stand, and never a key."""

from __future__ import annotations

import json

import pytest

from landbridge.cli.main import main
from landbridge.providers.table import presets
from tests.cli.conftest import Home
from tests.fakes.strict import KEY, Strict, in_thread


@pytest.mark.io
def test_lists_for_people_and_programs(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(1, '[providers.lab]\npreset = "ollama"\nmodels = ["a"]\n[providers.k]\npreset = "groq"\n')
    assert main(["providers", "list"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines() if line[0] != " "] == ["NAME", "lab", "k"]
    assert "127.0.0.1:11434" in out and "GROQ_API_KEY" in out
    assert "no router runs" in err
    assert main(["providers", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["models"]) for row in rows] == [("lab", ["a"]), ("k", None)]


@pytest.mark.io
def test_an_empty_list_says_how_to_begin(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(1)
    assert main(["providers", "list"]) == 0
    assert "landbridge providers add" in capsys.readouterr().err


@pytest.mark.io
def test_one_is_shown_without_its_key(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(1, f'[providers.lab]\npreset = "groq"\napi_key = "{KEY}"\nquirks = ["no_tools"]\n')
    assert main(["providers", "show", "lab"]) == 0
    out = capsys.readouterr().out
    for words in (
        "lab: Groq",
        "https://api.groq.com/openai/v1",
        "in the settings (bearer)",
        "no_tools: knows no tools",
    ):
        assert words in out
    assert main(["providers", "show", "lab", "--json"]) == 0
    more = capsys.readouterr().out
    assert json.loads(more)["settings"]["api_key"] == "***"
    assert KEY not in out + more
    assert main(["providers", "show", "lap"]) == 2
    assert "There are: lab." in capsys.readouterr().err


@pytest.mark.io
def test_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["providers", "presets"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} >= {"PRESET", "openai", "vertex"}
    assert main(["providers", "presets", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(presets())


@pytest.mark.io
def test_one_is_tried(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with in_thread(Strict(models=("a", "b"))) as server:
        home.settings(
            1, f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{server.url}/v1"\napi_key = "${{LAB}}"\n'
        )
        monkeypatch.setenv("LAB", KEY)
        assert main(["providers", "test", "lab"]) == 0
        out, err = capsys.readouterr()
        assert (out, "takes the key and lists 2 models" in err) == ("lab/a\nlab/b\n", True)
        monkeypatch.setenv("LAB", "sk-bad")
        assert main(["providers", "test", "lab", "--json"]) == 1
        out, err = capsys.readouterr()
        found = json.loads(out)
        assert (found["ok"], found["status"]) == (False, 403)
        assert "Incorrect API key" in found["problem"] and "sk-bad" not in out + err
