"""Events to a stream, as events and as a list."""

from __future__ import annotations

import json

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
    Kind,
    Reason,
    Start,
    Usage,
)
from landbridge.neutral.request import Request
from landbridge.wire.gemini.write_stream import ArrayWriter, StreamWriter
from tests.fakes.answers import Json

from .google import read

HI: list[Event] = [Start(), BlockStart(0, Kind.TEXT), Delta(0, "Hi"), BlockStop(0)]


def writer(kind: type[StreamWriter] = StreamWriter) -> StreamWriter:
    return kind("r", "m", 1, Request("m", ()))


def chunks(*events: Event) -> list[Json]:
    one = writer()
    text = b"".join(map(one.feed, events)).decode()
    assert text.endswith("\n\n")
    return [json.loads(record.removeprefix("data: ")) for record in text.split("\n\n")[:-1]]


def parts(*events: Event) -> list[Json]:
    return [part for chunk in chunks(*events) for part in chunk["candidates"][0]["content"]["parts"]]


def test_each_delta_is_a_chunk() -> None:
    first, said, last = chunks(*HI, Usage(input=3, output=1), Finish(Reason.LENGTH))
    assert first["candidates"] == [{"content": {"parts": [{"text": ""}], "role": "model"}, "index": 0}]
    assert said["candidates"][0]["content"]["parts"] == [{"text": "Hi"}]
    assert last["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert last["usageMetadata"] == {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4}
    assert {(chunk["responseId"], chunk["modelVersion"]) for chunk in (first, said, last)} == {("r", "m")}


def test_a_call_leaves_when_it_is_whole() -> None:
    one = writer()
    assert (
        one.feed(BlockStart(0, Kind.TOOL, "c1", "f")) == one.feed(Delta(0, '{"a":')) == one.feed(Delta(0, "1}")) == b""
    )
    chunk = json.loads(one.feed(BlockStop(0, "c2ln", "gemini")).removeprefix(b"data: "))
    assert chunk["candidates"][0]["content"]["parts"] == [
        {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "c2ln"}
    ]


@pytest.mark.parametrize(
    ("said", "args"), [("{}", {}), ("", {}), ("[1]", {"input": [1]}), ('{"a":', {"input": '{"a":'})]
)
def test_p26_p29_arguments_are_always_an_object(said: str, args: object) -> None:
    (part,) = parts(BlockStart(0, Kind.TOOL, "c", "f"), Delta(0, said), BlockStop(0))
    assert part["functionCall"]["args"] == args


def test_arguments_over_several_lines_stay_in_one_record() -> None:
    (part,) = parts(BlockStart(0, Kind.TOOL, "c", "f"), Delta(0, '{\n "a": "x\\ny"\r\n}'), BlockStop(0))
    assert part["functionCall"]["args"] == {"a": "x\ny"}


def test_thoughts_and_signatures() -> None:
    assert parts(
        BlockStart(0, Kind.THINKING),
        Delta(0, "Hm"),
        BlockStop(0, "c2ln", "gemini"),
        BlockStart(1, Kind.TEXT),
        Delta(1, "Hi"),
        BlockStop(1, "c2ln", "gemini"),
    ) == [
        {"thought": True, "text": "Hm"},
        {"thought": True, "text": "", "thoughtSignature": "c2ln"},
        {"text": "Hi"},
        {"text": "", "thoughtSignature": "c2ln"},
    ]


def test_p55_redacted_thinking_of_another_comes_back() -> None:
    start = BlockStart(0, Kind.THINKING, redacted=True)
    events: list[Event] = [Start(), start, BlockStop(0, "x", "anthropic"), Finish(Reason.END)]
    one = writer()
    again = read([b"".join(map(one.feed, events))])
    assert again[1:3] == [start, BlockStop(0, "x", "anthropic")]


def test_parts_and_records_of_google_alone() -> None:
    raw = Raw(b'{"executableCode":{"code":"a",\n"language":"PYTHON"}}')
    note = Extra(0, "gemini", "groundingMetadata", Raw(b'{"a":\n1}'))
    code = BlockStart(0, Kind.OPAQUE, name="executableCode", dialect="gemini", raw=raw)
    said, last = chunks(code, BlockStop(0), note, Finish(Reason.END))
    assert said["candidates"][0]["content"]["parts"] == [{"executableCode": {"code": "a", "language": "PYTHON"}}]
    assert last["candidates"][0]["groundingMetadata"] == {"a": 1}


def test_what_has_no_place_is_lost_and_said() -> None:
    one = writer()
    search = BlockStart(0, Kind.OPAQUE, name="server_tool_use", dialect="anthropic", raw=Raw(b"{}"))
    assert (
        one.feed(search) == one.feed(BlockStop(0)) == one.feed(Extra(-1, "openai_chat", "logprobs", Raw(b"1"))) == b""
    )
    assert [loss.path for loss in one.losses] == ["blocks[0]", "stream"]


def test_p9_p12_a_failed_answer_ends_as_googles_own_does() -> None:
    one = writer()
    said = b"".join(map(one.feed, HI[:-1]))
    error = one.feed(Failed(Cut("it broke")))
    assert json.loads(error)["error"] == {"code": 502, "message": "it broke", "status": "UNAVAILABLE"}
    assert b"finishReason" not in said and not error.startswith(b"data:")


def test_a_call_that_is_not_whole_when_it_breaks_is_not_written() -> None:
    one = writer()
    events: list[Event] = [BlockStart(0, Kind.TOOL, "c", "f"), Delta(0, '{"a"'), Failed(Cut("x"))]
    assert b"functionCall" not in b"".join(map(one.feed, events))


def test_p82_signs_of_life_are_chunks_that_say_nothing() -> None:
    """Never comments: Google's SDKs take one for a broken chunk."""
    one = writer()
    for sign in (one.ping(), one.nudge()):
        chunk = json.loads(sign.removeprefix(b"data: "))
        assert chunk["candidates"][0]["content"]["parts"] == [{"text": ""}]
    alive = [
        *map(one.feed, HI[:2]),
        one.ping(),
        one.feed(HI[2]),
        one.nudge(),
        *map(one.feed, [HI[3], Finish(Reason.END)]),
    ]
    quiet = writer()
    assert read(alive) == read([quiet.feed(event) for event in [*HI, Finish(Reason.END)]])


def test_stray_stops_are_nothing() -> None:
    assert writer().feed(BlockStop(0)) == b""


def test_the_list_is_json_at_its_end() -> None:
    one = writer(ArrayWriter)
    out = one.ping() + one.feed(HI[0]) + one.ping() + b"".join(map(one.feed, HI[1:])) + one.nudge()
    whole = json.loads(out + one.feed(Finish(Reason.END)))
    assert [chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in whole] == ["", "Hi", "", ""]
    assert whole[-1]["candidates"][0]["finishReason"] == "STOP"


def test_a_failed_list_ends_with_the_error() -> None:
    for before in (HI, []):
        one = writer(ArrayWriter)
        whole = json.loads(b"".join(map(one.feed, [*before, Failed(Cut("it broke"))])))
        assert whole[-1]["error"]["message"] == "it broke"
