"""`landbridge import`: another router's file printed as settings, or merged into them, nothing overwritten unasked."""

from __future__ import annotations

import json
import sqlite3
import stat
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.import_settings import merge, presets
from landbridge.cli.main import main
from tests.cli.conftest import Home
from tests.cli.test_config import Spoken

pytestmark = pytest.mark.io

LITELLM = """\
model_list:
  - model_name: fast
    litellm_params: {model: groq/llama, api_key: os.environ/GROQ_API_KEY, rpm: 9}
  - model_name: mine
    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:9/v1", api_key: sk-1234567}
router_settings: {num_retries: 2}
"""


@pytest.fixture
def file(home: Home) -> Path:
    path = home.folder / "config.yaml"
    path.write_text(LITELLM)
    return path


@pytest.fixture
def said(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str | Path) -> Spoken:
        capsys.readouterr()
        return Spoken(main([str(word) for word in words]), *capsys.readouterr())

    return run


def test_it_is_printed_and_nothing_is_changed(home: Home, said: Any, file: Path) -> None:
    found = said("import", file)
    assert found.code == 0
    settings = tomllib.loads(found.out)
    assert settings["aliases"] == {"fast": "groq/llama", "mine": "openai/m"}
    assert settings["providers"]["openai"]["api_key"] == "***"
    assert "model_list[0].litellm_params.rpm" in found.err and "keychain" in found.err
    assert "--write merges it" in found.err
    assert not home.config.exists()


def test_it_is_written_with_its_keys_and_can_be_taken_back(home: Home, said: Any, file: Path) -> None:
    home.config.write_text("# mine\ndefault_model = 'x'  # stays\n")
    found = said("import", file, "--write")
    assert found.code == 0 and "settings written" in found.err
    text = home.config.read_text()
    assert "# mine" in text and "# stays" in text
    settings = tomllib.loads(text)
    assert settings["providers"]["openai"]["api_key"] == "sk-1234567"
    assert settings["retries"] == {"max": 2}
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    versions = said("config", "history", "--json").json["versions"]
    assert versions[-1]["how"] == f"import {file} --from litellm --write"
    assert said("config", "rollback", "1").code == 0
    assert home.config.read_text() == "# mine\ndefault_model = 'x'  # stays\n"


def test_what_is_there_stays_unless_it_may_go(home: Home, said: Any, file: Path) -> None:
    home.config.write_text("[providers.groq]\npreset = 'groq'\nmodels = ['old']\n[aliases]\nfast = 'groq/old'\n")
    found = said("import", file, "--write", "--json").json
    assert {each["key"] for each in found["notes"]} >= {"providers.groq", "aliases.fast"}
    settings = tomllib.loads(home.config.read_text())
    assert settings["providers"]["groq"]["models"] == ["old"] and settings["aliases"]["fast"] == "groq/old"
    assert settings["aliases"]["mine"] == "openai/m"
    said("import", file, "--write", "--replace")
    settings = tomllib.loads(home.config.read_text())
    assert settings["providers"]["groq"] == {"preset": "groq", "models": ["llama"]}
    assert settings["aliases"]["fast"] == "groq/llama"
    again = said("import", file, "--write", "--replace")
    assert again.code == 0 and "nothing was written" in again.err


def test_json_for_scripts(said: Any, file: Path) -> None:
    found = said("import", file, "--json").json
    assert (found["from"], found["written"]) == ("litellm", None)
    assert found["settings"]["providers"]["openai"]["api_key"] == "***"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.yaml", "a: 1\n", "Say whose it is: --from litellm, ccr"),
        ("x.yaml", "a: [1\n", "x.yaml, line 2: this is not YAML"),
        ("x.json", '{"a": }', "is not JSON"),
        ("x.yaml", "- 1\n", "looks like no settings file"),
        ("x.yaml", "!!python/object/apply:os.system ['true']\n", "this is not YAML"),
        ("x.yaml", "", "looks like no settings file"),
        ("none.yaml", None, "cannot be read: No such file"),
    ],
)
def test_what_is_no_such_file_is_said(home: Home, said: Any, name: str, text: str | None, words: str) -> None:
    path = home.folder / name
    if text is not None:
        path.write_text(text)
    found = said("import", path)
    assert (found.code, words in found.err) == (2, True), found.err


def test_the_format_can_be_named(home: Home, said: Any) -> None:
    path = home.folder / "odd.yaml"
    path.write_text("aliases: {a: b}\n")
    assert tomllib.loads(said("import", path, "--from", "continuum").out) == {"aliases": {"a": "b"}}
    path.write_text("- 1\n")
    assert said("import", path, "--from", "continuum").code == 2
    assert said("import", path, "--from", "nginx").code == 2


def test_json_with_comments_and_local_models(home: Home, said: Any) -> None:
    path = home.folder / "config.json"
    path.write_text('{"Providers": [], // none yet\n "LOG_LEVEL": "warn",}')
    assert tomllib.loads(said("import", path).out) == {"server": {"log_level": "warning"}}
    swap = home.folder / "swap.yaml"
    swap.write_text("models: {m: {cmd: llama-server -m /x.gguf}}\n")
    assert "landbridge models pull NAME': m." in said("import", swap).err


def test_a_database_of_claude_code_router(home: Home, said: Any) -> None:
    path = home.folder / "config.sqlite"
    provider = {"name": "p", "baseUrl": "https://p.example/v1", "apiKey": "$KEY", "models": ["m"]}
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE app_config (key TEXT PRIMARY KEY, value_json TEXT, updated_at TEXT)")
        for key, value in (("window", {"a": 1}), ("app", {"Providers": [provider], "Router": {"rules": []}})):
            database.execute("INSERT INTO app_config VALUES (?, ?, '')", (key, json.dumps(value)))
        database.commit()
    assert tomllib.loads(said("import", path).out)["providers"]["p"]["api_key"] == "${KEY}"
    with closing(sqlite3.connect(home.folder / "other.sqlite")) as database:
        database.execute("CREATE TABLE other (key TEXT)")
    assert "a database without settings" in said("import", home.folder / "other.sqlite").err


def test_every_key_that_was_not_carried_is_named(home: Home, said: Any) -> None:
    path = home.folder / "x.json"
    path.write_text('{"Providers": [], "odd": 1, "even": 2}')
    lines = said("import", path).err.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["odd", "even"]
    assert "no such setting" in lines[1] and "no such setting" not in lines[2]


def test_a_broken_settings_file_is_not_merged_into(home: Home, said: Any, file: Path) -> None:
    home.config.write_text("default_model = \n")
    assert said("import", file, "--write").code == 2
    assert home.config.read_text() == "default_model = \n"


def test_merging_tells_what_is_new_what_is_other_and_what_is_the_same() -> None:
    there = {"default_model": "a", "providers": {"p": {"preset": "x"}}, "retries": {"max": 1}, "aliases": {"s": "t"}}
    new = {
        "default_model": "b",
        "providers": {"p": {"preset": "y"}, "q": {"preset": "x"}},
        "retries": {"max": 1},
        "aliases": {"s": "t", "u": "v"},
        "listeners": {"router": {"port": 1}},
    }
    assert list(merge(there, new)) == [
        (("default_model",), "b", True),
        (("providers", "p"), {"preset": "y"}, True),
        (("providers", "q"), {"preset": "x"}, False),
        (("aliases", "u"), "v", False),
        (("listeners", "router", "port"), 1, False),
    ]


def test_presets_are_known_with_their_other_addresses() -> None:
    known = presets()
    assert known["openai"].key == "OPENAI_API_KEY"
    assert known["dashscope"].elsewhere["https://dashscope.aliyuncs.com/compatible-mode/v1"] == "cn"
