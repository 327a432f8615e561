"""The same value is worked on once while it is among the latest; failures are not remembered."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.memory import Latest


def test_a_known_value_is_not_worked_on_again() -> None:
    seen: list[bytes] = []

    def make(value: bytes) -> bytes:
        seen.append(value)
        return value.upper()

    upper = Latest(make, operator.eq, size=2)
    assert [upper(each) for each in (b"a", b"b", b"a", b"c", b"a", b"b")] == [b"A", b"B", b"A", b"C", b"A", b"B"]
    assert seen == [b"a", b"b", b"c", b"b"], "b was the one used longest ago when c came"


def test_identity_can_be_asked_for() -> None:
    size = Latest[list[int], int](len, operator.is_)
    one, same = [1], [1]
    assert size(one) == size(same) == 1
    one.append(2)
    assert (size(one), size(same)) == (1, 1), "the same object is taken for unchanged"


def test_a_failure_is_not_remembered() -> None:
    answers = iter([ValueError("not yet"), None])

    def fail_once(value: int) -> int:
        if (error := next(answers)) is not None:
            raise error
        return value

    function = Latest(fail_once, operator.eq)
    with pytest.raises(ValueError, match="not yet"):
        function(1)
    assert function(1) == 1


@given(st.lists(st.integers(0, 12)), st.integers(1, 5))
def test_memory_never_changes_an_answer(values: list[int], size: int) -> None:
    double = Latest[int, int](lambda value: value * 2, operator.eq, size)
    assert [double(value) for value in values] == [value * 2 for value in values]
