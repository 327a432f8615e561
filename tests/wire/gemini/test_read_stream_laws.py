"""The laws of streams for this dialect: any cut, the grammar, conservation, promptness, always an ending.

Numbers are those of the laws in the design notes: 1-4, 7-9, 11, 12.
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
from landbridge.wire.gemini.read_stream import StreamReader
from landbridge.wire.gemini.write_stream import StreamWriter
from tests.fakes.answers import Tokens
from tests.fakes.gemini import gemini_chunk, gemini_chunks, gemini_error, gemini_list, gemini_record, gemini_stream
from tests.laws import machines
from tests.laws.clients import HEAR
from tests.laws.gemini import gemini, hear_gemini, in_one_line
from tests.laws.machines import calls, expected_calls, said, same
from tests.laws.mangle import mangled
from tests.laws.strategies import Story, cuts, stories

from .google import ORIGIN, counting, read, write

tellable = stories(orderly=True).map(in_one_line)


def stream(story: Story) -> bytes:
    return b"".join(record for record, _ in gemini(story))


def spelled(found: list[tuple[str, str, str]]) -> list[tuple[str, str, object]]:
    """Calls with their arguments as values: a record has no line breaks between tokens."""
    return sorted(((id, name, json.loads(args)) for id, name, args in found), key=repr)


@given(data=st.data())
def test_law_1_2_any_cut_gives_the_same_legal_events(data: st.DataObject) -> None:
    whole = stream(data.draw(tellable))
    events = read([whole])
    check_grammar(events)
    assert read(data.draw(cuts(whole))) == events


@given(data=st.data(), text=st.text(max_size=9), status=st.sampled_from([429, 500, 503]))
def test_law_1_any_cut_of_a_bare_error_and_of_a_list_gives_the_same_events(
    data: st.DataObject, text: str, status: int
) -> None:
    chunks = gemini_chunks(text, thinking="Hm")
    _, error = gemini_error(status, text)
    for whole in (b"".join(map(gemini_record, chunks[:-1])) + error + b"\n", gemini_list(chunks)):
        assert read(data.draw(cuts(whole))) == read([whole])


@given(story=tellable)
def test_law_3_the_reader_conserves_every_text(story: Story) -> None:
    answer = collect(read([stream(story)]))
    assert said(answer, Text) == story.said(Kind.TEXT)
    assert said(answer, Thinking) == story.said(Kind.THINKING)
    assert spelled(calls(answer)) == spelled(expected_calls(story))
    assert answer.finish.reason == story.reason
    if story.usage is not None and (story.usage.prompt or story.usage.output):
        assert (answer.usage.prompt, answer.usage.output or 0) == (story.usage.prompt, story.usage.output or 0)


@pytest.mark.parametrize("target", ["openai_chat", "anthropic", "gemini"])
@given(story=tellable)
def test_law_3_7_every_client_hears_what_gemini_said(target: str, story: Story) -> None:
    events = read([stream(story)])
    written = write(events) if target == "gemini" else machines.write(target, events)
    heard = hear_gemini(written) if target == "gemini" else HEAR[target](written)
    assert (heard.text, heard.thinking) == (story.said(Kind.TEXT), story.said(Kind.THINKING))
    assert spelled([(id, name, args) for id, name, args in heard.calls]) == spelled(expected_calls(story))
    assert heard.ended and heard.finish and not heard.error
    assert written == (write(events) if target == "gemini" else machines.write(target, events))


@given(data=st.data())
def test_law_8_p9_a_stream_cut_anywhere_still_ends(data: st.DataObject) -> None:
    story = data.draw(tellable)
    whole = stream(story)
    events = read([whole[: data.draw(st.integers(0, len(whole)))]])
    check_grammar(events)
    heard = hear_gemini(write(events))
    assert heard.ended and bool(heard.error) == isinstance(events[-1], Failed)
    if isinstance(events[-1], Finish):
        answer = collect(events)
        assert said(answer, Text) == story.said(Kind.TEXT)
        assert spelled(calls(answer)) == spelled(expected_calls(story))


@given(story=tellable)
def test_law_11_every_fragment_leaves_in_the_call_it_came_in(story: Story) -> None:
    reader = StreamReader(counting(), ORIGIN)
    writer = StreamWriter("id", "m", 1, Request("m", ()))
    for record, fragment in gemini(story):
        events = reader.feed(record)
        written = b"".join(map(writer.feed, events))
        if fragment is None or not fragment.text:
            continue
        deltas = "".join(event.text for event in events if isinstance(event, Delta))
        assert deltas == (fragment.text.replace("\n", " ") if fragment.kind is Kind.TOOL else fragment.text)
        assert written, "the writer held the fragment back"


@given(data=st.data(), junk=st.binary(max_size=40))
def test_law_9_garbage_gives_an_end_and_never_an_exception(data: st.DataObject, junk: bytes) -> None:
    whole = stream(data.draw(tellable))
    place = data.draw(st.integers(0, len(whole)))
    broken = whole[:place] + junk + whole[data.draw(st.integers(place, len(whole))) :]
    events = read([broken])
    check_grammar(events)
    assert read(data.draw(cuts(broken))) == events
    assert hear_gemini(write(events)).ended


@given(data=st.data())
def test_law_9_json_of_any_shape_is_survived(data: st.DataObject) -> None:
    records = [record for record, _ in gemini(data.draw(tellable))]
    at = data.draw(st.integers(0, len(records) - 1))
    odd = json.dumps(
        mangled(data, json.loads(records[at].removeprefix(b"data: ")))
    )  # half a character, too, is escaped
    records[at] = b"data: " + odd.encode() + b"\r\n\r\n"
    events = read(records)
    check_grammar(events)
    assert hear_gemini(write(events)).ended


STRANGERS = [
    b"event: telemetry\ndata: {}\n\n",
    b": comment\n\n",
    gemini_record({"hologram": [1], "responseId": "x"}),
    gemini_record(gemini_chunk([], avgLogprobs=-0.5, safetyRatings=[{"category": "NEW"}])),
    gemini_record(gemini_chunk(None, usage=Tokens()) | {"createTime": "2026-11-26T00:00:00Z"}),
]


@given(data=st.data(), story=tellable)
def test_law_12_unknown_events_and_fields_disturb_nothing(data: st.DataObject, story: Story) -> None:
    records = [record for record, _ in gemini(story)]
    place = data.draw(st.integers(1, len(records)))
    answer = collect(read([*records[:place], data.draw(st.sampled_from(STRANGERS)), *records[place:]]))
    assert answer.parts == collect(read(records)).parts


def test_law_4_the_stream_says_what_the_list_says() -> None:
    given = {"text": "Hello, 세계 🦊", "thinking": "Hm", "tools": [("Read", {"path": "a"})]}
    streamed, listed = read([gemini_stream(**given)]), read([gemini_list(gemini_chunks(**given))])  # type: ignore[arg-type]
    same(collect(streamed), collect(listed))
