"""The settings of a running router: what is in force, what waits for a restart, what is kept, what would come."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from landbridge.config import effects
from landbridge.config.history import FOUND, History
from landbridge.errors import ConfigFault
from landbridge.server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ENV = {"LANDBRIDGE_SERVER__PING_EVERY": "7"}


def settings(folder: Path, text: str | None = "default_model = 'a'\n", *, explicit: bool = False) -> Settings:
    path = folder / "landbridge.toml"
    if text is not None:
        path.write_text(text)
    return Settings(path, folder / "data", ENV, {"listeners.router.port": 9}, explicit=explicit)


def versions(folder: Path) -> list[tuple[int, str]]:
    return [(each.number, each.how) for each in History(folder / "data", folder / "landbridge.toml").versions()]


async def test_file_environment_and_flags_are_in_force(tmp_path: Path) -> None:
    own = settings(tmp_path)
    assert (own.config.default_model, own.config.server.ping_every, own.config.listeners.router.port) == ("a", 7.0, 9)
    told = {each.key: (each.value, each.origin) for each in own.told().settings}
    assert told["default_model"] == ("a", "file")
    assert told["server.ping_every"] == (7.0, "environment")
    assert told["listeners.router.port"] == (9, "flag")
    assert own.told().file == str(tmp_path / "landbridge.toml")


async def test_what_is_read_is_in_force_when_it_is_taken(tmp_path: Path) -> None:
    own = settings(tmp_path)
    own.path.write_text("default_model = 'b'\n")
    reading = own.read()
    assert own.config.default_model == "a"
    assert [each.key for each in own.take(reading)] == ["default_model"]
    assert own.config.default_model == "b"


async def test_a_file_that_has_to_be_there(tmp_path: Path) -> None:
    assert settings(tmp_path, None).config.default_model == "smollm2"
    with pytest.raises(ConfigFault, match="There is no settings file"):
        settings(tmp_path, None, explicit=True)


async def test_what_waits_for_a_restart_is_named_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "RESTART", (("default_model",), ("server", "max_body")))
    own = settings(tmp_path)
    own.path.write_text("default_model = 'b'\n[server]\nlog_level = 'debug'\n")
    own.take(own.read())
    assert own.restart() == own.told().restart == ["default_model"]
    own.path.write_text("default_model = 'a'\n")
    own.take(own.read())
    assert own.restart() == []


async def test_each_good_state_is_a_version(tmp_path: Path) -> None:
    own = settings(tmp_path)
    await own.keep()
    await own.keep()
    assert versions(tmp_path) == [(1, FOUND)]
    own.path.write_text("default_model = 'a'  # only a comment\n")
    own.take(own.read())
    await own.keep()
    own.path.write_text("default_model = \n")
    with pytest.raises(ConfigFault):
        own.read()
    await own.keep()
    assert versions(tmp_path) == [(1, FOUND), (2, "by hand")]


async def test_no_file_is_no_version(tmp_path: Path) -> None:
    await settings(tmp_path, None).keep()
    assert versions(tmp_path) == []


async def test_what_cannot_be_kept_is_said_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("no folder")
    own = settings(tmp_path)
    with caplog.at_level(logging.WARNING):
        await own.keep()
        await own.keep()
    assert caplog.text.count("no version of the settings could be kept") == 1


async def test_what_would_come_of_a_text(tmp_path: Path) -> None:
    own = settings(tmp_path)
    good = own.check("default_model = 'b'\n[server]\nping_every = 3\n[models.m]\nslots = 2\n")
    assert good.faults == []
    assert [(each.key, each.effect) for each in good.changes] == [("default_model", "now"), ("models.m.slots", "load")]
    bad = own.check("defalt_model = 'b'\n[server]\nmax_body = 0\n")
    assert ["line 1" in bad.faults[0].message, "line 3" in bad.faults[1].message] == [True, True]
    assert bad.faults[0].remedy == "Did you mean 'default_model'?"
    assert "is not TOML" in own.check("a = \n").faults[0].message
    literal = own.check("[providers.lab]\npreset = 'openai'\napi_key = 'sk-1234'\n")
    assert literal.faults == [] and "as it is" in literal.warnings[0]
    assert own.config.default_model == "a"
