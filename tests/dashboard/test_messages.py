"""What a model says is read alike however its bytes are cut, and a cut answer is never taken for a whole one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from landbridge.dashboard.messages import Said


def events(*given: Mapping[str, object]) -> bytes:
    return b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in given)


def block(index: int, kind: str, *pieces: str) -> list[dict[str, object]]:
    deltas = [{"type": f"{kind}_delta", kind: piece} for piece in pieces]
    return [
        {"type": "content_block_start", "index": index, "content_block": {"type": kind, kind: ""}},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


START: dict[str, object] = {
    "type": "message_start",
    "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "usage": {"input_tokens": 12, "cache_read_input_tokens": 30, "output_tokens": 1},
    },
}  # fmt: skip
END: dict[str, object] = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
WHOLE = events(
    START,
    {"type": "ping"},
    *block(0, "thinking", "Hm", "mm"),
    *block(1, "text", "Yes", ", 하늘"),
    *block(2, "thinking", "And?"),
    *block(3, "text", "Blue."),
    END,
    {"type": "message_stop"},
)


def read(*pieces: bytes) -> Said:
    said = Said()
    for piece in pieces:
        said.feed(piece)
    said.close()
    return said


def test_text_thinking_usage_and_the_end() -> None:
    said = read(WHOLE)
    assert said.text == "Yes, 하늘\n\nBlue."
    assert said.thinking == "Hmmm\n\nAnd?"
    assert (said.stop, said.fault) == ("end", "")
    assert (said.usage.input, said.usage.cache_read, said.usage.output) == (12, 30, 9)
    assert said.usage.prompt == 42


def test_cut_in_two_anywhere() -> None:
    whole = vars_of(read(WHOLE))
    for at in range(1, len(WHOLE)):
        assert vars_of(read(WHOLE[:at], WHOLE[at:])) == whole, at


def test_byte_by_byte() -> None:
    assert vars_of(read(*(WHOLE[at : at + 1] for at in range(len(WHOLE))))) == vars_of(read(WHOLE))


def vars_of(said: Said) -> tuple[object, ...]:
    return said.text, said.thinking, said.stop, said.fault, said.usage


def test_what_is_cut_off_is_never_taken_for_the_whole() -> None:
    for at in range(WHOLE.index(b'"end_turn"')):
        said = read(WHOLE[:at])
        assert said.stop is None, at
        assert said.fault, at
        assert "Yes, 하늘\n\nBlue.".startswith(said.text), at
    assert "broke off" in read(events(START, *block(0, "text", "So"))).fault


def test_an_error_in_the_stream_is_its_fault() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Too much to do."}}
    said = read(events(START, *block(0, "text", "So")), events(error))
    assert said.text == "So"
    assert "Too much to do." in said.fault


def test_feeding_says_whether_something_was_said() -> None:
    said = Said()
    assert said.feed(events(START))
    assert not said.begun
    assert not said.feed(b": keep-alive\n\n")
    assert not said.feed(events({"type": "ping"}))
    assert said.feed(events(*block(0, "text", "x")))
    assert said.begun
