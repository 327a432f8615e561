"""Opaque tokens in `thoughtSignature`."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.gemini.signatures import PLACEHOLDER, Signature, pack, unpack


def test_p53_geminis_own_stays_byte_for_byte() -> None:
    assert pack(Signature("AbC+/=", "gemini")) == "AbC+/="
    assert unpack("AbC+/=") == Signature("AbC+/=", "gemini")


@given(
    text=st.text(min_size=1),
    origin=st.sampled_from(["anthropic", "openai_responses", "x"]),
    redacted=st.booleans(),
)
def test_p54_p55_anothers_comes_back_exactly(text: str, origin: str, redacted: bool) -> None:
    packed = pack(Signature(text, origin, redacted))
    assert base64.b64decode(packed, validate=True), "the field is bytes in base64"
    assert unpack(packed) == Signature(text, origin, redacted)


@given(text=st.text(min_size=1))
def test_p54_the_other_alphabet_of_base64_is_the_same(text: str) -> None:
    """Google's SDK keeps the bytes and writes them anew."""
    packed = pack(Signature(text, "anthropic"))
    again = base64.urlsafe_b64encode(base64.b64decode(packed)).decode()
    assert unpack(again) == Signature(text, "anthropic")


def test_no_signature_is_none() -> None:
    assert unpack("") == Signature() and pack(Signature()) == ""


@pytest.mark.parametrize("text", [PLACEHOLDER, base64.b64encode(PLACEHOLDER.encode()).decode()])
def test_the_placeholder_is_nobodys_signature(text: str) -> None:
    assert unpack(text) == Signature()
    assert unpack("context_engineering_is_the_way_to_go") == Signature()


@pytest.mark.parametrize("inner", [b"lb1", b"lb1.anthropic", b"lb1x.a.b", b"lb1.a.\xff", b"lb1.gemini.x"])
def test_what_only_looks_packed_is_geminis_own(inner: bytes) -> None:
    text = base64.b64encode(inner).decode()
    assert unpack(text) == Signature(text, "gemini")
    assert unpack("bGIx!") == Signature("bGIx!", "gemini")
