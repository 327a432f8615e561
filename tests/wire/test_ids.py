"""Tool ids: what may stand stays, the rest goes there and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.ids import PREFIX, from_safe, to_safe

SAFE = re.compile(r"[a-zA-Z0-9_-]+")
_any = st.text()
_lookalikes = st.text("abcYQ01-_=.!", max_size=6).map(PREFIX.__add__)


@pytest.mark.parametrize("id", ["toolu_01AbC-9", "call_1", "0", "-", "a" * 300])
def test_p33_an_id_that_may_stand_stays(id: str) -> None:
    assert to_safe(id) == id
    assert from_safe(id) == id


@pytest.mark.parametrize(
    "id", ["", "functions.Read:0", "안녕", "a b", "call_1\n", "é", PREFIX, PREFIX + "YQ", "\ud83d"]
)
def test_p33_any_other_goes_there_and_back(id: str) -> None:
    safe = to_safe(id)
    assert SAFE.fullmatch(safe)
    assert safe.startswith(PREFIX)
    assert from_safe(safe) == id


@pytest.mark.parametrize("id", [PREFIX + "!!!", PREFIX + "YQ=", PREFIX + "YR", PREFIX + "A", PREFIX + "_w"])
def test_what_only_looks_encoded_stays(id: str) -> None:
    assert from_safe(id) == id


@given(_any | _lookalikes)
def test_p33_every_id_survives_the_way_out_and_back(id: str) -> None:
    assert SAFE.fullmatch(to_safe(id))
    assert from_safe(to_safe(id)) == id


@given(_any | _lookalikes, _any | _lookalikes)
def test_p33_two_ids_never_become_one(one: str, other: str) -> None:
    assert (to_safe(one) == to_safe(other)) == (one == other)


@given(_lookalikes.filter(SAFE.fullmatch), _lookalikes.filter(SAFE.fullmatch))
def test_p33_two_ids_of_clients_never_become_one(one: str, other: str) -> None:
    assert (from_safe(one) == from_safe(other)) == (one == other)
