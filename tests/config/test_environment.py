"""Variables to settings: which key a name means, and what its text means there."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.environment import RESERVED, read_environment


def read(env: dict[str, str], tree: dict[str, Any] | None = None) -> dict[tuple[str, ...], Any]:
    return {path: value for path, _, value in read_environment(env, tree or {})}


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("DEFAULT_MODEL", "lab/m", ("default_model",), "lab/m"),
        ("DEFAULT_MODEL", "42", ("default_model",), "42"),
        ("DEFAULT_MODEL", '"quoted"', ("default_model",), '"quoted"'),
        ("LISTENERS__ROUTER__PORT", " 9000 ", ("listeners", "router", "port"), 9000),
        ("LISTENERS__ROUTER__ENABLED", "false", ("listeners", "router", "enabled"), False),
        ("LISTENERS__ROUTER__ENABLED", "True", ("listeners", "router", "enabled"), True),
        ("LISTENERS__ROUTER__ENABLED", "0", ("listeners", "router", "enabled"), False),
        ("LISTENERS__ROUTER__ENABLED", "off", ("listeners", "router", "enabled"), False),
        ("LISTENERS__ROUTER__ENABLED", "maybe", ("listeners", "router", "enabled"), "maybe"),
        ("SERVER__PING_EVERY", "2.5", ("server", "ping_every"), 2.5),
        ("SERVER__LOG_LEVEL", "debug", ("server", "log_level"), "debug"),
        ("PROVIDERS__LAB__API_KEY", "12 34", ("providers", "lab", "api_key"), "12 34"),
        ("PROVIDERS__LAB__MODELS", '["a", "b"]', ("providers", "lab", "models"), ["a", "b"]),
        ("PROVIDERS__LAB__HEADERS__X_TEAM", "7", ("providers", "lab", "headers", "x_team"), "7"),
        ("MODELS__M__CONTEXT", "auto", ("models", "m", "context"), "auto"),
        ("MODELS__M__CONTEXT", "4096", ("models", "m", "context"), 4096),
        ("MODELS__M__EXTRA__N_KEEP", "4", ("models", "m", "extra", "n_keep"), 4),
        ("MODELS__M__MAX_OUTPUT", "100", ("models", "m", "max_output"), 100),
        ("ALIASES", '{"claude-*" = "lab/m"}', ("aliases",), {"claude-*": "lab/m"}),
        ("ALIASES__FAST", "lab/m", ("aliases", "fast"), "lab/m"),
        ("LISTENERS__ROUTER__PORT", "1\n[x]", ("listeners", "router", "port"), 1),
        ("NO__SUCH__KEY", "x", ("no", "such", "key"), "x"),
        ("SERVER__MAX_BODY", "9" * 5000, ("server", "max_body"), "9" * 5000),
    ],
)
def test_names_and_values(name: str, text: str, path: tuple[str, ...], value: Any) -> None:
    assert read({f"LANDBRIDGE_{name}": text}) == {path: value}


def test_other_variables_are_none_of_ours() -> None:
    assert read({"PATH": "/bin", "landbridge_default_model": "x", **dict.fromkeys(RESERVED, "x")}) == {}


def test_an_empty_variable_is_not_set() -> None:
    assert read({"LANDBRIDGE_DEFAULT_MODEL": "", "LANDBRIDGE_LISTENERS__ROUTER__PORT": " "}) == {}


@pytest.mark.parametrize(
    ("known", "word", "key"),
    [
        ({"qwen2.5-7b": {}}, "QWEN2_5_7B", "qwen2.5-7b"),
        ({"My-Lab": {}}, "MY_LAB", "My-Lab"),
        ({"my-lab": {}, "my_lab": {}}, "MY_LAB", "my_lab"),
        ({"other": {}}, "MY_LAB", "my_lab"),
    ],
)
def test_names_of_the_file_are_found_again(known: dict[str, Any], word: str, key: str) -> None:
    found = read({f"LANDBRIDGE_MODELS__{word}__CONTEXT": "1"}, {"models": known})
    assert found == {("models", key, "context"): 1}


def test_whole_sections_come_before_single_keys() -> None:
    env = {"LANDBRIDGE_ALIASES__A": "x", "LANDBRIDGE_ALIASES": "{b = 'y'}"}
    assert [path for path, _, _ in read_environment(env, {})] == [("aliases",), ("aliases", "a")]
