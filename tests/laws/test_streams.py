"""Laws of streams: any cut, the grammar, conservation, promptness, always an ending.

Numbers are those of the laws in the design notes: 1, 2, 3, 8, 11 and the streams' part of 7 and 12.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Delta, Failed, Finish, Kind, check_grammar
from landbridge.neutral.parts import Text, Thinking
from landbridge.neutral.request import Request
from landbridge.neutral.response import collect
from landbridge.wire.dialects import dialect
from tests.fakes.answers import Json, anthropic_record, chat_chunk, chat_record
from tests.fakes.gemini import gemini_chunk, gemini_record

from .clients import HEAR
from .machines import DIALECTS, ORIGIN, PAIRS, calls, counting, expected_calls, read, said, spelled, write
from .mangle import mangled
from .render import RENDER, stream, told
from .strategies import cuts, stories

dialects = pytest.mark.parametrize("name", DIALECTS)
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)


@dialects
@given(data=st.data())
def test_law_1_2_any_cut_gives_the_same_legal_events(name: str, data: st.DataObject) -> None:
    whole = stream(name, data.draw(told(name)))
    events = read(name, [whole])
    check_grammar(events)
    assert read(name, data.draw(cuts(whole))) == events


@dialects
@given(data=st.data())
def test_law_3_the_reader_conserves_every_text(name: str, data: st.DataObject) -> None:
    story = data.draw(told(name))
    answer = collect(read(name, [stream(name, story)]))
    assert said(answer, Text) == story.said(Kind.TEXT)
    assert said(answer, Thinking) == story.said(Kind.THINKING)
    assert sorted(calls(answer)) == sorted(expected_calls(story))
    assert answer.finish.reason == story.reason
    if story.usage is not None and (story.usage.prompt or story.usage.output):
        assert (answer.usage.prompt, answer.usage.output or 0) == (story.usage.prompt, story.usage.output or 0)


@pairs
@given(data=st.data())
def test_law_3_a_client_hears_what_the_model_said(source: str, target: str, data: st.DataObject) -> None:
    story = data.draw(told(source))
    heard = HEAR[target](write(target, read(source, [stream(source, story)])))
    assert (heard.text, heard.thinking) == (story.said(Kind.TEXT), story.said(Kind.THINKING))
    assert spelled(heard.calls) == spelled(expected_calls(story))
    if target != "gemini":  # there arguments are an object
        assert sorted(tuple(call) for call in heard.calls) == sorted(expected_calls(story))
    assert heard.ended and heard.finish and not heard.error


@pairs
@given(data=st.data())
def test_law_7_the_same_stream_gives_the_same_bytes(source: str, target: str, data: st.DataObject) -> None:
    story = data.draw(told(source))
    assert write(target, read(source, [stream(source, story)])) == write(target, read(source, [stream(source, story)]))


@pairs
@given(data=st.data())
def test_law_8_p9_a_stream_cut_anywhere_still_ends(source: str, target: str, data: st.DataObject) -> None:
    whole = stream(source, data.draw(told(source)))
    place = data.draw(st.integers(0, len(whole)))
    events = read(source, [whole[:place]])
    check_grammar(events)
    heard = HEAR[target](write(target, events))
    assert heard.ended
    assert bool(heard.error) == isinstance(events[-1], Failed)
    if place == 0:
        assert heard.error


@dialects
@given(data=st.data())
def test_law_8_an_answer_is_whole_only_if_its_end_was_said(name: str, data: st.DataObject) -> None:
    """A success after a cut may lack counts, but nothing that the model said."""
    story = data.draw(told(name))
    whole = stream(name, story)
    events = read(name, [whole[: data.draw(st.integers(0, len(whole)))]])
    if isinstance(events[-1], Finish):
        answer = collect(events)
        assert said(answer, Text) == story.said(Kind.TEXT)
        assert sorted(calls(answer)) == sorted(expected_calls(story))


@pairs
@given(data=st.data())
def test_law_11_every_fragment_leaves_in_the_call_it_came_in(source: str, target: str, data: st.DataObject) -> None:
    story = data.draw(told(source) if source == "gemini" else stories(orderly=True))
    reader = dialect(source).reader(counting(), ORIGIN)
    writer = dialect(target).writer("id", "m", 1, Request("m", ()))
    for record, fragment in RENDER[source](story):
        events = reader.feed(record)
        deltas = [event for event in events if isinstance(event, Delta)]
        written = b"".join(writer.feed(event) for event in events)
        if fragment is None or not fragment.text:
            continue
        if source == "openai_chat" and story.has_empty_call:
            return  # a chat stream does not say before its end that such a call is whole
        assert "".join(delta.text for delta in deltas) == fragment.text
        if target != "gemini" or fragment.kind is not Kind.TOOL:  # there a call comes whole
            assert written, "the writer held the fragment back"


@pairs
@given(data=st.data(), junk=st.binary(max_size=40))
def test_law_9_garbage_gives_an_end_and_never_an_exception(
    source: str, target: str, data: st.DataObject, junk: bytes
) -> None:
    whole = stream(source, data.draw(told(source)))
    place = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(place, len(whole)))
    broken = whole[:place] + junk + whole[until:]
    events = read(source, [broken])
    check_grammar(events)
    assert read(source, data.draw(cuts(broken))) == events
    assert HEAR[target](write(target, events)).ended


@pairs
@given(data=st.data())
def test_law_9_json_of_any_shape_is_survived(source: str, target: str, data: st.DataObject) -> None:
    """Every value of a true stream is replaced by something else of JSON."""
    records = [record for record, _ in RENDER[source](data.draw(told(source)))]
    at = data.draw(st.integers(0, len(records) - 1))
    head, _, body = records[at].partition(b"data: ")
    if body.startswith(b"{"):
        records[at] = head + b"data: " + json.dumps(mangled(data, json.loads(body))).encode() + b"\n\n"
    events = read(source, records)
    check_grammar(events)
    assert HEAR[target](write(target, events)).ended


STRANGERS = {
    "openai_chat": [
        b"event: telemetry\ndata: {}\n\n",
        b": comment\n\n",
        chat_record(chat_chunk({"hologram": {"a": 1}})),
        chat_record({**chat_chunk({}), "new_field": [1], "choices": [], "obfuscation": "xx"}),
    ],
    "anthropic": [
        b'event: telemetry\ndata: {"type":"telemetry","x":[1]}\n\n',
        b": comment\n\n",
        b'event: ping\ndata: {"type":"ping","at":1}\n\n',
    ],
    "openai_responses": [
        b'event: response.telemetry\ndata: {"type":"response.telemetry","x":[1]}\n\n',
        b": comment\n\n",
        b'event: response.web_search_call.searching\ndata: {"type":"response.web_search_call.searching",'
        b'"output_index":0,"item_id":"ws_1"}\n\n',
        b'data: {"type":"keepalive","sequence_number":3}\n\n',
    ],
    "gemini": [
        b"event: telemetry\ndata: {}\n\n",
        b": comment\n\n",
        gemini_record({"hologram": [1], "responseId": "x"}),
        gemini_record(gemini_chunk([], avgLogprobs=-0.5, safetyRatings=[{"category": "NEW"}])),
    ],
}


@dialects
@given(data=st.data())
def test_law_12_unknown_events_and_fields_disturb_nothing(name: str, data: st.DataObject) -> None:
    story = data.draw(told(name))
    records = [record for record, _ in RENDER[name](story)]
    stranger = data.draw(st.sampled_from(STRANGERS[name]))
    place = data.draw(st.integers(1, max(1, len(records) - 1)))
    answer = collect(read(name, [*records[:place], stranger, *records[place:]]))
    assert answer.parts == collect(read(name, records)).parts


def test_law_12_unknown_blocks_and_deltas_reach_their_own_dialect() -> None:
    start = {"id": "m", "model": "m", "usage": {"input_tokens": 1}}
    hologram = {"type": "hologram", "beam": [1, 2]}
    end = {"stop_reason": "new_reason"}
    stream: list[Json] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": hologram},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "beam_delta", "x": 1}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": "", "mood": "good"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "hi"}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "mood_delta", "mood": "better"}},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    events = read("anthropic", map(anthropic_record, stream))
    check_grammar(events)
    heard = HEAR["openai_chat"](write("openai_chat", events))
    assert heard.text == "hi" and not heard.error
    assert b"hologram" in write("anthropic", events)
