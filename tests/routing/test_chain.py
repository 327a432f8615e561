"""The course of a request: its order, why, who is passed over, and that a queue is better than an error."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.routing.chain import MAX_TEXT, Branch, Course, Fork, Member, Skip, course, plain, said

CLOUD, OTHER, HERE = Branch("a/x", window=1000), Branch("b/x", window=5000), Branch("small", local=True, window=500)
FORK = Fork("f", (Member("a/x"), Member("b/x"), Member("small")), why="alias f")
ALL = [CLOUD, OTHER, HERE]


def fork(**changes: Any) -> Fork:
    return replace(FORK, **changes)


def test_in_the_order_of_the_list() -> None:
    assert course(FORK, ALL) == Course((0, 1, 2), "")


def test_who_cannot_be_used_or_rests_is_passed_over_with_the_reason() -> None:
    branches = [replace(CLOUD, rests="breaker open 12s"), replace(OTHER, fault="no such model"), HERE]
    assert course(FORK, branches) == Course((2,), "", (Skip("a/x", "breaker open 12s"), Skip("b/x", "no such model")))
    nobody = course(FORK, [replace(each, fault="gone") for each in ALL])
    assert nobody.order == () and len(nobody.skipped) == 3


def test_a_conversation_stays_where_it_is() -> None:
    assert course(FORK, ALL, held="b/x") == Course((1, 0, 2), "its session is there")
    rests = [CLOUD, replace(OTHER, rests="breaker open 1s"), HERE]
    assert course(FORK, rests, held="b/x") == Course((0, 2), "", (Skip("b/x", "breaker open 1s"),))
    assert course(FORK, ALL, held="gone/x") == Course((0, 1, 2), "")


def test_by_weight_and_by_speed() -> None:
    weighted = [replace(CLOUD, weight=0), replace(OTHER, weight=3), replace(HERE, weight=0)]
    assert course(fork(policy="weight"), weighted, key="s") == Course((1, 0, 2), "weight 3 of 3")
    assert course(fork(policy="least_latency"), ALL, fastest=[2, 0, 1]) == Course((2, 0, 1), "by speed")
    assert course(fork(policy="least_latency"), ALL).order == (0, 1, 2)


def test_a_queue_sends_others_to_the_cloud_and_stays_the_last_resort() -> None:
    branches = [replace(HERE, waiting=3, wait=20.0), CLOUD]
    assert course(fork(), branches).order == (0, 1), "not unless it is wished"
    spilled = course(fork(spill="cloud"), branches)
    assert spilled == Course((1, 0), "", (Skip("small", "busy, number 3 in its queue"),))
    assert course(fork(spill="both", spill_queue=2), branches).order == (1, 0)
    assert course(fork(spill="cloud", spill_queue=3), branches).order == (0, 1)
    assert course(fork(spill="cloud", spill_queue=9, spill_wait=10.0), branches).order == (1, 0)
    assert course(fork(spill="cloud", spill_queue=9, spill_wait=30.0), branches).order == (0, 1)
    alone = course(fork(spill="cloud"), [branches[0], replace(CLOUD, rests="breaker open 1s")])
    assert alone == Course((0,), "", (Skip("a/x", "breaker open 1s"),)), "a queue is better than an error"
    here = [replace(HERE, waiting=3), replace(HERE, label="big")]
    assert course(fork(spill="cloud"), here).order == (0, 1), "there is no cloud"


def test_what_is_too_long_goes_where_it_fits_only_if_allowed() -> None:
    assert course(FORK, ALL, tokens=3000).order == (0, 1, 2)
    longer = fork(longer=True)
    assert course(longer, ALL, tokens=3000) == Course(
        (1,), "", (Skip("a/x", "about 3000 tokens, window 1000"), Skip("small", "about 3000 tokens, window 500"))
    )
    assert course(longer, [CLOUD, replace(OTHER, window=None)], tokens=9000).order == (1,), "nobody knows its window"
    beyond = course(longer, ALL, tokens=9000)
    assert beyond.order == (1,), "the largest says so exactly"
    assert [skip.target for skip in beyond.skipped] == ["a/x", "small"]


branches = st.builds(
    Branch,
    label=st.sampled_from(["a", "b", "c", "d", "e"]),
    local=st.booleans(),
    weight=st.floats(0, 5),
    fault=st.sampled_from(["", "", "x"]),
    rests=st.sampled_from(["", "", "y"]),
    waiting=st.integers(0, 5),
    window=st.none() | st.integers(1, 100),
)
forks = st.builds(
    Fork,
    name=st.just("f"),
    members=st.just(()),
    policy=st.sampled_from(["order", "weight"]),
    spill=st.sampled_from(["cloud", "local", "both", "never"]),
    longer=st.booleans(),
)


@given(
    forks,
    st.lists(branches, max_size=5, unique_by=lambda each: each.label),
    st.none() | st.integers(1, 100),
    st.sampled_from(["", "a", "b"]),
)
def test_nobody_is_lost_and_nobody_is_tried_twice(
    fork: Fork, branches: list[Branch], tokens: int | None, held: str
) -> None:
    found = course(fork, branches, key="k", held=held, tokens=tokens)
    able = {position for position, each in enumerate(branches) if not (each.fault or each.rests)}
    assert len(set(found.order)) == len(found.order)
    assert set(found.order) <= able
    assert bool(found.order) is bool(able), "as long as somebody may answer, somebody is asked"
    named = {skip.target for skip in found.skipped}
    assert {branches[position].label for position in range(len(branches)) if position not in found.order} <= named


def test_the_explanation_is_one_short_line_of_ascii() -> None:
    way = Course((1,), "fastest", (Skip("c/x", "no key"),))
    assert (
        said("b/x", FORK, way, [Skip("a/x", "429")]) == "b/x; alias f; fastest; failed a/x (429); skipped c/x (no key)"
    )
    assert said("a/x", FORK, Course((0,), "")) == "a/x; alias f"
    odd = plain("안녕\r\nx-evil: 1" + "y" * 1000)
    assert odd.isascii() and odd.isprintable() and len(odd) == MAX_TEXT and odd.endswith("...")
