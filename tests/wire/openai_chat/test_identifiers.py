"""Tool ids and names within the limits of targets."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.neutral.request import HostedTool, Tool
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.identifiers import tool_names, write_id, write_name, write_user


@given(st.text())
def test_p33_ids_are_legal_and_always_the_same(id: str) -> None:
    mistral = Traits(tool_id_pattern="mistral9")
    assert re.fullmatch("[a-zA-Z0-9]{9}", write_id(id, mistral))
    word = Traits(tool_id_pattern="word", tool_id_length=40)
    assert re.fullmatch("[a-zA-Z0-9_-]{1,40}", write_id(id, word))
    assert write_id(id, word) == write_id(id, word)


def test_p33_legal_ids_stay() -> None:
    assert write_id("toolu_01AbC", Traits()) == "toolu_01AbC"
    assert write_id("abcDEF123", Traits(tool_id_pattern="mistral9")) == "abcDEF123"
    assert len(write_id("x" * 65, Traits())) == 64
    assert write_id("x" * 65, Traits()) != write_id("x" * 66, Traits())


@given(st.text(min_size=1))
def test_names_are_legal(name: str) -> None:
    assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", write_name(name))


def test_legal_names_stay_and_others_do_not_collide() -> None:
    assert write_name("mcp__server__tool-1") == "mcp__server__tool-1"
    assert write_name("a.b") != write_name("a/b")


def test_users_fit() -> None:
    assert write_user("u1") == "u1"
    assert len(write_user("u" * 200)) == 64


def test_names_the_target_could_not_take_are_found_again() -> None:
    long = "mcp__" + "x" * 90
    hosted = HostedTool("anthropic", "web_search_20250305", "web search", Raw(b"{}"))
    names = tool_names((Tool("Read"), Tool("a.b"), Tool(long), hosted))
    assert names == {write_name("a.b"): "a.b", write_name(long): long}
