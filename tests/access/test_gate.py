"""What a request with a key must pass: money first, then its pace; and a shared counter that is gone stops nobody."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from landbridge.access import shared
from landbridge.access.book import Book
from landbridge.access.budget import MICRO
from landbridge.access.clock import Clock
from landbridge.access.gate import Gate
from landbridge.access.grant import Grant
from landbridge.config import AccessSettings
from landbridge.errors import BudgetSpent, RateLimited
from landbridge.neutral.events import Usage
from tests.fakes.valkey import UNCLOSED, running

pytestmark = pytest.mark.anyio

NOWHERE = Path("/nowhere")


def gate() -> tuple[Gate, Book]:
    book = Book(NOWHERE, Clock(lambda: 1e9, lambda: 100.0))
    return Gate(book), book


def key(**more: Any) -> Grant:
    return Grant(id="a", name="ann", **more)


async def test_nothing_to_pass_costs_no_ticket() -> None:
    assert await gate()[0].admit(key(), 10**6) is None


async def test_a_spent_budget() -> None:
    door, book = gate()
    grant = key(budget=MICRO, rpm=1)
    ticket = await door.admit(grant, 40)
    assert ticket is not None
    assert ticket.tokens == 10
    door.charge(grant, None)
    door.charge(grant, MICRO - 1)
    assert book.spending.of(grant, 1e9) == MICRO - 1
    door.charge(grant, 1)
    with pytest.raises(BudgetSpent):
        await door.admit(grant, 40)


async def test_tokens_that_a_cache_had_do_not_count() -> None:
    door, _ = gate()
    grant = key(tpm=1000)
    ticket = await door.admit(grant, 3600)
    assert ticket is not None
    with pytest.raises(RateLimited):
        await door.admit(grant, 3600)
    door.settle(ticket, Usage(input=10, cache_read=800, cache_write=20, output=30))
    ticket = await door.admit(grant, 3600)
    assert ticket is not None
    door.settle(ticket, Usage())  # it failed: nothing was used
    assert await door.admit(grant, 3600) is not None


@UNCLOSED
@pytest.mark.io
async def test_where_several_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 10.0)
    grant = key(rpm=2, tpm=10**6)
    with running(tmp_path) as server:
        (one, _), (other, _) = gate(), gate()
        settings = AccessSettings(limits_url="valkey://127.0.0.1:${PORT}/0")
        for each in (one, other):
            await each.take_up(settings, {"PORT": str(server.port)})
            await each.take_up(settings, {"PORT": str(server.port)})
        ticket = await one.admit(grant, 40)
        assert ticket is not None
        assert ticket.minute is not None
        one.settle(ticket, Usage(input=5, output=6))
        await other.admit(grant, 40)
        with pytest.raises(RateLimited):
            await one.admit(grant, 40)
        server.stop()
        ticket = await one.admit(grant, 40)  # counted in memory from here
        assert ticket is not None
        assert ticket.minute is None
        assert one.fault
        one.settle(ticket, Usage(input=5))
        await one.admit(grant, 40)
        with pytest.raises(RateLimited):
            await one.admit(grant, 40)
        await one.take_up(AccessSettings(), {})
        assert one.fault == ""
        await other.close()
    gc.collect()
