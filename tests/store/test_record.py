"""A record says in one line how an exchange went, and who asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from landbridge.neutral.events import Usage
from landbridge.store.record import Record, client_name


def record(**fields: Any) -> Record:
    return Record(id="req_1", dialect="anthropic", model="claude-x", **fields)


def test_a_line_tells_the_exchange() -> None:
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


def test_a_line_tells_whose_key_it_was() -> None:
    at = datetime(2026, 11, 26, 9, 8, 7).timestamp()
    line = record(at=at, key="abcd2345").line()
    assert line.startswith("2026-11-26 09:08:07 req_1 | key abcd2345 | anthropic claude-x -> -")
    assert "key" not in record().line()


def test_a_line_tells_what_was_run_on_the_web() -> None:
    line = record(usage=Usage(input=4, output=2, searches=3)).line()
    assert line.endswith("| tokens 4+2 (cached 0) | web 3 searched 0 fetched")
    assert "web" not in record(usage=Usage(input=4, output=2)).line()


def test_a_failed_one_says_why() -> None:
    line = record(outcome="cut", message="broke off", usage=Usage(input=4, output=2, estimated=True)).line()
    assert line.endswith("| cut | 0.000s | tokens ~4+~2 (cached 0) | broke off")


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
def test_a_client_has_a_short_name(agent: bytes, name: str) -> None:
    assert client_name(agent) == name
