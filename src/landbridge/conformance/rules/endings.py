"""Endings: why an answer stopped, and that only what ended well looks like it."""

from __future__ import annotations

from msgspec.structs import replace

from ..play import Call, Manner, Says, says
from ..rule import Rule, Want, need
from ..seen import Seen
from ..sources import TRANSLATOR
from ..upstreams import chat
from .judging import ALL, failed, good, grammar, same_calls, stops_with, text_is

ARGS = '{"file_path":"/a/b.py"}'
TEXT = "The beginning of an answer."


def prompt_end(seen: Seen) -> None:
    good(seen)
    seconds = seen.only.answer.over_at - seen.only.answer.sent_at
    need(seconds < 5, f"the client had to wait {seconds:.1f} s for the end")


def no_success(seen: Seen) -> None:
    failed(seen)


def partial_kept(seen: Seen) -> None:
    failed(seen)
    need(seen.only.said.text in TEXT, "words came that nobody said")
    need(not seen.only.said.ended, "the terminal frame came")


def no_half_call(seen: Seen) -> None:
    failed(seen)
    need(seen.only.said.stop != "tools", "the half call looks like one to be run")


def length_wins(seen: Seen) -> None:
    if seen.only.said.error is not None:
        return
    good(seen)
    need(seen.good.stop == "length", f"a call that was cut off at the limit stops with '{seen.good.stop}'")


def derived(seen: Seen) -> None:
    good(seen)
    need(seen.good.stop == "end", f"stops with '{seen.good.stop}'")


def derived_call(seen: Seen) -> None:
    good(seen)
    same_calls(seen.good, ("Read", ARGS))
    need(seen.good.stop == "tools", f"an answer with a call stops with '{seen.good.stop}'")


def cut(ending: Manner) -> Says:
    return says(TEXT, manner=ending)


def refusal(seen: Seen) -> None:
    """The words and the reason."""
    good(seen)
    grammar(seen.good)
    need(seen.good.text == "I cannot help with that.", f"the words became '{seen.good.text}'")
    need(seen.good.stop == "filter", f"stops with '{seen.good.stop}'")


def closed_first(seen: Seen) -> None:
    failed(seen)
    need(seen.only.said.error is not None, "no error in the stream, the connection breaks")
    need(not seen.only.said.left_open, f"the error comes while a {seen.only.said.left_open} block is open")


RULES = (
    Rule(
        id="D1",
        title="An answer that is complete stops as such",
        source="P19",
        judge=stops_with("end"),
        plays=(says(TEXT),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="D2",
        title="A reached limit is said",
        source="P19",
        judge=stops_with("length"),
        faces=ALL,
        upstreams=ALL,
        plays=(replace(says(TEXT), stop="length"),),
    ),
    Rule(
        id="D3",
        title="Calls are the reason to stop where there are any",
        source="P19",
        judge=stops_with("tools"),
        faces=ALL,
        upstreams=ALL,
        plays=(says(Call("Read", ARGS)),),
        asks=(Want(tools=True),),
    ),
    Rule(
        id="D4",
        title="What a filter stopped is a refusal",
        source="P19",
        judge=stops_with("filter"),
        faces=ALL,
        upstreams=ALL,
        plays=(replace(says(TEXT), stop="filter"),),
    ),
    Rule(
        id="D5",
        title="Calls count even where the upstream says 'stop'",
        source="P18",
        judge=derived_call,
        asks=(Want(tools=True),),
        plays=(replace(says(Call("Read", ARGS)), stop="end"),),
        optional=True,
    ),
    Rule(
        id="D6",
        title="A stream that ends in [DONE] without a finish reason has ended well",
        source="P18",
        judge=derived,
        plays=(chat.chunks({"content": TEXT}, finish=None),),
    ),
    Rule(
        id="D7",
        title="What comes after [DONE] is nothing",
        source="P18",
        judge=text_is(TEXT),
        plays=(
            chat.chunks({"content": TEXT}, tail=chat.DONE + chat.record(chat.chunk({"content": " More!"})) + chat.DONE),
        ),
    ),
    Rule(
        id="D8",
        title="The end is passed on though the upstream keeps its connection open",
        source="P10",
        judge=prompt_end,
        plays=(says(TEXT, manner=Manner(ending="hang")),),
        faces=ALL,
        upstreams=("anthropic", "openai_chat", "openai_responses"),
        seconds=12,
    ),
    Rule(
        id="D9",
        title="A stream that ends in the middle without its terminal frame is a failure",
        source="P9",
        judge=partial_kept,
        plays=(chat.chunks({"content": TEXT}, finish=None, tail=b""),),
        faces=ALL,
    ),
    Rule(
        id="D10",
        title="A connection that is closed in the middle is a failure",
        source="P13, P14",
        judge=partial_kept,
        faces=ALL,
        upstreams=ALL,
        plays=(cut(Manner(until=-200, ending="close")),),
    ),
    Rule(
        id="D11",
        title="A connection that is reset in the middle is a failure",
        source="P13, P14",
        judge=partial_kept,
        faces=ALL,
        upstreams=ALL,
        plays=(cut(Manner(until=-200, ending="reset", pace=0.02)),),
    ),
    Rule(
        id="D12",
        title="A call that broke off is not run",
        source="P9, P13",
        judge=no_half_call,
        asks=(Want(tools=True),),
        faces=ALL,
        plays=(chat.chunks(chat.call_delta(0, "call_1", "Read", '{"file_path":"/a'), finish=None, tail=b""),),
    ),
    Rule(
        id="D13",
        title="A call that was cut off at the limit is not finished as one to be run",
        source=TRANSLATOR,
        judge=length_wins,
        asks=(Want(tools=True),),
        plays=(chat.chunks(chat.call_delta(0, "call_1", "Read", '{"file_path":"/a'), finish="length"),),
    ),
    Rule(
        id="D14",
        title="A finish reason 'error' is a failure",
        source="P11",
        judge=no_success,
        plays=(chat.chunks({"content": TEXT}, finish="error"),),
    ),
    Rule(
        id="D15",
        title="A refusal's words arrive, and it stops as one",
        source=TRANSLATOR,
        judge=refusal,
        plays=(chat.chunks({"role": "assistant", "refusal": "I cannot help with that."}),),
    ),
    Rule(
        id="D16",
        title="Open blocks are stopped before an error in the stream",
        source="P14",
        judge=closed_first,
        plays=(chat.chunks({"content": TEXT}, {"error": {"message": "no more"}}, finish=None, tail=b""),),
    ),
)
