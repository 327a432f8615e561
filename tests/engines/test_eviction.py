"""Who has to go: a table, and laws over any set of engines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from landbridge.engines.eviction import ENOUGH, LATELY, Standing, Tenant, choose, movable
from landbridge.errors import NoMemory


class Made(Struct, frozen=True):
    context: int
    memory: int
    slots: int = 1


class Wish(Struct, frozen=True):
    """Takes `base` bytes and one for each token: as many as there are, up to `most`, but no fewer than `least`."""

    base: int
    least: int = 0
    most: int = 0

    def __call__(self, free: int) -> Made:
        context = min(self.most, free - self.base)
        if context < self.least or free < self.base:
            raise NoMemory("no")
        return Made(context, self.base + context)


def there(name: str, memory: int, standing: Standing = "idle", used: float = 0.0, **more: Any) -> Tenant:
    return Tenant(name, memory, standing, used, **more)


def gone(wish: Wish, free: int, *tenants: Tenant, background: bool = False, now: float = 1000.0) -> list[str]:
    choice = choose(wish, free, movable(tenants, background=background, now=now))
    return [each.name for each in choice.gone]


A, B = there("a", 5, used=1), there("b", 5, used=2)


@pytest.mark.parametrize(
    ("wish", "free", "tenants", "expected"),
    [
        (Wish(5), 5, (A, B), []),
        (Wish(5), 0, (B, A), ["a"]),
        (Wish(10), 0, (B, A), ["a", "b"]),
        (Wish(5), 0, (A, there("going", 5, "leaving", used=9)), ["going"]),
        (Wish(5), 0, (there("busy", 5, "working"), B), ["b"]),
        (Wish(8), 0, (there("busy", 5, "working"), B), ["b", "busy"]),
        (Wish(5), 0, (there("young", 5, "loading"), there("busy", 5, "working", used=9)), ["busy"]),
        (Wish(5), 0, (there("kept", 5, pinned=True), B), ["b"]),
        (Wish(5), 0, (there("small", 1, used=0), there("big", 5, used=9)), ["big"]),
    ],
    ids=["room", "oldest", "both", "leaving", "idle", "then busy", "loading last", "pinned", "nobody in vain"],
)
def test_the_least_goes_first(wish: Wish, free: int, tenants: tuple[Tenant, ...], expected: list[str]) -> None:
    assert gone(wish, free, *tenants) == expected


def test_pinned_ones_stay_even_if_the_model_then_does_not_fit() -> None:
    with pytest.raises(NoMemory):
        gone(Wish(5), 0, there("kept", 5, pinned=True))
    assert gone(Wish(5), 0, there("kept", 5, "leaving", pinned=True)) == ["kept"], "its user unloads it"


def test_a_model_in_the_background_pushes_out_nobody_who_was_used_lately() -> None:
    main = there("main", 5, served=1000.0 - LATELY + 1)
    with pytest.raises(NoMemory):
        gone(Wish(5), 0, main, background=True)
    assert gone(Wish(5), 0, main) == ["main"]
    assert gone(Wish(5), 0, main, background=True, now=1002.0) == ["main"]
    assert gone(Wish(5), 0, there("other", 5, used=999.0), background=True) == ["other"], "nobody else used it"


def test_nobody_goes_for_more_context_than_is_enough() -> None:
    wish = Wish(100, least=10, most=4 * ENOUGH)
    idle = there("idle", 4 * ENOUGH)
    assert gone(wish, 100 + ENOUGH, idle) == []
    assert gone(wish, 100 + ENOUGH - 1, idle) == ["idle"]
    assert gone(Wish(100, most=50), 150, idle) == [], "a small model needs no more"


def test_nobody_goes_for_a_second_slot() -> None:
    def plan(free: int) -> Made:
        slots = min(4, free // 100)
        return Made(slots * 8192, slots * 100, slots)

    idle = there("idle", 300)
    assert choose(plan, 100, movable([idle], background=False, now=0.0)).gone == ()


TENANTS = st.lists(
    st.builds(
        there,
        st.uuids().map(str),
        st.integers(1, 20),
        st.sampled_from(["leaving", "idle", "working", "loading"]),
        used=st.floats(0, 2000),
        served=st.none() | st.floats(0, 2000),
        pinned=st.booleans(),
    ),
    max_size=6,
)


@given(
    TENANTS,
    st.builds(Wish, st.integers(1, 40), st.integers(0, 5), st.integers(5, 30)),
    st.integers(0, 30),
    st.booleans(),
)
def test_what_goes_is_enough_and_nothing_of_it_in_vain(
    tenants: list[Tenant], wish: Wish, free: int, background: bool
) -> None:
    able = movable(tenants, background=background, now=2000.0)
    assert not [each for each in able if each.pinned and each.standing != "leaving"]
    try:
        choice = choose(wish, free, able)
    except NoMemory:
        with pytest.raises(NoMemory):
            wish(free + sum(each.memory for each in able))
        return
    freed = sum(each.memory for each in choice.gone)
    assert choice.memory <= free + freed
    assert all(free + freed - each.memory < choice.memory for each in choice.gone)
