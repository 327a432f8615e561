"""Streams: a legal sequence whose content is what the upstream said, whatever the form it was said in."""

from __future__ import annotations

from ..play import Call, Manner, Thought, says
from ..rule import Rule, Want, need
from ..seen import Seen
from ..sources import CLIENT, PROTOCOL
from ..upstreams import chat
from ..upstreams.messages import SIGNATURE
from .judging import ALL, BOTH, MIXED, calls_are, good, grammar, same_calls, same_text, short, text_is

ARGS = '{"file_path":"/a/b.py","limit":3}'
THOUGHT = "Let me think.\nFirst this, then that."
BYTEWISE = Manner(cuts=(1,))


def named(seen: Seen) -> None:
    need(seen.only.answer.records, f"no records: {short(seen.only.answer.body.decode('utf-8', 'replace'))}")
    nameless = [fault for fault in seen.good.faults if "event line" in fault or "whose type is" in fault]
    need(not nameless, "; ".join(nameless[:2]))


def one_start(seen: Seen) -> None:
    good(seen)
    names = [name for name, _ in seen.only.answer.records if name != b"ping"]
    need(
        names.count(b"message_start") == 1 and names[0] == b"message_start",
        f"message_start {names.count(b'message_start')} times",
    )


def full_start(seen: Seen) -> None:
    said = seen.good
    need(said.id, "message_start has no id")
    need(said.model, "message_start names no model")


def thinks(seen: Seen) -> None:
    good(seen)
    same_text(seen.good, MIXED, THOUGHT)
    need(seen.good.order[:2] == ["thinking", "text"], f"the blocks are {seen.good.order}")


def alternates(seen: Seen) -> None:
    good(seen)
    same_text(seen.good, "onetwo", "AB")
    need(seen.good.order == ["thinking", "text", "thinking", "text", "call"], f"the blocks are {seen.good.order}")
    same_calls(seen.good, ("Read", ARGS))


def mixed_chunk(seen: Seen) -> None:
    good(seen)
    same_text(seen.good, "say", "think")
    same_calls(seen.good, ("Read", ARGS))


def empty(seen: Seen) -> None:
    said = seen.only.said
    if said.error is not None and seen.only.answer.status != 200:
        return  # an error says it too
    grammar(said)
    need(seen.only.answer.ended == "whole", f"the answer did not end: {seen.only.answer.ended}")


def live(seen: Seen) -> None:
    good(seen)
    answer, received = seen.only.answer, seen.only.received
    first = answer.seconds_until(b"early")
    need(first < received.writes[-1] - answer.sent_at - 0.5, f"the first word came after {first:.1f} s, with the last")


def signed(seen: Seen) -> None:
    good(seen)
    need(seen.good.signatures == [SIGNATURE], f"the signatures became {seen.good.signatures}")


LONG = "0123456789abcdef" * 65_536
MANY = "".join(f"{number} " for number in range(3000))
CHUNK = chat.chunk({"content": "odd "})
ODD_LINES = (
    b": comment\r\n\r\n" + b"data:" + chat.dump(CHUNK) + b"\r\n\r\n" + b": keep-alive\r\n\r\ndata: "
    + chat.dump(chat.chunk({"content": "lines"})) + b"\r\n\r\ndata: " + chat.dump(chat.chunk({}, "stop"))
    + b"\r\n\r\ndata: [DONE]"
)  # fmt: skip


def whole_blocks(seen: Seen) -> None:
    good(seen)
    need(not seen.good.empty_blocks, f"a {(seen.good.empty_blocks or [''])[0]} block has no delta")


RULES = (
    Rule(
        id="C1",
        title="A stream follows its dialect's grammar from start to end",
        source="P1, P6, P20",
        judge=text_is(MIXED),
        plays=(says(MIXED),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="C2",
        title="Every record has its event line, which is the type of its data",
        source="P8",
        judge=named,
        plays=(says(MIXED),),
        upstreams=ALL,
    ),
    Rule(
        id="C3",
        title="There is one message_start, and it comes first",
        source="P4",
        judge=one_start,
        plays=(says(Thought(THOUGHT), MIXED),),
        upstreams=ALL,
    ),
    Rule(
        id="C4",
        title="message_start has an id and a model",
        source=PROTOCOL,
        judge=full_start,
        plays=(says(MIXED),),
    ),
    Rule(
        id="C5",
        title="Text cut anywhere, inside a character too, arrives as it was",
        source="P15",
        judge=text_is(MIXED),
        plays=(says(MIXED, manner=BYTEWISE),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="C6",
        title="The first word after thinking arrives, in a block of its own",
        source="P2, P4",
        judge=thinks,
        plays=(says(Thought(THOUGHT), MIXED),),
        upstreams=ALL,
    ),
    Rule(
        id="C7",
        title="Thinking, text and calls may take turns",
        source="P5",
        judge=alternates,
        plays=(says(Thought("A"), "one", Thought("B"), "two", Call("Read", ARGS)),),
        asks=(Want(tools=True),),
        upstreams=BOTH,
    ),
    Rule(
        id="C8",
        title="Reasoning is found in 'reasoning', too",
        source="P2",
        judge=thinks,
        plays=(chat.chunks({"role": "assistant", "reasoning": THOUGHT}, {"content": MIXED}),),
    ),
    Rule(
        id="C9",
        title="A chunk that holds thinking, text and a call loses none of them",
        source="P2, P3",
        judge=mixed_chunk,
        asks=(Want(tools=True),),
        plays=(
            chat.chunks(
                {"reasoning_content": "think", "content": "say", **chat.call_delta(0, "call_1", "Read", ARGS)},
                finish="tool_calls",
            ),
        ),
    ),
    Rule(
        id="C10",
        title="Words in the chunk that has the finish reason arrive",
        source="P1",
        judge=text_is("first and last"),
        plays=(chat.chunks({"content": "first "}, chat.chunk({"content": "and last"}, "stop"), finish=None),),
        faces=ALL,
    ),
    Rule(
        id="C11",
        title="An answer with nothing in it is a legal sequence",
        source="P7",
        judge=empty,
        faces=BOTH,
        plays=(chat.chunks({"role": "assistant", "content": ""}),),
    ),
    Rule(
        id="C12",
        title="CRLF, comments, no blank after 'data:' and no blank line at the end are all right",
        source="P15",
        judge=text_is("odd lines"),
        plays=(chat.raw(ODD_LINES),),
    ),
    Rule(
        id="C13",
        title="A whole answer to a request for a stream becomes a stream",
        source="P7",
        judge=text_is("whole"),
        plays=(chat.answer({"content": "whole"}),),
        optional=True,
    ),
    Rule(
        id="C14",
        title="A single record of 1 MB arrives",
        source=CLIENT,
        judge=text_is(LONG),
        plays=(chat.chunks({"content": LONG}),),
        faces=ALL,
    ),
    Rule(
        id="C15",
        title="3,000 small records arrive",
        source=CLIENT,
        judge=text_is(MANY),
        plays=(chat.chunks(*[{"content": f"{number} "} for number in range(3000)]),),
        faces=ALL,
    ),
    Rule(
        id="C16",
        title="What has come is passed on at once",
        source="P16",
        judge=live,
        faces=ALL,
        upstreams=ALL,
        plays=(says("early " + "x" * 21, manner=Manner(pace=0.3)),),
    ),
    Rule(
        id="C17",
        title="A signature arrives, as a signature_delta in its thinking block",
        source=PROTOCOL,
        judge=signed,
        plays=(says(Thought(THOUGHT), "done"),),
        upstreams=("anthropic",),
    ),
    Rule(
        id="C18",
        title="Calls after text and thinking are all there",
        source="P34",
        judge=calls_are(("Read", ARGS), ("Bash", '{"command":"ls"}'), ("Read", '{"file_path":"/c"}')),
        plays=(
            says(
                Thought(THOUGHT),
                "I look.",
                Call("Read", ARGS),
                Call("Bash", '{"command":"ls"}'),
                Call("Read", '{"file_path":"/c"}'),
            ),
        ),
        asks=(Want(tools=True),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="C19",
        title="Every block has at least one delta, that of a call without arguments too",
        source=PROTOCOL,
        judge=whole_blocks,
        asks=(Want(tools=True),),
        plays=(chat.chunks(chat.call_delta(0, "call_1", "ListAgents", ""), finish="tool_calls"),),
        optional=True,
    ),
)
