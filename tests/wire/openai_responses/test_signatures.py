"""Reasoning items in `Thinking` and back, byte for byte; and other providers' signatures on their way through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.parts import Thinking
from landbridge.wire.openai_responses.signatures import (
    Token,
    own_id,
    pack,
    read_reasoning,
    reasoning_item,
    sign,
    summary_of,
    texts_of,
    token_of,
)
from landbridge.wire.openai_responses.types import DIALECT, Item, item_decoder
from tests.laws.strategies import ids, texts


def item(**fields: Any) -> Item:
    return item_decoder.decode(json.dumps({"type": "reasoning", **fields}))


def summary(*parts: str) -> list[dict[str, str]]:
    return [{"type": "summary_text", "text": part} for part in parts]


@given(id=ids, encrypted=ids, parts=st.lists(texts.filter(bool), max_size=3))
def test_p54_an_item_comes_back_as_it_was(id: str, encrypted: str, parts: list[str]) -> None:
    thinking = read_reasoning(item(id=id, encrypted_content=encrypted, summary=summary(*parts)))
    assert (thinking.text, thinking.origin, thinking.redacted) == ("\n\n".join(parts), DIALECT, not parts)
    token = token_of(thinking.signature)
    assert (token.id, token.encrypted_content) == (id, encrypted)
    assert summary_of(thinking.text, token) == summary(*parts)
    assert reasoning_item(id, thinking.text, thinking.signature, DIALECT, thinking.redacted) == {
        "id": id,
        "type": "reasoning",
        "summary": summary(*parts),
        "encrypted_content": encrypted,
    }


@given(signature=texts.filter(bool), text=texts, redacted=st.booleans())
def test_p55_another_providers_signature_travels_and_comes_back(signature: str, text: str, redacted: bool) -> None:
    shown = reasoning_item("rs_1", text, signature, "anthropic", redacted)
    assert shown["id"] == "rs_1" and shown["encrypted_content"] != signature
    again = read_reasoning(item_decoder.decode(json.dumps(shown)))
    assert again == Thinking(text, signature=signature, redacted=redacted, origin="anthropic")


def test_a_ciphertext_under_another_id_is_packed() -> None:
    """OpenAI refuses a ciphertext whose item has another id than the one it was made with."""
    signature, origin, _ = sign(item(id="rs_provider", encrypted_content="gAAA"), [2])
    shown = reasoning_item("rs_ours", "Hm", signature, origin, False)
    assert "gAAA" not in shown["encrypted_content"]
    again = read_reasoning(item_decoder.decode(json.dumps(shown)))
    assert (again.signature, again.origin) == (signature, DIALECT)
    assert own_id(again.signature, again.origin) == "rs_provider"


@pytest.mark.parametrize(
    "forged", ["lb1.anthropic.!!", "lb1.", "lb1r.x", "lb1..c2ln", "lb1.anthropic.c2ln=", "lb1.a.wA"]
)
def test_p54_what_only_looks_packed_is_nobodys(forged: str) -> None:
    thinking = read_reasoning(item(id="rs_1", encrypted_content=forged, summary=summary("Hm")))
    assert (thinking.text, thinking.signature, thinking.origin) == ("Hm", "", "")


def test_reasoning_in_the_open_has_no_signature() -> None:
    parts = [{"type": "reasoning_text", "text": "The user greets."}]
    thinking = read_reasoning(item(id="rs_1", summary=[], content=parts, encrypted_content=None))
    assert thinking == Thinking("The user greets.")
    assert reasoning_item("rs_1", "Hm", "", "", False) == {"id": "rs_1", "type": "reasoning", "summary": summary("Hm")}


@pytest.mark.parametrize("odd", [None, 5, "text", [5], [{"text": 5}], {"a": 1}])
def test_law_9_odd_summaries_are_none(odd: object) -> None:
    assert texts_of(item(summary=odd, content=odd)) == []


def test_a_summary_that_a_client_changed_is_one_part() -> None:
    assert summary_of("short", Token(parts=[9, 9])) == summary("short")
    assert summary_of("", Token(parts=[1, 1])) == []


def test_a_signature_of_an_unknown_form_is_a_ciphertext() -> None:
    assert token_of("gAAA") == Token(encrypted_content="gAAA")
    assert own_id("gAAA", DIALECT) == own_id("", DIALECT) == own_id('{"id":"rs_1"}', "gemini") == ""


def test_packed_text_says_whose_it_is() -> None:
    assert pack("sig", "anthropic", False) == "lb1.anthropic.c2ln"
    assert pack("sig", "anthropic", True) == "lb1r.anthropic.c2ln"
