"""Events with calls in their text become events with calls; everything else passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    check_grammar,
)
from landbridge.neutral.response import collect
from landbridge.wire.repair.leaks import Leaks
from tests.laws.machines import read
from tests.laws.render import stream
from tests.laws.strategies import Story, stories

from .test_search import CALL, prose
from .tools import SHAPES, answer, counting, text, told

ARGS = '{"file_path": "/a"}'
WHOLE = f'{{"name": "Read", "arguments": {ARGS}}}'


def tool(index: int, number: int = 1) -> list[Event]:
    return [BlockStart(index, Kind.TOOL, f"call_{number}", "Read"), Delta(index, ARGS), BlockStop(index)]


def words(index: int, text: str) -> list[Event]:
    return [BlockStart(index, Kind.TEXT), Delta(index, text), BlockStop(index)]


def put_right(events: Iterable[Event], *, whole: bool = True) -> tuple[list[Event], dict[str, int]]:
    counts: Counter[str] = Counter()
    stage = Leaks(SHAPES, counting(), lambda name, times: counts.update({name: times}), whole=whole)
    out = told(each for event in events for each in stage.feed([event]))
    assert not stage.close()
    check_grammar(out)
    return out, dict(counts)


def test_p30_a_call_cuts_its_block() -> None:
    events = answer(text("I look. ", CALL[:9], CALL[9:], " Done."))
    assert put_right(events) == (
        [Start(), *words(0, "I look. "), *tool(1), *words(2, " Done."), Finish(Reason.TOOLS)],
        {"leaked_call": 1},
    )


def test_p29_what_was_mended_in_it_is_counted_too() -> None:
    broken = '<tool_call>{"name": "Read", "arguments": {"limit": None,}}</tool_call>'
    assert put_right(answer(text(broken)))[1] == {"leaked_call": 1, "python_word": 1, "trailing_comma": 1}


def test_p30_no_empty_blocks_are_left() -> None:
    alone = [Start(), *tool(0), Finish(Reason.TOOLS)]
    assert put_right(answer(text(CALL)))[0] == alone
    assert put_right(answer(text("\n\n", CALL, "\n")))[0] == alone
    two = [Start(), *tool(0), *tool(1, 2), Finish(Reason.TOOLS)]
    assert put_right(answer(text(CALL, "\n", CALL)))[0] == two
    assert put_right(answer(text(CALL), text(CALL)))[0] == two


def test_p30_indexes_are_counted_anew() -> None:
    thought = (Kind.THINKING, "", ["Hm."])
    own = (Kind.TOOL, "Bash", ["{}"])
    out, _ = put_right(answer(thought, text("A", CALL, "B"), own, thought))
    assert [event.index for event in out if isinstance(event, BlockStart)] == [0, 1, 2, 3, 4, 5]
    assert [part.__class__.__name__ for part in collect(out).parts] == [
        "Thinking",
        "Text",
        "ToolCall",
        "Text",
        "ToolCall",
        "Thinking",
    ]
    fewer, _ = put_right(answer(text(CALL), own))
    assert [event.index for event in fewer if isinstance(event, Delta)] == [0, 1]


@pytest.mark.parametrize("reason", Reason)
def test_p30_only_an_answer_that_ended_in_order_ends_with_its_calls(reason: Reason) -> None:
    out, _ = put_right(answer(text(CALL), reason=reason))
    assert out[-1] == Finish(Reason.TOOLS if reason is Reason.END else reason)
    out, _ = put_right(answer(text("No call."), reason=reason))
    assert out[-1] == Finish(reason)


@pytest.mark.parametrize("said", [WHOLE, f"```json\n{WHOLE}\n```", f"\n{WHOLE}\n"])
def test_p30_a_whole_answer_waits_for_its_end(said: str) -> None:
    events = [*answer(text(said))[:-1], Usage(output=5), Finish(Reason.END)]
    assert put_right(events)[0] == [Start(), Usage(output=5), *tool(0), Finish(Reason.TOOLS)]
    thought = (Kind.THINKING, "", ["Hm."])
    assert put_right(answer(thought, text(said)))[1] == {"leaked_call": 1}
    for others in (
        answer(text(said), reason=Reason.LENGTH),
        answer(text(said), text("More.")),
        answer(text(said), thought),
        answer(text(said), (Kind.TOOL, "Bash", ["{}"]), reason=Reason.TOOLS),
        answer((Kind.TOOL, "Bash", ["{}"]), text(said), reason=Reason.TOOLS),
        answer(text("Well."), text(said)),
    ):
        assert put_right(others) == (others, {})
    assert put_right(answer(text(said)), whole=False) == (answer(text(said)), {})


def test_p30_unclosed_markup_is_given_back() -> None:
    for cut in range(1, len(CALL)):
        events = answer(text("A ", CALL[:cut]))
        assert put_right(events) == (told(events), {})


def test_a_stream_that_breaks_gives_what_came() -> None:
    error = Failed(Cut("gone"))
    for cut in (0, 5, 20, len(CALL) - 1):
        came = answer(text("A ", CALL[:cut]))[:-2]
        assert put_right([*came, error]) == ([*told(came), error], {})
    waiting = answer(text(WHOLE))[:-1]
    assert put_right([*waiting, error]) == ([*waiting, error], {})
    assert put_right([error]) == ([error], {})


def test_without_an_ending_close_gives_what_came() -> None:
    for came in (answer(text("A ", CALL[:20]))[:-2], answer(text(WHOLE))[:-1]):
        stage = Leaks(SHAPES, counting(), lambda *_: None)
        assert told([*stage.feed(came), *stage.close()]) == told(came)
        assert stage.close() == []


def test_signatures_stay() -> None:
    signed = [*answer(text(CALL))[:-2], BlockStop(0, "c2ln", "gemini"), Finish(Reason.END)]
    out, _ = put_right(signed)
    assert out[-3:] == [BlockStart(1, Kind.TEXT), BlockStop(1, "c2ln", "gemini"), Finish(Reason.TOOLS)]
    signed = [*answer(text("A"))[:-2], BlockStop(0, "c2ln", "gemini"), Finish(Reason.END)]
    assert put_right(signed)[0] == signed


def test_records_of_the_dialect_stay_beside_their_block() -> None:
    def note(index: int) -> Extra:
        return Extra(index, "openai_chat", "logprobs", Raw(b"1"))

    came: list[Event] = [
        Start(),
        note(-1),
        BlockStart(0, Kind.TEXT),
        note(0),
        Delta(0, "A "),
        note(0),
        Delta(0, CALL),
        note(0),
        Delta(0, "B"),
        note(0),
        BlockStop(0),
        Finish(Reason.END),
    ]
    out, _ = put_right(came)
    assert [event.index for event in out if isinstance(event, Extra)] == [-1, -1, 0, -1, 2]


def test_empty_and_blank_blocks_pass() -> None:
    for fragments in ([], [""], [" "], ["", "\n"]):
        events = answer(text(*fragments), text("A"))
        assert [event for event in put_right(events)[0] if event != Delta(0, "")] == told(
            event for event in events if event != Delta(0, "")
        )


# -- laws


@given(story=stories())
def test_what_has_no_markup_passes_unchanged(story: Story) -> None:
    for name in ("openai_chat", "anthropic"):
        events = read(name, [stream(name, story)])
        out, counts = put_right(events)
        assert not counts
        assert [event for event in out if not isinstance(event, Usage)] == [
            event for event in told(events) if not isinstance(event, Usage)
        ]


@given(
    blocks=st.lists(st.tuples(st.sampled_from([Kind.TEXT, Kind.THINKING, Kind.TOOL]), prose), max_size=5),
    data=st.data(),
)
def test_law_1_2_any_cut_gives_the_same_legal_events(blocks: list[tuple[Kind, str]], data: st.DataObject) -> None:
    reason = data.draw(st.sampled_from(Reason))
    cut, plain = [], []
    for kind, said in blocks:
        places = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=4)))
        pieces = [said[start:end] for start, end in zip([0, *places], [*places, len(said)], strict=True)]
        cut.append((kind, "Bash" if kind is Kind.TOOL else "", [piece for piece in pieces if piece]))
        plain.append((kind, "Bash" if kind is Kind.TOOL else "", [said] if said else []))
    assert put_right(answer(*cut, reason=reason)) == put_right(answer(*plain, reason=reason))
