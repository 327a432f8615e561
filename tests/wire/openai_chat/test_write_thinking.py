"""Each provider is asked to think in its own field, and in no other."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Reasoning, Request
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.write_thinking import write_thinking
from landbridge.wire.written import Loss

OFF, ADAPTIVE = Reasoning("off"), Reasoning("adaptive")
HIGH = Reasoning("on", effort="high")
NUMBER = Reasoning("on", budget=5000)
NONE = ("none", "low", "medium", "high")


def write(
    wish: Reasoning, max_tokens: int | None = None, extras: dict[str, bytes] | None = None, **traits: Any
) -> tuple[Any, list[str]]:
    losses: list[Loss] = []
    own = {"openai_chat": {name: Raw(raw) for name, raw in (extras or {}).items()}}
    request = Request("m", (Message("user", (Text("hi"),)),), reasoning=wish, extras=own)
    fields = write_thinking(request, Traits(**traits), max_tokens, losses)
    return json.loads(msgspec.json.encode(fields)), [loss.path for loss in losses]


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        (Reasoning(), {}),
        (ADAPTIVE, {}),
        (HIGH, {"reasoning_effort": "high"}),
        (Reasoning(effort="low"), {"reasoning_effort": "low"}),
        (Reasoning("adaptive", effort="max"), {"reasoning_effort": "high"}),
        (Reasoning("on", budget=31_999), {"reasoning_effort": "high"}),
        (NUMBER, {"reasoning_effort": "medium"}),
        (OFF, {"reasoning_effort": "minimal"}),
    ],
)
def test_p51_reasoning_effort(wish: Reasoning, fields: dict[str, Any]) -> None:
    assert write(wish, effort="reasoning_effort") == (fields, [])


@pytest.mark.parametrize(
    ("wish", "traits", "fields", "losses"),
    [
        pytest.param(OFF, {"efforts": NONE}, {"reasoning_effort": "none"}, [], id="a word turns it off"),
        pytest.param(OFF, {"efforts": ()}, {"reasoning_effort": "none"}, [], id="no words are known"),
        pytest.param(ADAPTIVE, {"efforts": NONE}, {"reasoning_effort": "medium"}, [], id="off unless told"),
        pytest.param(
            OFF, {"efforts": ("low", "high"), "thinks": "always"}, {"reasoning_effort": "low"}, ["reasoning"], id="o3"
        ),
        pytest.param(HIGH, {"efforts": ()}, {"reasoning_effort": "high"}, [], id="numbers by a field of words"),
        pytest.param(HIGH, {"efforts": (), "budgets": None}, {}, ["reasoning"], id="a switch by a field of words"),
        pytest.param(HIGH, {"thinks": "never"}, {}, ["reasoning"], id="no thinking"),
        pytest.param(ADAPTIVE, {"thinks": "never"}, {}, [], id="no thinking, and nobody insisted"),
    ],
)
def test_p51_reasoning_effort_of_models(
    wish: Reasoning, traits: dict[str, Any], fields: dict[str, Any], losses: list[str]
) -> None:
    assert write(wish, effort="reasoning_effort", **traits) == (fields, losses)


@pytest.mark.parametrize(
    ("wish", "traits", "reasoning"),
    [
        (OFF, {}, {"enabled": False}),
        (Reasoning("off", effort="high"), {}, {"enabled": False}),
        (ADAPTIVE, {}, {"enabled": True}),
        (HIGH, {}, {"effort": "high"}),
        (Reasoning(effort="low"), {}, {"effort": "low"}),
        (NUMBER, {}, {"max_tokens": 5000}),
        (NUMBER, {"budgets": None}, {"effort": "medium"}),
        (HIGH, {"adaptive": False, "efforts": ()}, {"max_tokens": 16_384}),
        (Reasoning("adaptive", display="omitted"), {}, {"enabled": True, "exclude": True}),
        (Reasoning("on", budget=5000, display="omitted"), {}, {"max_tokens": 5000, "exclude": True}),
        (Reasoning("adaptive", effort="low", display="summarized"), {}, {"effort": "low"}),
    ],
)
def test_p51_openrouters_object_never_contradicts_itself(
    wish: Reasoning, traits: dict[str, Any], reasoning: dict[str, Any]
) -> None:
    assert write(wish, effort="reasoning.effort", **traits) == ({"reasoning": reasoning}, [])


SWITCHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "thinking": ({"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
    "thinking+reasoning_effort": ({"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
    "enable_thinking": ({"enable_thinking": True}, {"enable_thinking": False}),
    "chat_template_kwargs": (
        {"chat_template_kwargs": {"enable_thinking": True}},
        {"chat_template_kwargs": {"enable_thinking": False}},
    ),
}


@pytest.mark.parametrize("field", SWITCHES)
def test_p51_switches(field: Any) -> None:
    on, off = SWITCHES[field]
    assert write(ADAPTIVE, effort=field) == (on, [])
    assert write(OFF, effort=field) == (off, [])
    assert write(Reasoning("off", effort="high"), effort=field) == (off, [])
    assert write(Reasoning(), effort=field) == ({}, [])


@pytest.mark.parametrize("field", ["thinking", "chat_template_kwargs"])
def test_p51_how_much_is_lost_where_there_is_only_a_switch(field: Any) -> None:
    for wish in (HIGH, NUMBER):
        assert write(wish, effort=field) == (SWITCHES[field][0], ["reasoning"])


def test_p51_a_word_beside_the_switch() -> None:
    traits: dict[str, Any] = {"effort": "thinking+reasoning_effort", "efforts": ("low", "high", "max")}
    on = {"thinking": {"type": "enabled"}}
    assert write(HIGH, **traits) == ({**on, "reasoning_effort": "high"}, [])
    assert write(NUMBER, **traits) == ({**on, "reasoning_effort": "low"}, [])
    assert write(Reasoning(effort="max"), **traits) == ({"reasoning_effort": "max"}, [])


def test_p51_alibabas_number() -> None:
    traits: dict[str, Any] = {"effort": "enable_thinking", "budgets": (1, 32_767), "efforts": ()}
    assert write(NUMBER, **traits) == ({"enable_thinking": True, "thinking_budget": 5000}, [])
    assert write(HIGH, **traits) == ({"enable_thinking": True, "thinking_budget": 16_384}, [])
    assert write(Reasoning("on", budget=99_999), **traits)[0]["thinking_budget"] == 32_767


def test_p39_a_number_stays_below_max_tokens() -> None:
    assert write(NUMBER, 3000, effort="reasoning.effort") == ({"reasoning": {"max_tokens": 2999}}, [])
    assert write(NUMBER, 1000, effort="reasoning.effort") == ({"reasoning": {"enabled": False}}, ["reasoning"])
    assert write(NUMBER, 1000, effort="reasoning_effort") == ({"reasoning_effort": "medium"}, [])


@pytest.mark.parametrize("wish", [Reasoning(), OFF, ADAPTIVE, HIGH])
def test_p51_without_a_field_nothing_is_sent(wish: Reasoning) -> None:
    assert write(wish) == ({}, ["reasoning"] if wish.mode == "on" else [])


def test_what_else_the_client_said_in_the_field_stays() -> None:
    extras = {"chat_template_kwargs": b'{"preserve_thinking": true, "enable_thinking": true}'}
    fields, _ = write(OFF, extras=extras, effort="chat_template_kwargs")
    assert fields == {"chat_template_kwargs": {"preserve_thinking": True, "enable_thinking": False}}


@pytest.mark.parametrize("odd", [b"5", b'"text"', b"[]", b"null"])
def test_what_is_no_object_has_nothing_to_add(odd: bytes) -> None:
    fields, _ = write(OFF, extras={"chat_template_kwargs": odd}, effort="chat_template_kwargs")
    assert fields == {"chat_template_kwargs": {"enable_thinking": False}}
