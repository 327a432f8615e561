"""`landbridge config`: what is in force and where it was said, as a user sees it; no key is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.cli.main import main
from tests.cli.conftest import Home
from tests.fakes.router import FakeRouter

pytestmark = pytest.mark.io

LAB = '[providers.lab]\npreset = "openai"\napi_key = "sk-1234567"\n[models."qwen2.5"]\ncontext = 4096\n'


class Spoken:
    """What a command printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in err and "Unexpected" not in err and "sk-1234567" not in out + err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def said(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> Spoken:
        capsys.readouterr()
        return Spoken(main(["config", *words]), *capsys.readouterr())

    return run


def test_without_a_file_everything_has_its_default(home: Home, said: Any) -> None:
    shown = said("show")
    assert (shown.code, shown.out) == (0, "")
    assert "everything has its default" in shown.err
    assert said("path").out.strip() == str(home.config)
    assert said("path", "--json").json["exists"] is False
    assert said("get", "listeners.router.port").out == "38080\n"


def test_what_is_said_is_shown_with_its_place(home: Home, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home.settings(9, LAB)
    monkeypatch.setenv("LANDBRIDGE_SERVER__LOG_LEVEL", "debug")
    rows = [line.split() for line in said("show", "--origin").out.splitlines()]
    assert ["listeners.router.port", "9", "line", "2"] in rows
    assert ["providers.lab.api_key", '"***"', "line", "9"] in rows
    assert ["server.log_level", '"debug"', "LANDBRIDGE_SERVER__LOG_LEVEL"] in rows
    assert not any(row[0] == "server.max_body" for row in rows)
    every = {each["key"]: each for each in said("show", "--json").json["settings"]}
    assert every["server.max_body"]["origin"] == "default"
    assert every["server.log_level"]["origin"] == "environment"
    assert "server.max_body" in said("show", "--all").out


def test_one_setting(home: Home, said: Any) -> None:
    home.settings(9, LAB)
    assert said("get", "models.qwen2.5.context").out == "4096\n"
    assert said("get", "providers.lab.preset").out == "openai\n"
    assert said("get", "providers.lab.api_key").out == "***\n"
    assert said("get", "listeners.openai.enabled").out == "false\n"
    assert said("get", "providers.lab", "--json").json["api_key"] == "***"
    assert 'preset = "openai"' in said("get", "providers.lab").out
    assert said("get", "models.qwen2.5").code == 0
    for key, words in (
        ("nope", "There is no setting"),
        ("models.other.context", "is not set"),
        ("models.m.ctx", "ctx"),
    ):
        wrong = said("get", key)
        assert (wrong.code, words in wrong.err) == (2, True), wrong.err


def test_a_broken_file_is_said(home: Home, said: Any) -> None:
    home.config.write_text("default_model = \n")
    for words in (("show",), ("get", "default_model")):
        assert said(*words).code == 2


def test_those_of_a_running_router(home: Home, said: Any, router: FakeRouter) -> None:
    home.settings(router.port)
    setting = {"key": "default_model", "value": "m", "origin": "flag", "place": "command line"}
    router.answer(
        "/api/v1/settings", 200, {"file": "/f", "settings": [setting], "fault": "line 3 is wrong.", "restart": []}
    )
    shown = said("show", "--running", "--origin")
    assert [line.split() for line in shown.out.splitlines()][1] == ["default_model", '"m"', "command", "line"]
    assert "not in force: line 3 is wrong." in shown.err
    said("set", "default_model", "m")
    home.config.write_text("broken = \n")
    assert said("show", "--running").code == 0, "a router that runs is found by the last good version"
    home.settings(1)
    assert said("show", "--running").code == 1


def test_a_schema_for_editors(said: Any) -> None:
    found = said("schema").json
    assert found["properties"]["default_model"]["type"] == "string"
