"""Names of settings as people type them lead to paths, and wrong ones to what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config.keys import NAME, dotted, keys
from landbridge.config.naming import path_of
from landbridge.errors import ConfigFault


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("default_model", ("default_model",)),
        ("listeners.router", ("listeners", "router")),
        ("models.m", ("models", "m")),
        ("models.qwen2.5-7b.context", ("models", "qwen2.5-7b", "context")),
        ('models."qwen2.5-7b".context', ("models", "qwen2.5-7b", "context")),
        ("models.'a b'.pin", ("models", "a b", "pin")),
        ("aliases", ("aliases",)),
        ("aliases.claude-*haiku*", ("aliases", "claude-*haiku*")),
        ("aliases.gpt-4.1", ("aliases", "gpt-4.1")),
        ('aliases."a\\"b"', ("aliases", 'a"b')),
        ("providers.lab.headers.x-a.b", ("providers", "lab", "headers", "x-a.b")),
    ],
)
def test_a_name_leads_to_its_path(name: str, path: tuple[str, ...]) -> None:
    assert path_of(name) == path


@pytest.mark.parametrize(
    ("name", "said", "remedy"),
    [
        ("defalt_model", "There is no setting 'defalt_model'.", "Did you mean 'default_model'?"),
        ("port", "There is no setting 'port'.", "There is 'listeners.router.port'."),
        ("models.m.ctx", "There is no setting 'models.m.ctx'.", "Did you mean 'context'?"),
        ("default_model.x", "There is no setting 'default_model.x'.", "'default_model' is a value."),
        ("providers.lab.api-key", "There is no setting 'providers.lab.api-key'.", "Did you mean 'api_key'?"),
        ("", "The name of a setting is missing.", "Write it like listeners.router.port."),
        ("a..b", "'a..b' is no name of a setting.", "Write it like listeners.router.port."),
        ('models."m', "'models.\"m' is no name of a setting.", "Write it like listeners.router.port."),
    ],
)
def test_a_wrong_name_is_named_with_what_was_meant(name: str, said: str, remedy: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        path_of(name)
    assert (caught.value.message, caught.value.remedy) == (said, remedy)


def test_a_section_with_dots_in_its_name_is_found_where_there_is_one() -> None:
    assert path_of("models.qwen2.5", lambda path: path == ("models", "qwen2.5")) == ("models", "qwen2.5")


def test_every_setting_is_found_by_the_name_the_manual_gives_it() -> None:
    for key in keys():
        path = tuple("my.own" if part == NAME else part for part in key.path)
        assert path_of(dotted(path)) == path_of(".".join(path)) == path


@given(st.text(max_size=20))
def test_whatever_is_typed_gives_a_path_or_our_error(name: str) -> None:
    try:
        assert path_of(name)
    except ConfigFault as fault:
        assert fault.remedy
