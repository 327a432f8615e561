"""Keys do not show themselves, however somebody looks at them."""

from __future__ import annotations

import io
import json
import logging
import pprint
import traceback

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from rich.console import Console

from landbridge.config import ProviderSettings, Secret, expand
from landbridge.config.secret import is_broken_reference, is_literal, is_secret, masked, references, showable
from landbridge.errors import ConfigFault

KEY = "sk-live-4711"


class Holder(Struct):
    """Something that holds a key."""

    key: Secret


def rich_text(value: object) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(value)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(KEY)),
        str(Secret(KEY)),
        f"{Secret(KEY)}",
        f"{Secret(KEY)!r:>20}",
        "%s %r" % (Secret(KEY), Secret(KEY)),  # noqa: UP031 - log lines are made so
        repr(Holder(Secret(KEY))),
        repr({"key": [Secret(KEY)]}),
        pprint.pformat({"key": Secret(KEY)}),
        rich_text(Holder(Secret(KEY))),
        json.dumps({"key": Secret(KEY)}, default=str),
        msgspec.json.encode(Holder(Secret(KEY)), enc_hook=str).decode(),
    ],
)
def test_no_view_of_it_holds_its_text(shown: str) -> None:
    assert KEY not in shown
    assert "***" in shown


def test_it_is_not_encoded_by_accident() -> None:
    for encode in (msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins):
        with pytest.raises(TypeError) as caught:
            encode(Holder(Secret(KEY)))
        assert KEY not in str(caught.value)


def test_logs_and_tracebacks_do_not_hold_it(caplog: pytest.LogCaptureFixture) -> None:
    key = Secret(KEY)
    with caplog.at_level(logging.INFO):
        logging.getLogger("landbridge").info("using %s", key)
    try:
        raise ConfigFault(f"The key {key} is wrong.")
    except ConfigFault as fault:
        told = traceback.format_exception(fault)
        told += traceback.TracebackException.from_exception(fault, capture_locals=True).format()
    assert KEY not in caplog.text + "".join(told)
    assert "***" in caplog.text


def test_reveal_is_the_one_way_to_its_text() -> None:
    assert Secret(KEY).reveal() == KEY


def test_it_is_a_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert (bool(Secret("a")), bool(Secret())) == (True, False)
    assert repr(Secret()) == "Secret('')"


@pytest.mark.parametrize(
    ("text", "env", "revealed", "missing"),
    [
        ("", {}, "", ()),
        ("plain", {}, "plain", ()),
        ("${A}", {"A": "x"}, "x", ()),
        ("Bearer ${A}-${B}", {"A": "x", "B": "y"}, "Bearer x-y", ()),
        ("${A}", {}, "", ("A",)),
        ("${A}", {"A": ""}, "", ("A",)),
        ("${A}", {"A": "x\n"}, "x", ()),
        ("${A}", {"A": "${B}", "B": "no"}, "${B}", ()),
        ("${a-b} $A", {"A": "x"}, "${a-b} $A", ()),
    ],
)
def test_references_are_replaced_once(text: str, env: dict[str, str], revealed: str, missing: tuple[str, ...]) -> None:
    secret, unset = expand(text, env)
    assert (secret.reveal(), unset) == (revealed, missing)


def test_all_names_are_found() -> None:
    assert references("${A} ${B_2} ${A} $C ${3}") == ("A", "B_2", "A")


@pytest.mark.parametrize(
    ("text", "literal"), [("", False), ("${A}", False), ("x ${A}", False), ("keyring:work", False), (KEY, True)]
)
def test_literal_keys_are_told_from_references(text: str, literal: bool) -> None:
    assert is_literal(text) is literal
    assert masked(text) == ("***" if literal else text)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("$OPENAI_API_KEY", True),
        ("${OPENAI_API_KEY", True),
        ("${OPENAI-API-KEY}", True),
        ("${A:-x}", True),
        ("${}", True),
        ("Bearer ${A", True),
        ("${A}", False),
        ("Bearer ${A}", False),
        ("a$b", False),
        ("", False),
    ],
)
def test_references_that_are_none_are_noticed(text: str, broken: bool) -> None:
    assert is_broken_reference(text) is broken


@given(st.text(alphabet="abc${}_", max_size=20), st.dictionaries(st.sampled_from("abc"), st.text(max_size=5)))
def test_a_text_without_broken_references_expands_wholly_or_names_what_is_missing(
    text: str, env: dict[str, str]
) -> None:
    secret, missing = expand(text, env)
    assert set(missing) <= set(references(text))
    if not references(text):
        assert secret.reveal() == text.strip()
    if missing:
        assert not any(env.get(name) for name in missing)


def test_literal_keys_in_the_settings_are_masked_too() -> None:
    settings = ProviderSettings(preset="openai", api_key=KEY, headers={"x-key": KEY, "x-team": "${TEAM}"})
    for shown in (repr(settings), str(settings), rich_text(settings), repr({"lab": settings})):
        assert KEY not in shown
        assert "${TEAM}" in shown
        assert "preset='openai'" in shown


# -- what may not be shown ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("providers.lab.api_key", True),
        ("providers.lab.headers.x-team", True),
        ("providers.lab.headers", True),
        ("search.api_key", True),
        ("providers.lab.secret_key", True),
        ("x.password", True),
        ("providers.key.preset", False),
        ("models.m.cache_type_k", False),
        ("key", False),
        ("default_model", False),
    ],
)
def test_keys_are_known_by_their_names(path: str, hidden: bool) -> None:
    assert is_secret(path.split(".")) is hidden


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("providers.lab.api_key", "sk-1", "***"),
        ("providers.lab.api_key", "${LAB_KEY}", "${LAB_KEY}"),
        ("providers.lab.api_key", "keyring:lab", "keyring:lab"),
        ("providers.lab.headers", {"x": "sk-1", "y": "${Y}"}, {"x": "***", "y": "${Y}"}),
        ("store.url", "postgresql://me:sk-1@host/db", "postgresql://me:***@host/db"),
        ("limits.url", "redis://:sk-1@host", "redis://:***@host"),
        ("providers.lab.base_url", "https://host/v1?key=sk-1&a=b", "https://host/v1?key=***&a=b"),
        ("models.m.command", ["vllm", "--api-key", "sk-1", "--port", "1"], ["vllm", "--api-key", "***", "--port", "1"]),
        ("providers", {"lab": {"api_key": "sk-1", "preset": "x"}}, {"lab": {"api_key": "***", "preset": "x"}}),
        ("access.keys", ["sk-1"], "***"),
        ("server.max_body", 5, 5),
        ("default_model", "m@home", "m@home"),
    ],
)
def test_what_is_shown_of_a_value(path: str, value: object, shown: object) -> None:
    assert showable(path.split("."), value) == shown
