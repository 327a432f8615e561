"""Replies are given once, when the process is gone or when there will be none."""

from __future__ import annotations

import pytest

from landbridge.engines.farewells import Farewells

pytestmark = pytest.mark.anyio


async def test_those_who_are_expected_are_told_and_nobody_else() -> None:
    farewells = Farewells()
    waiting, on_its_way = farewells.ask(), farewells.ask()
    farewells.expect(waiting)
    assert farewells.expected
    farewells.say()
    assert waiting.result() is True
    assert not on_its_way.done()
    assert not farewells.expected


async def test_who_has_left_is_not_expected_and_not_told() -> None:
    farewells = Farewells()
    left = farewells.ask()
    farewells.expect(left)
    left.cancel()
    assert not farewells.expected
    farewells.say()
    assert left.cancelled()


async def test_in_the_end_everybody_is_told_once() -> None:
    farewells = Farewells()
    answered, waiting = farewells.ask(), farewells.ask()
    answered.set_result(False)
    farewells.expect(waiting)
    farewells.say_all()
    farewells.say()
    assert (answered.result(), waiting.result()) == (False, True)
