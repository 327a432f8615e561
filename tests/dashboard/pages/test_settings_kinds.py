"""Each kind of setting is asked for in its way, and what is shown of a value means that value again."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.settings_kinds import Form, Wrong, form_of, limits, meant, shown, size_of
from landbridge.manage.meanings import all_meanings

MEANINGS = {each.key: each for section in all_meanings().sections for each in section.settings}


def form(key: str) -> Form:
    return form_of(MEANINGS[key])


@pytest.mark.parametrize("key", MEANINGS)
def test_every_default_is_shown_and_meant(key: str) -> None:
    found = form(key)
    if found.editor in ("toggle", "entries"):
        return
    default = MEANINGS[key].default
    assert meant(shown(default, found), found) == (default or None if default in ("", [], {}) else default)


@pytest.mark.parametrize(
    ("key", "editor"),
    [
        ("server.show_progress", "toggle"),
        ("server.log_level", "choice"),
        ("models.NAME.embeddings", "choice"),
        ("models.NAME.swa_full", "choice"),
        ("listeners.router.port", "text"),
        ("models.NAME.context", "text"),
        ("default_model", "text"),
        ("providers.NAME.api_key", "secret"),
        ("access.hosts", "lines"),
        ("tiers.opus", "lines"),
        ("aliases", "entries"),
        ("views", "entries"),
    ],
)
def test_editors(key: str, editor: str) -> None:
    assert form(key).editor == editor


def test_members_of_entries() -> None:
    members = {key: form(key).member for key in MEANINGS if form(key).editor == "entries"}
    assert members["providers.NAME.headers"] == Form("secret")
    assert members["providers.NAME.query"] == Form("text")
    lora = members["models.NAME.lora"]
    assert lora is not None and lora.number == "any"
    alias = members["aliases"]
    assert alias is not None and alias.chain


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("listeners.router.port", " 8080 ", 8080),
        ("listeners.router.port", "", None),
        ("server.drain_seconds", "2.5", 2.5),
        ("models.NAME.context", "auto", "auto"),
        ("models.NAME.context", "8192", 8192),
        ("models.NAME.swa_full", "true", True),
        ("models.NAME.swa_full", "auto", "auto"),
        ("models.NAME.embeddings", "", None),
        ("models.NAME.embeddings", "false", False),
        ("providers.NAME.dialect", "", None),
        ("server.log_level", "debug", "debug"),
        ("access.hosts", "a\n\n b \n", ["a", "b"]),
        ("access.hosts", " \n", None),
        ("tiers.opus", "lab/m", "lab/m"),
        ("tiers.opus", "lab/m\nsmollm2", ["lab/m", "smollm2"]),
        ("routes.NAME.targets", 'a\n{ model = "b", weight = 3 }', ["a", {"model": "b", "weight": 3}]),
        ("default_model", "  ", None),
    ],
)
def test_answers(key: str, text: str, value: Any) -> None:
    found = meant(text, form(key))
    assert found == value and type(found) is type(value)


def test_a_section_in_a_list_is_shown_as_it_is_written() -> None:
    targets = form("routes.NAME.targets")
    value = ["a", {"model": 'b"c', "weight": 3.0}]
    assert shown(value, targets).split("\n")[1] == '{ model = "b\\"c", weight = 3 }'
    assert meant(shown(value, targets), targets) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("listeners.router.port", "65536"),
        ("listeners.router.port", "-1"),
        ("listeners.router.port", "80.5"),
        ("listeners.router.port", "auto"),
        ("server.ping_every", "0"),
        ("server.ping_every", "nan"),
        ("models.NAME.context", "some"),
        ("routes.NAME.targets", "{ model = }"),
    ],
)
def test_what_cannot_be_meant(key: str, text: str) -> None:
    with pytest.raises(Wrong):
        meant(text, form(key))


def test_limits_in_words() -> None:
    assert limits(form("listeners.router.port")) == "It must be a whole number from 0 to 65535."
    assert limits(form("server.ping_every")) == "It must be a number above 0."
    assert limits(form("store.keep_days")) == "It must be a whole number of at least 0."
    assert limits(form("models.NAME.context")) == 'It must be a whole number of at least 1 or "auto".'
    assert limits(Form("text", number="any")) == "It must be a number."


def test_further_engine_parameters_are_what_toml_makes_of_them() -> None:
    member = form("models.NAME.extra").member
    assert member is not None and member.loose
    assert [meant(text, member) for text in ("1", "0.5", "true", '"1"', "some text")] == [
        1,
        0.5,
        True,
        "1",
        "some text",
    ]


def test_sizes() -> None:
    assert size_of("server.max_body", 64 * 1024**2) == "64 MiB"
    assert size_of("store.bodies_max_bytes", 1536 * 1024**2) == "1.5 GiB"
    assert size_of("server.max_body", 100) == "" and size_of("server.ping_every", 4096) == ""
    assert size_of("models.m.memory", None) == "" and size_of("fetch.max_bytes", True) == ""
