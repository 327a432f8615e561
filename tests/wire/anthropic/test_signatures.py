"""Signatures: Anthropic's own untouched, others' packed and unpacked exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.anthropic.signatures import MARK, pack, unpack

_tokens = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
_origins = st.sampled_from(["gemini", "openai_responses", "openai_chat"])


@given(_tokens.filter(lambda token: not token.startswith(MARK)))
def test_p54_anthropics_own_signature_is_not_touched(token: str) -> None:
    assert pack(token, "anthropic") == token
    assert unpack(token) == (token, "anthropic")


@given(_tokens, _origins)
def test_p53_p55_another_providers_token_comes_back_with_its_name(token: str, origin: str) -> None:
    packed = pack(token, origin)
    assert packed.startswith(f"{MARK}{origin}.")
    assert packed.isascii()
    assert unpack(packed) == (token, origin)


def test_no_signature_has_no_origin() -> None:
    assert pack("", "gemini") == ""
    assert unpack("") == ("", "")


@pytest.mark.parametrize(
    "forged", ["lb1.", "lb1.gemini", "lb1.gemini.", "lb1..eA", "lb1.gemini.!!!!", "lb1.gemini.eA==", "lb1.gemini._w"]
)
def test_p54_what_was_not_packed_here_is_nobodys(forged: str) -> None:
    assert unpack(forged) == ("", "")


@given(st.text().map(MARK.__add__))
def test_p54_only_what_pack_made_is_taken_for_it(text: str) -> None:
    token, origin = unpack(text)
    assert token == "" or pack(token, origin) == text
