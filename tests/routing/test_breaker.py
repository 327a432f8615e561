"""The breaker: opens on failures, rests, lets one request try, and never two."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from landbridge.routing.breaker import Breaker, Rules

RULES = Rules(failures=3, window=60.0, rest=5.0, longest=40.0)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(RULES)
    for _ in range(RULES.failures):
        fail(breaker, now)
    return breaker


def fail(breaker: Breaker, now: float, rest: float | None = None) -> None:
    ticket = breaker.take(now)
    assert ticket is not None
    breaker.fail(ticket, now, "500", rest)


def test_it_opens_at_the_last_of_its_failures_and_says_how_long() -> None:
    breaker = Breaker(RULES)
    fail(breaker, 0.0)
    fail(breaker, 1.0)
    assert (breaker.state(1.0), breaker.left(1.0)) == ("closed", 0.0)
    fail(breaker, 2.0)
    assert (breaker.state(2.0), breaker.left(3.0), breaker.why) == ("open", 4.0, "500")
    assert breaker.take(6.9) is None and not breaker.admits(6.9)


def test_failures_are_forgotten_and_made_up_for() -> None:
    breaker = Breaker(RULES)
    fail(breaker, 0.0)
    fail(breaker, 1.0)
    fail(breaker, 60.5)
    assert breaker.state(60.5) == "closed", "the first is older than the window"
    ticket = breaker.take(60.6)
    assert ticket is not None
    breaker.succeed(ticket)
    fail(breaker, 60.7)
    assert breaker.state(60.7) == "closed", "a success makes up for one"
    fail(breaker, 60.8)
    assert breaker.state(60.8) == "open"


def test_held_nobody_tries_it_until_it_was_found() -> None:
    breaker = opened()
    breaker.hold()
    assert breaker.take(5.0) is None and not breaker.admits(999.0)
    breaker.miss(5.0, "no connection")
    assert (breaker.state(5.0), breaker.left(5.0), breaker.why) == ("open", 10.0, "no connection"), "twice as long"
    assert not breaker.admits(15.0), "still held"
    breaker.release()
    assert not breaker.admits(14.9) and breaker.admits(15.0)


def test_what_is_closed_is_not_held() -> None:
    breaker = Breaker(RULES)
    breaker.hold()
    breaker.miss(0.0, "late news")
    assert breaker.admits(0.0) and breaker.state(0.0) == "closed"


def test_one_request_tries_it_and_closes_it() -> None:
    breaker = opened()
    assert breaker.state(5.0) == "half-open"
    probe = breaker.take(5.0)
    assert probe is not None
    assert breaker.take(5.0) is None and not breaker.admits(999.0)
    breaker.succeed(probe)
    assert (breaker.state(5.1), breaker.why) == ("closed", "")


def test_each_failed_probe_doubles_the_rest_up_to_the_longest() -> None:
    breaker, now, rests = opened(), 5.0, []
    for _ in range(5):
        fail(breaker, now)
        rests.append(breaker.left(now))
        now += rests[-1]
    assert rests == [10.0, 20.0, 40.0, 40.0, 40.0]
    probe = breaker.take(now)
    assert probe is not None
    breaker.succeed(probe)
    for _ in range(3):
        fail(breaker, now)
    assert breaker.left(now) == 5.0, "a success forgets how often it opened"


def test_a_probe_whose_client_left_lets_another_try() -> None:
    breaker = opened()
    probe = breaker.take(5.0)
    assert probe is not None
    breaker.give_up(probe)
    assert breaker.take(5.0) is not None


def test_what_was_sent_before_says_nothing_any_more() -> None:
    breaker = Breaker(RULES)
    early = breaker.take(0.0)
    assert early is not None
    for _ in range(3):
        fail(breaker, 0.0)
    breaker.fail(early, 1.0)
    assert breaker.left(1.0) == 4.0, "it does not rest longer for that"
    breaker.succeed(early)
    assert breaker.state(1.0) == "open"
    probe = breaker.take(5.0)
    breaker.give_up(early)
    assert probe is not None and breaker.take(5.0) is None


@pytest.mark.parametrize(("asked", "left"), [(20.0, 20.0), (1.0, 1.0), (9999.0, 40.0)])
def test_who_asks_for_peace_gets_it_at_once(asked: float, left: float) -> None:
    breaker = Breaker(RULES)
    fail(breaker, 0.0, asked)
    assert breaker.left(0.0) == left
    fail(breaker, left, 1.0)
    assert breaker.left(left) == 10.0, "a probe that fails is left alone for longer all the same"


def test_a_target_that_never_comes_back_overflows_nothing() -> None:
    breaker, now = opened(), 5.0
    for _ in range(2000):
        fail(breaker, now)
        now += 40.0
    assert breaker.left(now - 40.0) == 40.0


class Life(RuleBasedStateMachine):
    """Whatever happens: never two probes at once, nothing while it rests, no rest beyond the longest, never stuck."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(RULES)
        self.out: list[tuple[int, bool]] = []
        """Tickets that are out, and whether they are probes."""

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 5.0, 40.0, 100.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def take(self) -> None:
        state, admitted = self.breaker.state(self.now), self.breaker.admits(self.now)
        ticket = self.breaker.take(self.now)
        assert (ticket is not None) is admitted
        if state == "closed":
            assert ticket is not None
        if state == "open":
            assert ticket is None
        if ticket is not None:
            probe = state == "half-open"
            live = [each for each, probes in self.out if probes and each == ticket]
            assert not (probe and live), "one probe at a time"
            self.out.append((ticket, probe))

    @precondition(lambda self: bool(self.out))
    @rule(data=st.data(), rest=st.none() | st.floats(0, 1000))
    def fails(self, data: st.DataObject, rest: float | None) -> None:
        ticket, _ = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        self.breaker.fail(ticket, self.now, "x", rest)

    @precondition(lambda self: bool(self.out))
    @rule(data=st.data())
    def succeeds(self, data: st.DataObject) -> None:
        ticket, probe = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        before = self.breaker.state(self.now)
        self.breaker.succeed(ticket)
        if before == "half-open" and probe and self.breaker.state(self.now) == "closed":
            assert self.breaker.left(self.now) == 0.0

    @precondition(lambda self: bool(self.out))
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        ticket, _ = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        self.breaker.give_up(ticket)

    @invariant()
    def rests_are_bounded(self) -> None:
        left = self.breaker.left(self.now)
        assert 0.0 <= left <= RULES.longest
        assert (left > 0) is (self.breaker.state(self.now) == "open"), "open means that time is left"

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        assert self.breaker.closed is (self.breaker.state(self.now) == "closed")
        if not self.out:
            assert self.breaker.admits(self.now + RULES.longest)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
