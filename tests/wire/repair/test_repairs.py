"""Everything put right in one answer, and counted."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut
from landbridge.neutral.events import BlockStart, Delta, Event, Failed, Finish, Kind, Reason, Start, check_grammar
from landbridge.neutral.parts import Part, Text, Thinking, ToolCall
from landbridge.neutral.request import OutputFormat, Request, Tool, ToolChoice
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.openai_chat.identifiers import tool_names
from landbridge.wire.repair.repairs import NO_NAMES, Repairs
from tests.laws.machines import read
from tests.laws.render import stream
from tests.laws.strategies import Story, responses, stories

from .test_search import CALL, prose
from .tools import TOOLS, answer, counting, text, told

REQUEST = Request("m", (), tools=TOOLS)
WHOLE = '{"name": "Read", "arguments": {"file_path": "/a"}}'


def put_right(
    events: list[Event], request: Request = REQUEST, names: Mapping[str, str] = NO_NAMES
) -> tuple[list[Event], Repairs]:
    repairs = Repairs(request, counting(), names)
    out = [each for event in events for each in repairs.feed([event])]
    assert list(repairs.close()) == []
    return told(out), repairs


def args(out: list[Event]) -> list[tuple[str, str]]:
    calls = (part for part in collect(out).parts if isinstance(part, ToolCall))
    return [(call.name, bytes(call.args).decode()) for call in calls]


def test_p28_p29_p30_together() -> None:
    leaked = "<function=Read><parameter=file_path>/a</parameter><parameter=pages></parameter></function>"
    broken = '{"command": "ls", "description": "", "run_in_background": False,}'
    out, repairs = put_right(answer(text("I look.\n", leaked), (Kind.TOOL, "Bash", [*broken]), reason=Reason.TOOLS))
    check_grammar(out)
    assert args(out) == [
        ("Read", '{"file_path": "/a"}'),
        ("Bash", '{"command": "ls", "run_in_background": false}'),
    ]
    assert repairs.counts == {"leaked_call": 1, "empty_argument": 2, "python_word": 1, "trailing_comma": 1}
    assert repairs.total == 5


def test_p28_p30_p33_a_renamed_tools_calls_are_put_right() -> None:
    """The target knows it by another name, and the client's own comes only behind this."""
    tool = Tool("mcp.files/read", schema=TOOLS[0].schema)
    ((written, own),) = tool_names((tool,)).items()
    leaked = f"<function={written}><parameter=file_path>/a</parameter><parameter=pages></parameter></function>"
    events = answer(text(leaked), (Kind.TOOL, written, ['{"file_path":"/b","pages":""}']), reason=Reason.TOOLS)
    out, repairs = put_right(events, Request("m", (), tools=(tool,)), {written: own})
    assert args(out) == [(written, '{"file_path": "/a"}'), (written, '{"file_path":"/b"}')]
    assert repairs.counts == {"leaked_call": 1, "empty_argument": 2}


def test_p27_empty_arguments_are_never_made_up() -> None:
    """The client then says which one is missing; a made-up one would be run."""
    for empty in (["{}"], ["{", "}"], []):
        events = told(answer((Kind.TOOL, "Read", empty), reason=Reason.TOOLS))
        out, repairs = put_right(events)
        assert (out, repairs.total) == (events, 0)


@pytest.mark.parametrize(
    "events",
    [
        answer(text(CALL)),
        answer(text(WHOLE)),
        answer((Kind.TOOL, "Read", ['{"pages": "",}'])),
    ],
)
def test_without_tools_nothing_is_touched(events: list[Event]) -> None:
    out, repairs = put_right(events, Request("m", ()))
    assert (out, repairs.total) == (events, 0)
    nothing = Repairs(Request("m", ()), counting())
    assert nothing.feed(events) is events


def test_a_client_that_wants_no_calls_gets_none_made_of_text() -> None:
    request = Request("m", (), tools=TOOLS, tool_choice=ToolChoice("none"))
    events = answer(text(CALL))
    assert put_right(events, request)[0] == events
    called, repairs = put_right(answer((Kind.TOOL, "Read", ['{"pages":""}']), reason=Reason.TOOLS), request)
    assert args(called) == [("Read", "{}")]
    assert repairs.total == 1


def test_a_client_that_wants_json_gets_it() -> None:
    request = Request("m", (), tools=TOOLS, output=OutputFormat(Raw(b'{"type":"object"}')))
    events = answer(text(WHOLE))
    assert put_right(events, request)[0] == events
    assert put_right(events)[1].counts == {"leaked_call": 1}


def test_law_11_a_plain_stream_is_the_very_same_events() -> None:
    repairs = Repairs(REQUEST, counting())
    events = answer(
        (Kind.THINKING, "", ["Hm", ", `<tool", "_call>`"]),
        text("I", " look", " at\n", "it", "."),
        (Kind.TOOL, "Read", ["{", '"file_path"', ": ", '"/a', '/b"}']),
        reason=Reason.TOOLS,
    )
    for event in events:
        out = repairs.feed([event])
        if isinstance(event, BlockStart) and event.kind is Kind.TEXT:
            assert out == [], "a text block opens with its first words"
        elif event == Delta(1, "I"):
            assert list(out) == [BlockStart(1, Kind.TEXT), event]
        else:
            assert list(out) == [event]
    assert not repairs.counts


def test_a_broken_stream_keeps_what_came() -> None:
    error = Failed(Cut("gone"))
    out, _ = put_right([*answer(text("A ", CALL[:30]))[:-2], error])
    assert out[-2:] == [Delta(0, f"A {CALL[:30]}"), error]
    repairs = Repairs(REQUEST, counting())
    events: list[Event] = [Start(), BlockStart(0, Kind.TOOL, "x", "Read"), Delta(0, '{"limit": True')]
    assert told([*repairs.feed(events), *repairs.close()]) == events


@given(story=stories())
def test_what_is_well_formed_passes_unchanged(story: Story) -> None:
    for name in ("openai_chat", "anthropic"):
        events = read(name, [stream(name, story)])
        out, repairs = put_right(events)
        assert not repairs.counts
        assert collect(out) == collect(events)


@given(said=st.lists(st.tuples(st.sampled_from([Kind.TEXT, Kind.TOOL]), prose), max_size=4), data=st.data())
def test_law_1_2_anything_gives_legal_events_in_any_cut(said: list[tuple[Kind, str]], data: st.DataObject) -> None:
    reason = data.draw(st.sampled_from(Reason))

    def events(size: int) -> list[Event]:
        blocks = [
            (kind, "Read" if kind is Kind.TOOL else "", [each[at : at + size] for at in range(0, len(each), size)])
            for kind, each in said
        ]
        return answer(*blocks, reason=reason)

    whole, repairs = put_right(events(1 << 30))
    check_grammar(whole)
    cut, others = put_right(events(data.draw(st.integers(1, 12))))
    assert (cut, others.counts) == (whole, repairs.counts)


@pytest.mark.parametrize(
    ("parts", "concerns"),
    [
        ((Text("Plain words."),), False),
        ((Thinking("<hm>"), Text("Plain words.")), False),
        ((Text("Look: <tool_call>"),), True),
        ((Text(' {"name": "Read", "arguments": {}}'),), True),
        ((Text("line\nline"),), True),
        ((ToolCall("c", "Read"),), True),
    ],
)
def test_plain_answers_concern_nobody(parts: tuple[Part, ...], concerns: bool) -> None:
    response = Response(parts, Finish(Reason.END))
    tools = (Tool("Read", schema=Raw(b'{"type":"object"}')),)
    assert Repairs(Request("m", (), tools=tools), str).concern(response) is concerns
    assert not Repairs(Request("m", ()), str).concern(response)


@given(responses())
def test_what_does_not_concern_is_not_changed(response: Response) -> None:
    tools = tuple(Tool(part.name) for part in response.parts if isinstance(part, ToolCall))
    repairs = Repairs(Request("m", (), tools=(*tools, Tool("Read"))), str)
    if not repairs.concern(response):
        assert collect(repairs.feed([*replay(response)])).parts == collect(replay(response)).parts
        assert repairs.total == 0
