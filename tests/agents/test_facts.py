"""What the router says of a model, and what follows from it for every client."""

from __future__ import annotations

import pytest

from landbridge.agents.facts import (
    ModelFacts,
    gives,
    left_to_user,
    output_limit,
    past_the_proxy,
    read_facts,
    remarks,
    tight,
)
from landbridge.errors import Garbled

URL = "http://127.0.0.1:38080"


def test_facts_are_read_from_the_routers_answer() -> None:
    body = (
        b'{"type":"model","id":"m","max_input_tokens":8192,"max_tokens":512,'
        b'"landbridge":{"window":8192,"local":true,"tools":false,"dialect":"openai_chat","new":1}}'
    )
    assert read_facts("m", body) == ModelFacts(name="m", window=8192, max_output=512, local=True, tools=False)


def test_facts_of_another_server_are_read_as_far_as_they_go() -> None:
    claude = b'{"id":"claude-x","max_input_tokens":null}'
    assert read_facts("claude-x", claude) == ModelFacts(name="claude-x", anthropic=True)
    assert read_facts("m", b'{"landbridge":{"dialect":"anthropic"}}').anthropic
    assert not read_facts("my-claude", b'{"landbridge":{"dialect":"openai_chat"}}').anthropic


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"max_tokens":"many"}', b"\xff"])
def test_facts_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(Garbled) as caught:
        read_facts("m", body)
    assert "landbridge doctor" in caught.value.text


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        (ModelFacts(name="x", window=8192, local=True), 2048),
        (ModelFacts(name="x", window=131_072, local=True), 8192),
        (ModelFacts(name="x", window=131_072, local=True, max_output=1000), 1000),
        (ModelFacts(name="x", local=True), 8192),
        (ModelFacts(name="x", window=131_072, max_output=64_000), 64_000),
        (ModelFacts(name="x", window=131_072), None),
    ],
)
def test_local_models_answer_shortly_and_others_as_they_can(facts: ModelFacts, limit: int | None) -> None:
    assert output_limit(facts) == limit


def test_a_proxy_is_passed_by_under_both_names() -> None:
    user = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"}
    assert past_the_proxy(URL, user) == {"NO_PROXY": "intranet,127.0.0.1"}
    small = {"https_proxy": "http://proxy:3128", "no_proxy": "intranet"}
    assert past_the_proxy(URL, small) == dict.fromkeys(("NO_PROXY", "no_proxy"), "intranet,127.0.0.1")
    assert past_the_proxy(URL, {"ALL_PROXY": "socks5://proxy"}) == {"NO_PROXY": "127.0.0.1"}


def test_without_a_proxy_and_where_it_is_passed_by_already_nothing_is_set() -> None:
    assert past_the_proxy(URL, {}) == {}
    assert past_the_proxy(URL, {"NO_PROXY": "intranet"}) == {}
    assert past_the_proxy(URL, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "127.0.0.1"}) == {}


def test_what_the_user_set_stays() -> None:
    assert left_to_user({"A": "1", "B": "2"}, {"B": "", "C": "3"}) == {"A": "1"}


def test_options_are_known_in_both_forms() -> None:
    assert gives(["-p", "--model", "x"], "-m", "--model")
    assert gives(["--model=x"], "--model")
    assert not gives(["--models", "model"], "--model")


def test_p68_a_window_too_small_for_the_client_is_said_with_both_numbers() -> None:
    note = tight(ModelFacts(name="x", window=16_384), "Codex", 39_600)[0]
    assert "16384" in note
    assert "11,300" in note
    assert tight(ModelFacts(name="x", window=22_600), "Codex", 39_600) == []
    assert tight(ModelFacts(name="x"), "Codex", 39_600) == []


def test_a_model_without_tools_is_said() -> None:
    assert remarks(ModelFacts(name="x", window=200_000), "Codex", 39_600) == []
    assert "cannot call tools" in remarks(ModelFacts(name="x", tools=False), "Codex", 39_600)[0]
