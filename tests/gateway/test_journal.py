"""Records become lines later, and never slow anybody."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

import pytest

from landbridge.gateway.journal import FLUSH_SECONDS, Journal, Record
from landbridge.store.bodies import Said

pytestmark = pytest.mark.anyio


def record(**fields: Any) -> Record:
    return Record(id="req_1", dialect="anthropic", model="claude-x", **fields)


async def test_lines_are_written_in_batches(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="landbridge.exchange")
    journal = Journal()
    journal.add(record())
    journal.add(record())
    assert not caplog.records
    await asyncio.sleep(FLUSH_SECONDS + 0.1)
    assert [len(each.getMessage().splitlines()) for each in caplog.records] == [2]
    assert len(journal.latest) == 2
    assert time.time() - journal.latest[0].at < 60


async def test_an_overflow_is_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="landbridge.exchange")
    journal = Journal(capacity=1)
    journal.add(record())
    journal.add(record())
    assert journal.lost == 1
    assert journal.tally[0] == 2, "lost ones are counted, too"
    said = record(bodies=Said("anthropic", b"large", 10))
    journal.add(said)
    assert said.bodies is None
    journal.flush()
    assert "2 records were lost" in caplog.text


async def test_a_quiet_log_writes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="landbridge.exchange")
    journal = Journal()
    journal.add(record())
    journal.flush()
    assert not caplog.records


async def test_batches_are_handed_on_in_turn() -> None:
    journal, got = Journal(), list[str]()

    def fill(batch: Sequence[Record]) -> None:
        for each in batch:
            each.client += "!"

    journal.readers += [fill, lambda batch: got.extend(each.client for each in batch)]
    journal.add(record(user_agent=b"curl/8"))
    journal.add(record(client="known"))
    journal.flush()
    journal.flush()
    assert got == ["curl!", "known!"]


async def test_a_reader_that_fails_keeps_nothing_from_others(caplog: pytest.LogCaptureFixture) -> None:
    journal, got = Journal(), list[str]()

    def fail(batch: Sequence[Record]) -> None:
        raise OSError("gone")

    journal.readers += [fail, lambda batch: got.extend(each.id for each in batch)]
    journal.add(record())
    journal.flush()
    assert got == ["req_1"]
    assert "could not be handed on" in caplog.text


async def test_a_client_writes_no_lines_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="landbridge.exchange")
    journal = Journal()
    forged = record(message="there is no model\n2026-11-26 12:00:00 req_0 | forged\r\x1b[2J\u2028안")
    journal.add(forged)
    journal.flush()
    (line,) = caplog.text.splitlines()
    assert r"model\n2026-11-26 12:00:00 req_0 | forged\r\x1b[2J\u2028안" in line
