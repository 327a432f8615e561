"""The settings as a list: paths, types in words, and the variables they can be set by."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from landbridge.config import Config, ModelSettings, ProviderSettings
from landbridge.config.environment import read_environment
from landbridge.config.keys import NAME, dotted, keys, variable, words

KEYS = list(keys())


def test_every_field_of_the_schema_is_there_once() -> None:
    paths = [key.path for key in KEYS]
    assert len(paths) == len(set(paths))
    for section, schema in (("providers", ProviderSettings), ("models", ModelSettings)):
        assert [path[2] for path in paths if path[0] == section] == list(schema.__struct_fields__)
    assert {path[0] for path in paths} == set(Config.__struct_fields__)


def test_defaults_are_those_of_the_place_and_not_of_the_type() -> None:
    defaults = {dotted(key.path): key.default for key in KEYS}
    assert defaults["listeners.router.port"] == 38080
    assert defaults["listeners.openai.port"] == 8000
    assert defaults["providers.NAME.idle_timeout"] == 600.0
    assert defaults["aliases"] == {}


def test_dotted_is_what_toml_writes() -> None:
    assert dotted(("listeners", "router", "port")) == "listeners.router.port"
    assert dotted(("models", "qwen2.5", "context")) == 'models."qwen2.5".context'
    assert dotted(("aliases", 'a "b"')) == 'aliases."a \\"b\\""'


@pytest.mark.parametrize("key", KEYS, ids=lambda key: dotted(key.path))
def test_every_key_has_a_variable_that_leads_to_it(key: Any) -> None:
    tree: dict[str, Any] = {section: {NAME: {}} for section in ("providers", "models", "routes", "prices")}
    assert [path for path, _, _ in read_environment({variable(key.path): "1"}, tree)] == [key.path]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (str, "text"),
        (bool, "true or false"),
        (str | None, "text"),
        (Annotated[int, Meta(ge=0, le=65535)], "a whole number from 0 to 65535"),
        (Annotated[int, Meta(ge=1, le=2**53)] | Literal["auto"], 'a whole number of at least 1 or "auto"'),
        (Annotated[float, Meta(gt=0, le=366 * 86400)], "a number of seconds above 0"),
        (str | int | float | bool, "text, a number or true or false"),
        (Literal["", "bearer", "none"], 'one of "bearer", "none"'),
        (list[str] | None, 'a list of texts, for example ["a", "b"]'),
        (dict[str, str], "a section with text by name"),
        (dict[str, ModelSettings], "sections, each with a name"),
        (ModelSettings, "a section"),
    ],
)
def test_types_in_words(kind: Any, said: str) -> None:
    assert words(kind) == said


@pytest.mark.parametrize("key", KEYS, ids=lambda key: dotted(key.path))
def test_no_words_are_those_of_a_programmer(key: Any) -> None:
    said = words(key.kind)
    assert said
    assert not {"int", "str", "bool", "None", "dict", "Literal", "9007199254740992"} & set(
        said.replace("[", " ").split()
    )
