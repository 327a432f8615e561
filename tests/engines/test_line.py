"""The line before an engine: order, slots, who passes whom, leaving at any moment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.line import LONG_SECONDS, PASSES, USUAL_SECONDS, Line


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
    queue = line("a", "b", "c", "X")
    assert queue.patience(1) == 3 * USUAL_SECONDS, "counting takes no turn"
    assert queue.patience(3) == USUAL_SECONDS
    queue.admit(1, 0.0)
    assert queue.patience(1) == 2.5 * USUAL_SECONDS, "who is served has half of it behind them"
    queue.leave("a", 1000.0)
    assert queue.patience(1) > 100
    assert queue.patience(1) <= 300


def test_patience_knows_of_long_prompts() -> None:
    queue: Line[str] = Line()
    assert queue.patience(1) == 1.0
    queue.join("a", seconds=60.0)
    queue.join("b")
    assert queue.patience(1) == 60.0 + USUAL_SECONDS
    assert queue.patience(2) == (60.0 + USUAL_SECONDS) / 2


LONG = LONG_SECONDS


def test_short_prompts_pass_long_ones_where_a_lane_is_free() -> None:
    queue: Line[str] = Line()
    for ticket, seconds in (("long", LONG), ("longer", 2 * LONG), ("short", 0.0)):
        queue.join(ticket, seconds=seconds)
    assert queue.admit(2, 0.0) == ["long", "short"], "a second long one would leave no lane for short ones"
    queue.leave("short", 1.0)
    assert queue.admit(2, 1.0) == []
    queue.leave("long", 2.0)
    assert queue.admit(2, 2.0) == ["longer"]


def test_with_one_lane_long_ones_are_served_in_their_turn() -> None:
    queue: Line[str] = Line()
    for ticket, seconds in (("long", LONG), ("longer", 2 * LONG), ("short", 0.0)):
        queue.join(ticket, seconds=seconds)
    served = []
    for at in range(3):
        served += (now := queue.admit(1, float(at)))
        queue.leave(now[0], at + 0.5)
    assert served == ["long", "longer", "short"]


def test_a_long_one_is_not_passed_for_ever() -> None:
    queue: Line[str] = Line()
    queue.join("long", seconds=LONG)
    queue.join("longer", seconds=LONG)
    assert queue.admit(2, 0.0) == ["long"]
    for number in range(PASSES):
        queue.join(f"short {number}")
        assert queue.admit(2, 0.0) == [f"short {number}"]
        queue.leave(f"short {number}", 0.0)
    queue.join("one more")
    assert queue.admit(2, 0.0) == ["longer"]


def test_the_background_waits_for_all_others_and_leaves_a_lane() -> None:
    queue: Line[str] = Line()
    for ticket in ("title", "summary", "topic"):
        queue.join(ticket, background=True)
    queue.join("main")
    assert queue.admit(2, 0.0) == ["main", "title"]
    queue.leave("main", 1.0)
    assert queue.admit(2, 1.0) == [], "the next main one finds a lane"
    queue.join("main 2")
    assert queue.admit(2, 1.0) == ["main 2"]
    queue.leave("title", 2.0)
    assert queue.admit(2, 2.0) == ["summary"]


def test_the_background_is_not_passed_for_ever() -> None:
    queue: Line[str] = Line()
    queue.join("main")
    queue.admit(1, 0.0)
    queue.join("title", background=True)
    served = ["main"]
    for number in range(PASSES + 2):
        queue.join(f"main {number}")
        queue.leave(served[-1], 0.0)
        served += queue.admit(1, 0.0)
    assert served.index("title") == PASSES + 1


def test_alone_everybody_is_served() -> None:
    for background in (True, False):
        for slots in (1, 2, 3):
            queue: Line[str] = Line()
            queue.join("one", background=background, seconds=LONG)
            assert queue.admit(slots, 0.0) == ["one"]


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


KINDS = st.tuples(st.booleans(), st.booleans(), st.sampled_from([0.0, LONG]))


@given(st.lists(st.one_of(KINDS, st.integers(0, 5)), max_size=60), st.integers(1, 4))
def test_nobody_is_passed_too_often_and_no_engine_idles(
    moves: list[tuple[bool, bool, float] | int], slots: int
) -> None:
    """A tuple joins, a number gives a lease back; all are served as soon as they may be."""
    queue: Line[int] = Line()
    waiting: dict[int, int] = {}
    inside: list[int] = []
    light: set[int] = set()
    for number, move in enumerate(moves):
        if isinstance(move, tuple):
            is_light, background, seconds = move
            queue.join(number, light=is_light, background=background, seconds=seconds)
            waiting[number] = 0
            light |= {number} if is_light else set()
        elif inside:
            queue.leave(inside.pop(move % len(inside)), 0.0)
        for admitted in queue.admit(slots, 0.0):
            del waiting[admitted]
            inside.append(admitted)
            if admitted not in light:
                for earlier in [each for each in waiting if each < admitted]:
                    waiting[earlier] += 1
        assert all(times <= PASSES for times in waiting.values())
        assert not waiting or [each for each in inside if each not in light], "somebody works while others wait"
        assert len([each for each in inside if each not in light]) <= slots
