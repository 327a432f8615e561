"""A provider as somebody wishes it: what is missing is named, and a key is never part of what is written."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings, Secret
from landbridge.errors import ConfigFault
from landbridge.manage.provider_draft import Draft, New, drafted
from tests.fakes.strict import KEY

KNOWN = Config(providers={"taken": ProviderSettings(preset="groq")})


def made(env: dict[str, str] | None = None, *, keyless: bool = False, **new: Any) -> Draft:
    return drafted(New(**new), KNOWN, env or {}, keyless=keyless)


@pytest.mark.parametrize(
    ("new", "what"),
    [
        ({}, "kind"),
        ({"name": "lab", "base_url": "http://h"}, "dialect"),
        ({"dialect": "gemini", "base_url": "http://h"}, "name"),
        ({"name": "taken", "preset": "groq"}, "taken"),
        ({"name": "lab", "dialect": "gemini"}, "base_url"),
        ({"preset": "bedrock"}, "place.region"),
        ({"preset": "openai"}, "key"),
        ({"preset": "openai", "base_url": " "}, "key"),
    ],
)
def test_what_is_missing_is_named(new: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        made(**new)
    assert caught.value.param == what
    assert caught.value.remedy


def test_a_key_is_kept_apart() -> None:
    draft = made(preset="openai", key=Secret(KEY), key_from="${IGNORED}")
    assert draft.settings == {"preset": "openai"}
    assert draft.written == {"preset": "openai", "api_key": "keyring:openai"}
    assert draft.config.providers["openai"].api_key == "keyring:openai"
    assert KEY not in repr(draft)
    assert draft.with_key(Secret(), "file:/k").written == {"preset": "openai", "api_key": "file:/k"}


def test_where_a_key_is_may_be_said_but_not_the_key_there() -> None:
    assert made(preset="openai", key_from="${MINE}").written["api_key"] == "${MINE}"
    with pytest.raises(ConfigFault, match="does not say where") as caught:
        made(preset="openai", key_from=KEY)
    assert KEY not in caught.value.text


def test_variables_and_no_key_at_all() -> None:
    assert made({"OPENAI_API_KEY": "k"}, preset="openai").written == {"preset": "openai"}
    assert made(preset="openai", keyless=True).written == {"preset": "openai"}
    assert made({"AWS_REGION": "r"}, preset="bedrock").written == {"preset": "bedrock"}


def test_places_and_models() -> None:
    draft = made(name="v", preset="vertex", place={"project": " p ", "region": ""}, models=("a",))
    assert draft.written == {"preset": "vertex", "place": {"project": "p"}, "models": ["a"]}


def test_impossible_names() -> None:
    with pytest.raises(ConfigFault, match="is no name"):
        _ = made(name="a b", preset="ollama").config
