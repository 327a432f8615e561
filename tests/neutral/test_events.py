"""The grammar of events: every legal stream passes, every rule has a stream that breaks it."""

from __future__ import annotations

import pytest
from msgspec import Raw

from landbridge.errors import Cut
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Extra,
    Failed,
    Finish,
    GrammarError,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)

START, END, FAILED = Start(), Finish(Reason.END), Failed(Cut("cut"))
TEXT = [BlockStart(0, Kind.TEXT), Delta(0, "a"), BlockStop(0)]
TOOL = [BlockStart(1, Kind.TOOL, "id", "name"), Delta(1, "{}"), BlockStop(1)]
OPAQUE = [BlockStart(0, Kind.OPAQUE, dialect="anthropic", name="new", raw=Raw(b"{}")), BlockStop(0)]
NOTE = Raw(b"1")


@pytest.mark.parametrize(
    "stream",
    [
        [START, END],
        [START, *TEXT, END],
        [START, *TEXT, *TOOL, Usage(input=1), END],
        [START, *OPAQUE, END],
        [START, BlockStart(0, Kind.THINKING), BlockStop(0), END],
        [START, BlockStart(0, Kind.TEXT), Usage(output=1), Extra(0, "d", "n", NOTE), Delta(0, ""), BlockStop(0), END],
        [START, Extra(-1, "d", "n", NOTE), BlockStart(0, Kind.TEXT), Extra(-1, "d", "n", NOTE), BlockStop(0), END],
        [FAILED],
        [START, FAILED],
        [START, BlockStart(0, Kind.TEXT), Delta(0, "a"), FAILED],
    ],
)
def test_legal_streams(stream: list[Event]) -> None:
    check_grammar(stream)


@pytest.mark.parametrize(
    ("stream", "rule"),
    [
        ([], "no Finish"),
        ([START], "no Finish"),
        ([START, *TEXT], "no Finish"),
        ([END], "before Start"),
        ([*TEXT, END], "before Start"),
        ([Usage(), START, END], "before Start"),
        ([START, START, END], "second Start"),
        ([START, BlockStart(1, Kind.TEXT)], "index should be 0"),
        ([START, *TEXT, BlockStart(0, Kind.TEXT)], "index should be 1"),
        ([START, BlockStart(0, Kind.TEXT), BlockStart(1, Kind.TEXT)], "a block is open"),
        ([START, BlockStart(0, Kind.TEXT), END], "a block is open"),
        ([START, Delta(0, "a")], "not the open block"),
        ([START, *TEXT, Delta(0, "a")], "not the open block"),
        ([START, BlockStart(0, Kind.TEXT), Delta(1, "a")], "not the open block"),
        ([START, BlockStop(0)], "not the open block"),
        ([START, BlockStart(0, Kind.TEXT), BlockStop(1)], "not the open block"),
        ([START, OPAQUE[0], Delta(0, "a")], "opaque"),
        ([START, Extra(0, "d", "n", NOTE)], "not the open block"),
        ([START, *TEXT, Extra(0, "d", "n", NOTE)], "not the open block"),
        ([START, END, END], "after the end"),
        ([START, END, Usage()], "after the end"),
        ([START, END, FAILED], "after the end"),
        ([FAILED, START], "after the end"),
    ],
)
def test_illegal_streams(stream: list[Event], rule: str) -> None:
    with pytest.raises(GrammarError, match=rule):
        check_grammar(stream)


def test_the_last_usage_wins_field_by_field() -> None:
    merged = Usage(input=5, output=1, cache_read=2).merged(Usage(output=9, estimated=True))
    assert merged == Usage(input=5, output=9, cache_read=2, estimated=True)
    assert merged.merged(Usage(output=0)) == Usage(input=5, output=0, cache_read=2)


def test_p72_the_prompt_counts_cached_tokens_once() -> None:
    assert Usage(input=5, cache_read=3, cache_write=2, cache_write_1h=1).prompt == 10
    assert Usage().prompt == 0
