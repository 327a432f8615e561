"""What importers share: the same provider is one, presets are known by their addresses, keys are warned of."""

from __future__ import annotations

import pytest

from landbridge.config.imports.carried import (
    Gathering,
    Known,
    base_url,
    mapping,
    mappings,
    number,
    provider_name,
    same_url,
    texts,
    whole,
    with_version,
)

KNOWN = {
    "openai": Known("openai_chat", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    "ollama": Known("openai_chat", "http://127.0.0.1:11434/v1"),
    "qwen": Known("openai_chat", "https://intl.example/v1", "QWEN_KEY", {"https://cn.example/v1": "cn"}),
    "anthropic": Known("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
}


@pytest.fixture
def into() -> Gathering:
    return Gathering(KNOWN, {})


def test_the_same_provider_is_one_with_the_models_of_all(into: Gathering) -> None:
    assert into.provider("a", {"preset": "openai"}, ["m"]) == "a"
    assert into.provider("a", {"preset": "openai", "headers": {}}, ["n", "m"]) == "a"
    assert into.provider("a", {"preset": "openai", "idle_timeout": 5.0}, ["m"]) == "a-2"
    assert into.done().settings["providers"] == {
        "a": {"preset": "openai", "models": ["m", "n"]},
        "a-2": {"preset": "openai", "idle_timeout": 5.0, "models": ["m"]},
    }


def test_whoever_has_all_models_is_asked_for_them(into: Gathering) -> None:
    into.provider("a", {"preset": "openai"}, ["m"])
    into.provider("a", {"preset": "openai"})
    into.provider("a", {"preset": "openai"}, ["n"])
    assert into.done().settings["providers"]["a"] == {"preset": "openai"}


@pytest.mark.parametrize(
    ("url", "key", "settings"),
    [
        ("https://api.openai.com/v1/chat/completions", "${OPENAI_API_KEY}", {"preset": "openai"}),
        ("https://api.openai.com", "${MINE}", {"preset": "openai", "api_key": "${MINE}"}),
        ("http://localhost:11434/v1", "anything", {"preset": "ollama"}),
        ("https://cn.example/v1/", "", {"preset": "qwen", "place": {"region": "cn"}}),
        (
            "https://other.example/v1",
            "${KEY}",
            {"dialect": "openai_chat", "base_url": "https://other.example/v1", "api_key": "${KEY}"},
        ),
        (
            "http://box:8000/v1",
            "",
            {"dialect": "openai_chat", "base_url": "http://box:8000/v1", "api_key": "", "auth": "none"},
        ),
    ],
)
def test_an_address_is_a_preset_where_one_is_there(
    into: Gathering, url: str, key: str, settings: dict[str, object]
) -> None:
    assert into.at(url, "openai_chat", key) == settings


def test_a_key_as_it_stands_is_warned_of_once(into: Gathering) -> None:
    into.provider("a", {"preset": "openai", "api_key": "sk-1"}, ["m"])
    into.provider("a", {"preset": "openai", "api_key": "sk-1"}, ["n"])
    into.provider("b", {"preset": "openai", "api_key": "${KEY}"}, ["n"])
    assert [note.key for note in into.notes] == ["the key of 'a'"]


def test_the_rest_is_named(into: Gathering) -> None:
    into.rest({"a": 1, "b": 2, "c": 3}, {"b"}, "x[0]")
    into.rest("no mapping", set())
    into.rest({"d": 1}, (), why="because")
    assert [(note.key, note.why) for note in into.notes] == [
        ("x[0].a", "landbridge has no such setting"),
        ("x[0].c", "landbridge has no such setting"),
        ("d", "because"),
    ]


def test_settings_come_in_the_order_a_person_writes(into: Gathering) -> None:
    into.put("debug", "server", "log_level")
    into.put("x", "aliases", "a")
    into.put("m", "default_model")
    assert list(into.done().settings) == ["default_model", "aliases", "server"]
    assert into.get("aliases", "a") == "x" and into.get("aliases", "a", "b") is None


@pytest.mark.parametrize(
    ("name", "plain"), [("a b/c", "a-b-c"), ("local", "local-provider"), ("ü", "provider"), ("x_y.z", "x_y.z")]
)
def test_names_are_made_possible(name: str, plain: str) -> None:
    assert provider_name(name) == plain


def test_addresses() -> None:
    assert base_url(" https://h/v1/chat/completions ") == "https://h/v1"
    assert base_url("https://h/v1/messages") == "https://h"
    assert base_url("https://h/v1beta/models/") == "https://h/v1beta"
    assert same_url("https://h", "https://h/v1/") and not same_url("https://h/v2", "https://h") and not same_url("", "")
    assert (with_version("http://h:1"), with_version("http://h:1/x")) == ("http://h:1/v1", "http://h:1/x")


def test_values_of_any_kind() -> None:
    assert (number("1.5"), number(True), number("x"), number(None), number("inf"), number(10**400)) == (
        1.5,
        None,
        None,
        None,
        None,
        None,
    )
    assert (texts("a"), texts(["a", 1, None]), texts({})) == (["a"], ["a", "1"], [])
    assert (mappings([{}, 1]), mappings({}), mapping([])) == ([{}], [], {})
    assert (whole(3.0), whole(0.5)) == (3, 0.5)
