"""The line before an engine: order, slots, light tickets, leaving at any moment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.line import USUAL_SECONDS, Line


def line(*tickets: str) -> Line[str]:
    made: Line[str] = Line()
    for ticket in tickets:
        made.join(ticket, light=ticket.isupper())
    return made


def test_first_come_first_served_as_many_as_there_are_slots() -> None:
    queue = line("a", "b", "c")
    assert queue.admit(2, 0.0) == ["a", "b"]
    assert queue.admit(2, 0.0) == []
    queue.leave("a", 1.0)
    assert queue.admit(2, 1.0) == ["c"]
    assert (queue.busy, queue.waiting) == (2, 0)


def test_light_tickets_pass_but_hold_the_engine() -> None:
    queue = line("a", "b", "X")
    assert queue.admit(1, 0.0) == ["a", "X"]
    queue.leave("a", 1.0)
    assert queue.admit(1, 1.0) == ["b"]
    queue.leave("b", 1.0)
    assert queue.busy == 1


def test_leaving_twice_is_leaving_once() -> None:
    queue = line("a", "b")
    queue.admit(1, 0.0)
    assert queue.leave("a", 1.0)
    assert not queue.leave("a", 1.0)
    assert queue.admit(1, 1.0) == ["b"]


def test_who_leaves_while_waiting_is_not_served() -> None:
    queue = line("a", "b", "c")
    queue.leave("b", 0.0)
    assert queue.admit(3, 0.0) == ["a", "c"]


def test_a_dead_engine_frees_its_slots_and_keeps_those_who_wait() -> None:
    queue = line("a", "X", "b")
    queue.admit(1, 0.0)
    queue.drop()
    assert not queue.leave("a", 1.0)
    assert queue.admit(1, 1.0) == ["b"]


def test_disband_tells_everybody_who_waits() -> None:
    queue = line("a", "b", "c")
    queue.admit(1, 0.0)
    assert queue.disband() == ["b", "c"]
    assert (queue.busy, queue.waiting) == (1, 0)


def test_patience_follows_the_length_of_leases_and_of_the_line() -> None:
    queue = line("a", "b")
    assert queue.patience(1) == 3 * USUAL_SECONDS
    assert queue.patience(3) == USUAL_SECONDS
    queue.admit(1, 0.0)
    queue.leave("a", 1000.0)
    assert queue.patience(1) > 100
    assert queue.patience(1) <= 300


@given(st.lists(st.tuples(st.sampled_from("jal"), st.sampled_from("abcXYZ"))), st.integers(1, 3))
def test_never_more_than_the_slots_and_nobody_twice(moves: list[tuple[str, str]], slots: int) -> None:
    queue: Line[str] = Line()
    known: set[str] = set()
    inside: list[str] = []
    for move, ticket in moves:
        if move == "j" and ticket not in known:
            known.add(ticket)
            queue.join(ticket, light=ticket.isupper())
        elif move == "a":
            inside += queue.admit(slots, 0.0)
        elif move == "l":
            queue.leave(ticket, 0.0)
            known.discard(ticket)
            inside = [each for each in inside if each != ticket]
        assert len(inside) == len(set(inside)) == queue.busy
        assert sum(each.islower() for each in inside) <= slots
