"""Keys: nobody guesses one, only their hashes are kept, and what is no key is no key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.access.secret import ID_LETTERS, digest, id_of, make_id, make_key, matches


def test_a_key_carries_its_id_and_much_chance() -> None:
    id = make_id()
    key = make_key(id)
    assert id_of(key.encode()) == id
    assert key.startswith(f"lb-{id}-")
    assert len(key.rpartition("-")[2]) >= 32
    assert set(id) <= set(ID_LETTERS)
    assert len({make_key(id) for _ in range(50)}) == 50
    assert len({make_id() for _ in range(50)}) == 50


def test_what_is_stored_is_no_key() -> None:
    key = make_key("abcd2345")
    assert key.rpartition("-")[2] not in digest(key)
    assert matches(key.encode(), digest(key))
    assert not matches(key.encode(), digest(make_key("abcd2345")))
    assert not matches(key[:-1].encode(), digest(key))
    assert not matches(key.encode(), None)
    assert not matches(b"", None)


@given(st.binary(max_size=80))
def test_no_bytes_are_a_fault(data: bytes) -> None:
    id_of(data)
    assert not matches(data, digest(data + b"x"))


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"lb-",
        b"landbridge",
        b"sk-ant-api03-xyz",
        b"lb-abcd2345-short",
        b"lb-ABCD-" + b"x" * 40,
        b" lb-a-" + b"x" * 40,
    ],
)
def test_what_is_no_key_of_ours(key: bytes) -> None:
    assert id_of(key) is None
