"""The watch completes endings and keeps tool calls."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut
from landbridge.gateway.originals import Originals
from landbridge.gateway.watch import Watch
from landbridge.neutral.events import BlockStart, BlockStop, Delta, Event, Failed, Finish, Kind, Reason, Start, Usage
from landbridge.neutral.parts import Message, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from tests.laws.strategies import responses

TEXT: list[Event] = [Start(), BlockStart(0, Kind.TEXT), Delta(0, "x" * 36), BlockStop(0)]


def test_events_pass_unchanged() -> None:
    watch = Watch(Originals(), lambda: 9)
    events: list[Event] = [*TEXT, Usage(input=5, output=2), Finish(Reason.END)]
    assert watch.see(events) == events
    assert watch.usage == Usage(input=5, output=2)
    assert watch.finish == Finish(Reason.END)
    assert watch.has_content


def test_p76_usage_is_added_where_the_upstream_gave_none() -> None:
    watch = Watch(Originals(), lambda: 9)
    seen = watch.see([*TEXT, Finish(Reason.END)])
    assert seen[-2] == Usage(input=9, output=10, estimated=True)
    assert seen[-1] == Finish(Reason.END)


def test_p66_the_full_window_is_told_apart() -> None:
    watch = Watch(Originals(), lambda: 9)
    watch.window, watch.max_tokens = 100, 50
    assert watch.see([*TEXT, Usage(input=80, output=20), Finish(Reason.LENGTH)])[-1] == Finish(Reason.CONTEXT_FULL)


def test_p66_windows_and_limits_are_those_of_each_round() -> None:
    """Usage adds up over the rounds of an answer; what is full is the window of the last one."""
    for usage, reason in (
        (Usage(input=180, output=40), Reason.CONTEXT_FULL),
        (Usage(input=100, output=70), Reason.LENGTH),
    ):
        watch = Watch(Originals(), lambda: 9)
        watch.window, watch.max_tokens, watch.before = 100, 50, Usage(input=100, output=20)
        assert watch.see([*TEXT, usage, Finish(Reason.LENGTH)])[-1] == Finish(reason)


def test_p79_how_much_of_a_rounds_prompt_was_known_is_that_of_this_round() -> None:
    watch = Watch(Originals(), lambda: 77)
    assert watch.prompt_read() == (77, None), "nobody has said it yet"
    watch.see([Usage(input=40, cache_read=60, output=5)])
    assert watch.prompt_read() == (100, 60)
    watch.before = Usage(input=30, cache_read=10, output=2)
    assert watch.prompt_read() == (60, 50)


def test_finished_tool_calls_are_kept() -> None:
    originals = Originals()
    watch = Watch(originals, lambda: 9)
    watch.see([Start(usage=Usage(input=3)), BlockStart(0, Kind.TOOL, "t1", "Edit"), Delta(0, '{"a" :')])
    watch.see([Delta(0, " 1}"), BlockStop(0)])
    history = Request("m", (Message("assistant", (ToolCall("t1", "Edit", Raw(b'{"a":1}')),)),))
    part = originals.restore(history).messages[0].parts[0]
    assert isinstance(part, ToolCall)
    assert bytes(part.args) == b'{"a" : 1}'
    assert watch.usage.input == 3


def test_calls_come_back_by_the_names_the_client_gave() -> None:
    originals = Originals()
    watch = Watch(originals, lambda: 9)
    watch.names = {"a_b_1234": "a.b"}
    started = watch.see([BlockStart(0, Kind.TOOL, "t1", "a_b_1234"), Delta(0, '{"x" : 1}'), BlockStop(0)])[0]
    assert started == BlockStart(0, Kind.TOOL, "t1", "a.b")
    call = watch.whole(Response((ToolCall("t2", "a_b_1234", Raw(b"{}")),), Finish(Reason.TOOLS))).parts[0]
    assert isinstance(call, ToolCall) and call.name == "a.b"
    history = Request("m", (Message("assistant", (ToolCall("t1", "a.b", Raw(b'{"x":1}')),)),))
    part = originals.restore(history).messages[0].parts[0]
    assert isinstance(part, ToolCall) and bytes(part.args) == b'{"x" : 1}', "what it wrote is kept under that name"


def test_p13_a_failure_is_remembered_with_the_usage_so_far() -> None:
    watch = Watch(Originals(), lambda: 9)
    error = Cut("gone")
    assert watch.see([*TEXT, Usage(input=7), Failed(error)])[-1] == Failed(error)
    assert watch.failed is error
    assert watch.usage.input == 7


HISTORY = (Message("assistant", (ToolCall("call_0", "Edit"),)),)


def test_ids_that_the_conversation_has_already_are_replaced() -> None:
    watch = Watch(Originals(), lambda: 9, HISTORY)
    calls: list[Event] = []
    for index, id in enumerate(("call_0", "call_1", "call_1", "")):
        calls += [BlockStart(index, Kind.TOOL, id, "Edit"), Delta(index, "{}"), BlockStop(index)]
    seen = watch.see([Start(), *calls])
    ids = [event.id for event in seen if isinstance(event, BlockStart)]
    assert ids[1] == "call_1"
    assert len({"call_0", *ids}) == 5
    assert all(ids)


def test_p75_the_prompt_is_guessed_once_and_only_where_nobody_knows_better() -> None:
    asked = []

    def guess() -> int:
        asked.append(1)
        return 9

    watch = Watch(Originals(), guess)
    watch.see([*TEXT, Usage(input=5, output=2), Finish(Reason.END)])
    assert asked == []
    assert (watch.prompt, watch.prompt, asked) == (9, 9, [1])
    exact = Watch(Originals(), guess)
    exact.prompt = 40
    assert exact.see([*TEXT, Finish(Reason.END)])[-2] == Usage(input=40, output=10, estimated=True)
    assert asked == [1]


@given(responses(), st.integers(1, 60), st.none() | st.integers(1, 60))
def test_a_whole_answer_is_completed_as_a_streamed_one(response: Response, window: int, limit: int | None) -> None:
    kept = Originals(), Originals()
    one, other = (Watch(originals, lambda: 9, HISTORY) for originals in kept)
    for watch in (one, other):
        watch.window, watch.max_tokens = window, limit
    streamed = collect(one.see([*replay(response)]))
    whole = other.whole(response)
    assert (whole.finish, whole.usage) == (streamed.finish, streamed.usage)
    assert (one.usage, one.finish, one.has_content) == (other.usage, other.finish, other.has_content)
    ids = [[part.id for part in answer.parts if isinstance(part, ToolCall)] for answer in (streamed, whole)]
    asked = [part.id for part in response.parts if isinstance(part, ToolCall)]
    for given_ids in ids:
        assert len({"call_0", *given_ids}) == len(given_ids) + 1
        first = [id for id, before in zip(given_ids, asked, strict=True) if id == before]
        assert set(first) == {id for id in asked if id and id != "call_0"}
    assert len(kept[0]) == len(kept[1])
