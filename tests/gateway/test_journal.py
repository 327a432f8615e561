"""Records become lines later, and never slow anybody."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime

import pytest

from landbridge.gateway.journal import FLUSH_SECONDS, Journal, Record, client_name
from landbridge.neutral.events import Usage

pytestmark = pytest.mark.anyio


def record(**fields: object) -> Record:
    return Record(id="req_1", dialect="anthropic", model="claude-x", **fields)  # type: ignore[arg-type]  # shorthand


async def test_a_line_tells_the_exchange() -> None:
    at = datetime(2026, 11, 26, 9, 8, 7).timestamp()
    line = record(
        at=at,
        target="lab/m",
        path="converted",
        status=200,
        seconds=1.5,
        first=0.25,
        usage=Usage(input=10, cache_read=5, output=3),
        losses=("tools[0]: cannot", "b", "c", "d"),
    ).line()
    assert line == (
        "2026-11-26 09:08:07 req_1 | anthropic claude-x -> lab/m | converted | 200 | ok | 1.500s | first 0.250s"
        " | tokens 15+3 (cached 5) | losses 4: tools[0]: cannot; b; c"
    )


async def test_a_line_tells_what_was_run_on_the_web() -> None:
    line = record(usage=Usage(input=4, output=2, searches=3)).line()
    assert line.endswith("| tokens 4+2 (cached 0) | web 3 searched 0 fetched")
    assert "web" not in record(usage=Usage(input=4, output=2)).line()


async def test_a_failed_one_says_why() -> None:
    line = record(outcome="cut", message="broke off", usage=Usage(input=4, output=2, estimated=True)).line()
    assert line.endswith("| cut | 0.000s | tokens ~4+~2 (cached 0) | broke off")


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
    journal.flush()
    assert "1 records were lost" in caplog.text


async def test_a_quiet_log_writes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="landbridge.exchange")
    journal = Journal()
    journal.add(record())
    journal.flush()
    assert not caplog.records


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (b"claude-cli/2.1.330 (external, cli)", "claude-cli"),
        (b"codex_cli_rs/0.5 (Debian)", "codex"),
        (b"OpenAI/Python 3.54.0", "openai"),
        (b"", ""),
        (b"(nothing)", ""),
        (b"\xff\xfe", ""),
        (b"x" * 500, "x" * 40),
    ],
)
async def test_a_client_has_a_short_name(agent: bytes, name: str) -> None:
    assert client_name(agent) == name


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
