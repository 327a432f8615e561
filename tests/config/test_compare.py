"""Settings are compared key by key; nothing that differs is left out, and no key is shown."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import Config
from landbridge.config.check import convert
from landbridge.config.compare import Change, compare, values
from landbridge.config.places import Places


def read(text: str) -> Config:
    return convert(tomllib.loads(text), Places())


def changed(before: str, after: str) -> list[tuple[str, Any, Any, str]]:
    gone = "-"
    found = [msgspec.to_builtins(each) for each in compare(read(before), read(after))]
    return [(each["key"], each.get("before", gone), each.get("after", gone), each["effect"]) for each in found]


def test_the_same_differs_in_nothing() -> None:
    text = "[providers.lab]\npreset = 'openai'\n[models.m]\nslots = 2\n"
    assert changed(text, text) == changed("", "") == []


def test_one_value() -> None:
    assert changed("", "[server]\nlog_level = 'debug'") == [("server.log_level", "info", "debug", "now")]
    assert changed("[listeners.openai]\nport = 1", "") == [("listeners.openai.port", 1, 8000, "now")]


def test_named_sections_come_and_go_with_what_they_say() -> None:
    lab = "[providers.lab]\npreset = 'openai'\n"
    assert changed("", lab) == [("providers.lab.preset", "-", "openai", "now")]
    assert changed(lab, "") == [("providers.lab.preset", "openai", "-", "now")]
    assert changed("", "[models.m]") == [("models.m", "-", {}, "now")]
    assert changed("[models.m]\nslots = 1", "[models.m]\nslots = 2") == [("models.m.slots", 1, 2, "load")]


def test_entries_of_a_mapping_are_settings_of_their_own() -> None:
    assert changed('[aliases]\n"a" = "x"\n"b" = "y"', '[aliases]\n"a" = "z"\n"c d" = "y"') == [
        ("aliases.a", "x", "z", "now"),
        ("aliases.b", "y", "-", "now"),
        ('aliases."c d"', "-", "y", "now"),
    ]


def test_keys_are_not_shown() -> None:
    lab = "[providers.lab]\npreset = 'openai'\napi_key = '%s'\nheaders = {x = '%s'}\n"
    found = changed(lab % ("sk-1", "sk-2"), lab % ("sk-3", "${X}"))
    assert found == [("providers.lab.api_key", "***", "***", "now"), ("providers.lab.headers.x", "***", "${X}", "now")]


SERVERS = st.fixed_dictionaries({}, optional={"max_body": st.integers(1, 9), "log_level": st.just("debug")})
ALIASES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y"]))
TREES = st.fixed_dictionaries({}, optional={"server": SERVERS, "aliases": ALIASES, "default_model": st.just("m")})


@given(TREES, TREES)
def test_the_changes_lead_from_one_to_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = convert(one, Places()), convert(other, Places())
    found = compare(before, after)
    assert bool(found) == (before != after)
    old = {change.key: change for change in found}
    back = {change.key: change for change in compare(after, before)}
    assert old.keys() == back.keys()
    assert all(old[key].before == back[key].after and old[key].after == back[key].before for key in old)


def test_every_setting_of_the_defaults_is_a_value() -> None:
    found = values(Config())
    assert found["listeners", "router", "port"] == 38080
    assert ("model_defaults", "slots") in found and ("server", "max_body") in found
    assert isinstance(compare(Config(), read("default_model = 'x'"))[0], Change)
