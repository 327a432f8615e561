"""Calls with better arguments; what is well-formed leaves as it came."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import Cut
from landbridge.neutral.events import Delta, Event, Failed, Finish, Kind, Reason, Start, Usage, check_grammar
from landbridge.wire.repair.arguments import Arguments
from tests.laws.strategies import arguments

from .tools import SHAPES, answer, text, told


def put_right(events: list[Event]) -> tuple[list[Event], dict[str, int]]:
    counts: Counter[str] = Counter()
    stage = Arguments(SHAPES, lambda name, times: counts.update({name: times}))
    out = [each for event in events for each in stage.feed([event])]
    out += stage.close()
    return out, {name: times for name, times in counts.items() if times}


def args(*fragments: str, name: str = "Read", reason: Reason = Reason.TOOLS) -> tuple[str, dict[str, int]]:
    """The arguments that arrive of the only call of an answer, and the repairs."""
    events = answer((Kind.TOOL, name, [*fragments]), reason=reason)
    out, counts = put_right(events)
    check_grammar(out)
    again, more = put_right(out)
    assert (told(again), more) == (told(out), {}), "what was put right is right"
    return "".join(event.text for event in out if isinstance(event, Delta)), counts


def test_p28_read_s_empty_pages() -> None:
    assert args('{"file_path": "/a", ', '"pages": ""}') == ('{"file_path": "/a"}', {"empty_argument": 1})
    assert args('{"file_path":"","pages":""}') == ('{"file_path":""}', {"empty_argument": 1})
    edit = '{"file_path":"/a","old_string":"x","new_string":""}'
    assert args(edit, name="Edit") == (edit, {})
    assert args('{"pages":""}', name="Unknown") == ('{"pages":""}', {})


@pytest.mark.parametrize(
    ("broken", "whole", "names"),
    [
        ('{"file_path": "/a",}', '{"file_path": "/a"}', {"trailing_comma": 1}),
        ('{"file_path": "/a\n"}', '{"file_path": "/a\\n"}', {"control_character": 1}),
        ('{"file_path": "/a", "limit": None}', '{"file_path": "/a", "limit": null}', {"python_word": 1}),
        ('```json\n{"file_path": "/a"}\n```', '{"file_path": "/a"}', {"code_fence": 1}),
        ('{"file_path": "/a', '{"file_path": "/a"}', {"unclosed": 1}),
        ('{"file_path": "/a"', '{"file_path": "/a"}', {"unclosed": 1}),
        ('{"file_path": "/a", "pages": "",}', '{"file_path": "/a"}', {"trailing_comma": 1, "empty_argument": 1}),
        ('{"pages": "", "limit": True}', '{"limit": true}', {"python_word": 1, "empty_argument": 1}),
    ],
)
def test_p29_one_reading_is_mended(broken: str, whole: str, names: dict[str, int]) -> None:
    assert args(broken) == (whole, names)
    assert args(*broken) == (whole, names)


@pytest.mark.parametrize(
    "text",
    [
        "ls -la",
        '{"pages":"""pages":""}',
        "{'a': 1}",
        '{"a": 1} x',
        '{"a" 1}',
        '{"a":',
        '{"a": 1]',
        "```sh\nls\n```",
        '"text"',
        "[1]",
        "null",
        " ",
    ],
)
def test_p29_the_rest_arrives_as_the_model_wrote_it(text: str) -> None:
    assert args(text) == (text, {})
    assert args(*text) == (text, {})


@pytest.mark.parametrize("reason", [Reason.LENGTH, Reason.CONTENT_FILTER, Reason.CONTEXT_FULL, Reason.REFUSAL])
def test_p29_a_call_that_was_cut_off_is_never_finalised(reason: Reason) -> None:
    assert args('{"file_path": "/etc', reason=reason) == ('{"file_path": "/etc', {})
    # Whole, but for a comma: there is nothing to guess.
    assert args('{"file_path": "/a",}', reason=reason) == ('{"file_path": "/a"}', {"trailing_comma": 1})


def test_p29_only_the_last_call_can_be_closed() -> None:
    events = answer((Kind.TOOL, "Read", ['{"file_path": "/a']), (Kind.TOOL, "Read", ['{"file_path": "/b']))
    out, counts = put_right(events)
    check_grammar(out)
    assert [event.text for event in told(out) if isinstance(event, Delta)] == [
        '{"file_path": "/a',
        '{"file_path": "/b"}',
    ]
    assert counts == {"unclosed": 1}


def test_usage_does_not_wait_for_a_call_that_does() -> None:
    stage = Arguments(SHAPES, lambda *_: None)
    stage.feed(answer((Kind.TOOL, "Read", ['{"file_path": "/a']))[:-1])
    assert stage.feed([Usage(output=3)]) == [Usage(output=3)]
    assert len(stage.feed([Finish(Reason.TOOLS)])) == 3


@pytest.mark.parametrize("broken", ['{"file_path": "/a', '{"file_path": True', '{"file_path": "/a",'])
def test_a_stream_that_breaks_gives_what_came(broken: str) -> None:
    came = answer((Kind.TOOL, "Read", [broken]))
    for events in (came[:-1], came[:-2]):
        error = Failed(Cut("gone"))
        out, counts = put_right([*events, error])
        assert told(out) == [*events, error]
        assert not counts
        assert told(put_right(events)[0]) == events


@given(value=arguments(), data=st.data())
def test_law_11_well_formed_arguments_leave_in_the_call_they_came_in(value: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(value)), max_size=5)))
    fragments = [value[start:end] for start, end in zip([0, *places], [*places, len(value)], strict=True)]
    events = answer(text("Well."), (Kind.TOOL, "Bash", fragments), text("Done."))
    stage = Arguments(SHAPES, lambda *_: None)
    held = ""
    for event in events:
        out = stage.feed([event])
        if not isinstance(event, Delta):
            assert out == [event]
            continue
        came, held = held + event.text, ""
        left = "".join(each.text for each in out if isinstance(each, Delta))
        assert came.startswith(left)
        held = came[len(left) :]
        assert not held or held.lstrip()[0] in ',"', "only a comma or a key may wait"
        assert len(held) < 40 or held.isspace() or held.lstrip(", \n\r\t").startswith('"description')


def test_events_of_other_kinds_pass() -> None:
    events = answer(text("a"), (Kind.THINKING, "", ["b,", '"']), text("{,}"))
    assert put_right(events) == (events, {})
    assert put_right([Start()]) == ([Start()], {})


@given(pieces=st.lists(st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"', "\\", "\n", " ", "True", "None", "1", "```json\n", "```", '"pages"', '""',
     '"pages":""', ',"pages":""', '"file_path":"/a"', '"limit":', '{"']), max_size=12),
    reason=st.sampled_from([Reason.TOOLS, Reason.LENGTH]))  # fmt: skip
def test_law_1_2_any_cut_gives_the_same_legal_events(pieces: list[str], reason: Reason) -> None:
    whole = "".join(pieces)
    assert args(whole, reason=reason) == args(*whole, reason=reason) == args(*pieces, reason=reason)
