"""`landbridge providers list`, `show`, `presets` and `test`: how providers stand, and never a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.cli.main import main
from landbridge.cli.provider_list import key_source, standings
from landbridge.config import Config, ProviderSettings
from landbridge.manage.router import Part
from landbridge.providers.table import presets
from tests.cli.conftest import Home
from tests.fakes.strict import KEY, Strict, in_thread

SETTINGS: dict[str, ProviderSettings] = {
    "work": ProviderSettings(preset="openai", api_key="keyring:work"),
    "plain": ProviderSettings(preset="openai", api_key=KEY),
    "usual": ProviderSettings(preset="anthropic"),
    "gone": ProviderSettings(preset="groq", api_key="${GONE}"),
    "here": ProviderSettings(preset="ollama", models=["a", "b"]),
    "broken": ProviderSettings(dialect="gemini", base_url="no address"),
}


def test_how_they_stand() -> None:
    env = {"keyring:work": KEY, "ANTHROPIC_API_KEY": KEY}
    parts = {"provider work": Part("ok"), "provider here": Part("failed", "Cannot connect to 127.0.0.1:11434.")}
    rows = {row.name: row for row in standings(Config(providers=SETTINGS), env, parts)}
    assert [(row.key, row.problem) for row in rows.values()] == [
        ("keychain", ""),
        ("in the settings", ""),
        ("variable ANTHROPIC_API_KEY", ""),
        ("variable GONE", "the environment variable GONE is not set"),
        ("none", ""),
        ("none", "base_url is no address that begins with http:// or https://"),
    ]
    assert (rows["work"].state, rows["usual"].state, rows["here"].state) == ("ok", "", "failed")
    assert rows["here"].detail.startswith("Cannot connect")
    assert (rows["work"].title, rows["broken"].title) == ("OpenAI", "an address of your own")
    assert (rows["here"].models, rows["work"].models) == (["a", "b"], None)
    assert KEY not in repr(list(rows.values()))


def test_models_that_are_left_alone_are_named() -> None:
    parts = {
        "provider work": Part("ok"),
        "target work/gpt": Part("resting", "breaker open for 5 s: it answered 500"),
        "target workshop/x": Part("resting", "breaker open for 9 s: no"),
        "provider plain": Part("failed", "Cannot connect."),
    }
    rows = {row.name: row for row in standings(Config(providers=SETTINGS), {}, parts)}
    assert (rows["work"].state, rows["work"].detail) == ("resting", "work/gpt: breaker open for 5 s: it answered 500")
    assert (rows["plain"].state, rows["plain"].detail) == ("failed", "Cannot connect.")


@pytest.mark.parametrize(
    ("settings", "auth", "words"),
    [
        ({"preset": "vertex"}, "google", "Google's credentials"),
        ({"preset": "bedrock"}, "aws", "AWS's credentials"),
        ({"preset": "vertex", "api_key": "file:/sa.json"}, "google", "file"),
        ({"preset": "openai", "headers": {"Authorization": "x"}}, "none", "header"),
        ({"preset": "openai", "auth": "none"}, "none", "none"),
        ({"preset": "openai", "api_key": "${A}${B}"}, "bearer", "variable A, B"),
    ],
)
def test_where_keys_come_from(settings: dict[str, Any], auth: str, words: str) -> None:
    assert key_source(ProviderSettings(**settings), "", auth) == words


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
