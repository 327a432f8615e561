"""Text that travels in the conversation."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.hosted.packed import MOST, PREFIX, pack, unpack


@given(st.text())
def test_what_is_packed_comes_back(text: str) -> None:
    token = pack(text)
    assert re.fullmatch(r"[A-Za-z0-9_.=-]+", token)
    assert unpack(token) == text
    assert pack(text) == token


@pytest.mark.parametrize("token", ["", "EqgfCioIARgB", PREFIX, PREFIX + "!", PREFIX + "AAAA", PREFIX + "한글"])
def test_what_somebody_else_made_says_nothing(token: str) -> None:
    assert unpack(token) == ""


@given(st.text())
def test_any_token_is_bearable(token: str) -> None:
    assert isinstance(unpack(token), str)
    assert isinstance(unpack(PREFIX + token), str)


def test_a_bomb_stays_small() -> None:
    bomb = zlib.compress(b"x" * (MOST * 20))
    assert len(unpack(PREFIX + base64.urlsafe_b64encode(bomb).decode())) == MOST
