"""Tickets at the desk: who gets a lease, who is refused, and who has left meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from landbridge.engines.desk import Desk, Ticket
from landbridge.engines.speed import Speed
from landbridge.errors import RateLimited, StartFailed
from tests.engines.bench import Bench

pytestmark = [pytest.mark.io, pytest.mark.anyio]

FAULT = StartFailed("It did not start.")


def standing(*tickets: Ticket) -> Desk:
    desk = Desk("m")
    for ticket in tickets:
        desk.expect(ticket)
        assert desk.take(ticket, 10, 1)
    return desk


async def test_whose_turn_it_is_gets_a_lease_on_the_engine(bench: Bench) -> None:
    first, second, counting = Ticket(light=False), Ticket(light=False), Ticket(light=True)
    desk = standing(first, second, counting)
    assert (desk.busy, desk.waiting) == (0, 3)
    async with bench.start() as live:
        desk.lend(live, Speed(), 0.0)
        assert first.lease.result().url == live.control.url
        assert counting.lease.done(), "it takes no slot"
        assert not second.lease.done()
        assert (desk.busy, desk.waiting) == (2, 1)
        assert desk.leave(first, 1.0)
        assert not desk.leave(counting, 1.0), "it held no slot"
        desk.lend(live, Speed(), 1.0)
        assert second.lease.done()


async def test_the_place_of_one_more_is_behind_all_who_wait() -> None:
    desk = Desk("m")
    assert desk.place(1) == (0, 0.0)
    first, second = Ticket(light=False), Ticket(light=False)
    for ticket in (first, second):
        desk.expect(ticket)
        desk.take(ticket, 10, 1)
    place, seconds = desk.place(1)
    assert (place, seconds > 0) == (3, True)
    desk.leave(first, 0.0)
    desk.leave(second, 0.0)
    assert desk.place(1) == (0, 0.0)


async def test_a_turn_is_not_wasted_on_who_has_left(bench: Bench) -> None:
    gone, here = Ticket(light=False), Ticket(light=False)
    desk = standing(gone, here)
    gone.lease.cancel()
    async with bench.start() as live:
        desk.lend(live, Speed(), 0.0)
        assert desk.busy == 0
        desk.lend(live, Speed(), 0.0)
        assert here.lease.done()
        assert desk.busy == 1


async def test_p90_a_full_line_is_said_at_once_with_a_time_to_come_again() -> None:
    desk = standing(Ticket(light=False), Ticket(light=False))
    late = Ticket(light=False)
    assert not desk.take(late, 2, 1)
    fault = late.lease.exception()
    assert isinstance(fault, RateLimited)
    assert fault.message == "2 requests wait for model 'm' already."
    assert fault.retry_after is not None
    assert fault.retry_after > 1
    assert desk.waiting == 2


async def test_who_left_before_standing_in_line_is_not_taken() -> None:
    ticket = Ticket(light=False)
    ticket.lease.cancel()
    desk = Desk("m")
    assert not desk.take(ticket, 10, 1)
    assert desk.waiting == 0


async def test_those_in_line_are_told_why_they_wait_in_vain() -> None:
    waiting, left = Ticket(light=False), Ticket(light=False)
    desk = standing(waiting, left)
    left.lease.cancel()
    desk.refuse(FAULT)
    assert waiting.lease.exception() is FAULT
    assert left.lease.cancelled()
    assert desk.waiting == 0


async def test_closing_tells_also_those_on_their_way_but_not_those_who_gave_back() -> None:
    desk = Desk("m")
    coming, back = Ticket(light=False), Ticket(light=False)
    desk.expect(coming)
    desk.expect(back)
    desk.leave(back, 0.0)
    desk.close(FAULT)
    assert coming.lease.exception() is FAULT
    assert not back.lease.done()


async def test_when_the_engine_is_gone_nobody_holds_it(bench: Bench) -> None:
    holder, next_one = Ticket(light=False), Ticket(light=False)
    desk = standing(holder, next_one)
    async with bench.start() as live:
        desk.lend(live, Speed(), 0.0)
        desk.drop()
        assert (desk.busy, desk.waiting) == (0, 1)
        assert not desk.leave(holder, 1.0), "it no longer held a slot"
        desk.lend(live, Speed(), 1.0)
        assert next_one.lease.done()


async def test_a_refusal_comes_too_late_for_a_lease_that_was_given(bench: Bench) -> None:
    ticket = Ticket(light=False)
    desk = standing(ticket)
    async with bench.start() as live:
        desk.lend(live, Speed(), 0.0)
        desk.refuse(FAULT)
        desk.close(FAULT)
        async with asyncio.timeout(1.0):
            assert (await ticket.lease).name == "m"


# -- stepping aside ----------------------------------------------------------------------------------------------------


async def test_once_the_line_is_closed_those_in_it_are_served_and_later_ones_wait(bench: Bench) -> None:
    first, second, late = Ticket(light=False), Ticket(light=False), Ticket(light=False)
    desk = standing(first, second)
    desk.close_line()
    desk.expect(late)
    assert desk.take(late, 10, 1)
    assert (desk.waiting, desk.served) == (3, False)
    async with bench.start() as live:
        for ticket in (first, second):
            desk.lend(live, Speed(), 0.0)
            assert ticket.lease.done()
            desk.leave(ticket, 1.0)
        desk.lend(live, Speed(), 1.0)
        assert not late.lease.done()
        assert (desk.waiting, desk.served) == (1, True)
        desk.drop()
        desk.lend(live, Speed(), 2.0)
        assert late.lease.done(), "the next engine is for those who waited"


async def test_a_line_that_is_opened_again_serves_those_who_came_later_in_their_order(bench: Bench) -> None:
    desk = standing(first := Ticket(light=False))
    desk.close_line()
    later = [Ticket(light=False), Ticket(light=False)]
    for ticket in later:
        desk.expect(ticket)
        desk.take(ticket, 10, 1)
    desk.open_line()
    async with bench.start() as live:
        for ticket in (first, *later):
            desk.lend(live, Speed(), 0.0)
            assert ticket.lease.done()
            desk.leave(ticket, 1.0)


async def test_those_who_came_later_may_leave_are_counted_and_are_told_as_all_others() -> None:
    desk = standing(first := Ticket(light=False))
    desk.close_line()
    leaving, staying, too_late = Ticket(light=False), Ticket(light=False), Ticket(light=False)
    for ticket in (leaving, staying):
        desk.expect(ticket)
        desk.take(ticket, 3, 1)
    assert not desk.take(too_late, 3, 1)
    assert isinstance(too_late.lease.exception(), RateLimited)
    assert not desk.leave(leaving, 0.0)
    assert desk.waiting == 2
    desk.refuse(FAULT)
    assert first.lease.exception() is FAULT
    assert staying.lease.exception() is FAULT
    assert not leaving.lease.done()
    assert desk.waiting == 0


async def test_a_desk_is_in_the_background_as_long_as_all_its_tickets_are() -> None:
    quiet, main = Ticket(light=False, background=True), Ticket(light=False)
    desk = standing(quiet)
    seen = [desk.background]
    desk.expect(main)
    seen.append(desk.background)
    desk.leave(main, 0.0)
    seen.append(desk.background)
    assert seen == [True, False, True], "one on its way counts, too"
