"""The settings as the page has them: all of them in a place, with what is in force, and found by their words."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config.check import convert
from landbridge.config.load import gather
from landbridge.config.origin import in_force
from landbridge.dashboard.pages.settings_catalogue import (
    GENERAL,
    TITLES,
    Catalogue,
    coded,
    plain,
    shown_value,
)
from landbridge.manage.meanings import all_meanings
from landbridge.server.settings import InForce

TEXT = """\
default_model = "m"
[server]
log_level = "debug"
[providers.lab]
preset = "openai"
headers = { x-team = "secret" }
[models."qwen2.5"]
context = 4096
[model_defaults]
slots = 2
[aliases]
"claude-*" = ["a", "b"]
[views.codex]
fast = "a"
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    tree, places = gather(Path("landbridge.toml"), TEXT, {"LANDBRIDGE_SERVER__PING_EVERY": "5"}, {})
    settings = in_force(convert(tree, places), places)
    return Catalogue(all_meanings(), InForce("landbridge.toml", settings, "", ["store.url"]))


def test_every_section_has_a_place_and_a_title(catalogue: Catalogue) -> None:
    placed = [name for _title, names in catalogue.groups() for name in names]
    assert sorted(placed) == sorted({"general", *(each.name for each in all_meanings().sections)} - set(GENERAL))
    assert set(placed) == set(TITLES)
    assert all(catalogue.has(name) for name in placed) and not catalogue.has("dashboard") and not catalogue.has("x")


def test_what_is_in_force_and_who_said_so(catalogue: Catalogue) -> None:
    found = {item.key: item for item in catalogue.items("server")}
    assert (found["server.log_level"].value, found["server.log_level"].place) == ("debug", "line 3")
    assert found["server.log_level"].own
    ping = found["server.ping_every"]
    assert (ping.value, ping.origin, ping.place, ping.own) == (5, "environment", "LANDBRIDGE_SERVER__PING_EVERY", False)
    assert (found["server.log_format"].value, found["server.log_format"].origin) == ("text", "default")
    assert catalogue.items("general")[0].key == "default_model"


def test_names_of_the_user_s(catalogue: Catalogue) -> None:
    assert catalogue.names("providers") == ["lab"] and catalogue.names("models") == ["qwen2.5"]
    assert catalogue.is_named("providers") and catalogue.is_named("views") and not catalogue.is_named("aliases")
    found = {item.path[-1]: item for item in catalogue.named("models", "qwen2.5")}
    assert found["context"].key == 'models."qwen2.5".context' and found["context"].own
    assert found["slots"].value == 2 and not found["slots"].own, "it is said for all models"
    assert found["batch"].value == "auto"


def test_entries(catalogue: Catalogue) -> None:
    headers = catalogue.entries(("providers", "lab", "headers"))
    assert [(name, each.value) for name, each in headers.items()] == [("x-team", "***")]
    assert catalogue.entries(("aliases",))["claude-*"].value == ["a", "b"]
    (view,) = catalogue.named("views", "codex")
    assert view.path == ("views", "codex")
    assert {name: each.value for name, each in catalogue.entries(view.path).items()} == {"fast": "a"}


def test_found_by_words_in_key_and_meaning(catalogue: Catalogue) -> None:
    keys = [item.key for _name, item in catalogue.find("log level")]
    assert keys[0] == "server.log_level"
    assert "providers.lab.headers" in [item.key for _name, item in catalogue.find("headers added")]
    assert [name for name, _item in catalogue.find("theme")] == ["general"]
    assert any("NAME" in item.path for _name, item in catalogue.find("cache_write_1h")), "of no price yet"
    assert catalogue.find("   ") == [] and catalogue.find("nothing has these words") == []


def test_how_many_are_said(catalogue: Catalogue) -> None:
    assert catalogue.said("server") == 2 and catalogue.said("general") == 1 and catalogue.said("media") == 0
    assert catalogue.restart == ("store.url",)


def test_texts_of_the_manual() -> None:
    assert plain("Forward ([how](routing.md)).") == "Forward."
    assert plain("See [the list](x.md) there.") == "See the list there."
    assert coded("`auto`: as `x` says") == [("auto", True), (": as ", False), ("x", True), (" says", False)]


def test_values_in_a_word() -> None:
    values = [None, "", [], True, False, ["a", "b"], {"a": 1.0}, 2.0, 2.5, "x"]
    assert [shown_value(value) for value in values] == ["-", "-", "-", "on", "off", "a, b", "a = 1", "2", "2.5", "x"]
