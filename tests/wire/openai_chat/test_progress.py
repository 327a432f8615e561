"""Notices of how far a prompt is read: told beside the events, and no part of the answer."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from landbridge.neutral.events import Delta, Event, Failed, Start, check_grammar
from landbridge.neutral.progress import Progress
from landbridge.wire.openai_chat.progress import read_noticed, read_progress
from landbridge.wire.openai_chat.read_stream import StreamReader


def notice(processed: int, **more: Any) -> bytes:
    """A chunk as llama.cpp b11549 sends it."""
    choice = {"finish_reason": None, "index": 0, "delta": {"role": "assistant", "content": None}}
    progress = {"total": 351, "cache": 64, "processed": processed, "time_ms": 15 * (processed - 64)}
    return record(choices=[choice], id="c", model="m", prompt_progress=progress, **more)


def record(**fields: Any) -> bytes:
    return b"data: " + json.dumps({"object": "chat.completion.chunk", **fields}).encode() + b"\n\n"


def text(content: str, finish: str | None = None) -> bytes:
    return record(choices=[{"index": 0, "delta": {"content": content}, "finish_reason": finish}], id="c", model="m")


def reader() -> StreamReader:
    numbers = count()
    return StreamReader(lambda prefix: f"{prefix}{next(numbers)}", "engine:m")


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_notices_are_read_in_any_cut_and_start_no_answer(size: int) -> None:
    stream = reader()
    assert reader().progress is None
    assert stream.feed(b"") == []
    data = notice(64) + notice(128)
    events = [event for at in range(0, len(data), size) for event in stream.feed(data[at : at + size])]
    assert events == [], "nothing of the answer has come, so that a failure can still be a status"
    assert stream.progress == Progress(total=351, cache=64, processed=128, seconds=0.96)
    events = stream.feed(notice(351) + text("Hi") + text("", "stop") + b"data: [DONE]\n\n")
    check_grammar(events)
    assert isinstance(events[0], Start) and [each.text for each in events if isinstance(each, Delta)] == ["Hi"]
    assert stream.progress is not None and stream.progress.percent == 100


def test_the_answer_is_the_same_with_and_without_notices() -> None:
    said = [text("A"), text(" b"), text(" c", "stop"), b"data: [DONE]\n\n"]

    def read(*records: bytes) -> list[Event]:
        stream = reader()
        return stream.feed(b"".join(records)) + stream.close()

    assert read(notice(64), notice(351), *said) == read(*said)


def test_what_stands_beside_a_notice_is_not_lost() -> None:
    stream = reader()
    choice = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}
    events = stream.feed(record(choices=[choice], prompt_progress={"total": 9, "cache": 0, "processed": 9}))
    assert [each.text for each in events if isinstance(each, Delta)] == ["Hi"]
    failed = reader().feed(notice(128, error={"code": 500, "message": "Compute error.", "type": "server_error"}))
    assert isinstance(failed[-1], Failed) and "Compute error" in failed[-1].error.message


@pytest.mark.parametrize(
    "raw", [b"null", b"[]", b"7", b"{}", b'{"total":0,"processed":0}', b'{"total":"x","processed":3}', b'{"total":5}']
)
def test_what_is_no_notice_is_none(raw: bytes) -> None:
    assert read_progress(raw) is None


def test_a_notice_is_found_in_a_record_of_any_kind() -> None:
    record = (
        b'{"content":"","tokens":[],"stop":false,"prompt_progress":{"total":9,"cache":1,"processed":3,"time_ms":2000}}'
    )
    assert read_noticed(record) == Progress(9, 1, 3, 2.0)
    assert [read_noticed(other) for other in (b'{"content":""}', b"[DONE]", b"", b"\xff", b"[" * 9999)] == [None] * 5


def test_numbers_that_do_not_fit_are_made_to() -> None:
    assert read_progress(b'{"total":10,"cache":20,"processed":99}') == Progress(10, 10, 10, 0.0)
    assert read_progress(b'{"total":10,"cache":4,"processed":2,"time_ms":-5}') == Progress(10, 4, 4, 0.0)
    assert read_progress(b'{"total":10.0,"cache":null,"processed":5,"time_ms":1500.5}') == Progress(10, 0, 5, 1.5005)
