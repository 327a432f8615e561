"""Each setting in force says where it was said."""

from __future__ import annotations

from pathlib import Path

from landbridge.config.check import convert
from landbridge.config.load import gather
from landbridge.config.origin import Setting, in_force

FILE = Path("/home/me/landbridge.toml")
TEXT = """\
default_model = "m"
[providers.lab]
preset = "openai"
api_key = "sk-1"
[model_defaults]
slots = 2
[models.m]
context = 4096
"""


def found(text: str = TEXT, env: dict[str, str] | None = None, flags: dict[str, object] | None = None) -> list[Setting]:
    tree, places = gather(FILE, text, env or {}, flags)
    return in_force(convert(tree, places), places)


def by_key(settings: list[Setting]) -> dict[str, tuple[object, str, str]]:
    return {each.key: (each.value, each.origin, each.place) for each in settings}


def test_file_and_default() -> None:
    settings = by_key(found())
    assert settings["default_model"] == ("m", "file", "line 1")
    assert settings["providers.lab.preset"] == ("openai", "file", "line 3")
    assert settings["server.log_level"] == ("info", "default", "")


def test_variable_and_flag_win() -> None:
    env = {"LANDBRIDGE_DEFAULT_MODEL": "n", "LANDBRIDGE_PROVIDERS__LAB__HEADERS": '{ "x" = "1" }'}
    settings = by_key(found(env=env, flags={"listeners.router.port": 9}))
    assert settings["default_model"] == ("n", "environment", "LANDBRIDGE_DEFAULT_MODEL")
    assert settings["providers.lab.headers.x"] == ("***", "environment", "LANDBRIDGE_PROVIDERS__LAB__HEADERS")
    assert settings["listeners.router.port"] == (9, "flag", "command line")


def test_keys_are_masked() -> None:
    assert by_key(found())["providers.lab.api_key"] == ("***", "file", "line 4")


def test_what_a_model_has_of_all_models_says_so() -> None:
    settings = by_key(found())
    assert settings["models.m.context"] == (4096, "file", "line 8")
    assert settings["models.m.slots"] == (2, "file", "line 6, [model_defaults]")


def test_every_line_of_the_defaults_has_no_place() -> None:
    assert {(each.origin, each.place) for each in found("")} == {("default", "")}
