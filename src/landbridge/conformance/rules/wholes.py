"""Whole answers: the same request without a stream, which clients fall back to at any time."""

from __future__ import annotations

from ..faces import messages
from ..node import Node
from ..play import Call, Manner, Thought, says
from ..rule import Ask, Rule, Want, need
from ..seen import Seen
from ..sources import CLIENT, OPENAI, PROTOCOL
from ..upstreams import chat
from .judging import ALL, BOTH, MIXED, calls_are, good, same_calls, same_text, text_is

ARGS = '{"file_path":"/a/b.py","limit":3}'
WHOLE = (Want(stream=False, tools=True),)
MANY = says(Thought("Hm."), "I look.", Call("Read", ARGS), Call("Bash", '{"command":"ls -l"}'))
MESSAGE_FIELDS = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage")
COMPLETION_FIELDS = ("id", "object", "created", "model", "choices", "usage")


def has_fields(seen: Seen) -> None:
    good(seen)
    body = seen.only.answer.json
    wanted = MESSAGE_FIELDS if "content" in body else COMPLETION_FIELDS
    need(not [name for name in wanted if name not in body], f"of {', '.join(wanted)} there are {body.keys}")


def in_order(seen: Seen) -> None:
    good(seen)
    same_text(seen.good, "I look.", "Hm.")
    need(seen.good.order == ["thinking", "text", "call", "call"], f"the blocks are {seen.good.order}")
    same_calls(seen.good, ("Read", ARGS), ("Bash", '{"command":"ls -l"}'))


def same(seen: Seen) -> None:
    """The stream and the whole answer have the same content."""
    stream, whole = seen[0].good, seen[1].good
    for name in ("text", "thinking", "order", "stop", "output"):
        one, other = getattr(stream, name), getattr(whole, name)
        need(one == other, f"{name} is {one!r} streamed and {other!r} whole")
    same_calls(whole, *((call.name, call.args) for call in stream.calls))


def inputs_are_objects(seen: Seen) -> None:
    good(seen)
    blocks = [block for block in seen.only.answer.json["content"] if block["type"].text == "tool_use"]
    need(blocks and all(block["input"].is_object for block in blocks), f"inputs: {[Node(b.value) for b in blocks]}")


RULES = (
    Rule(
        id="E1",
        title="A whole answer has every field of its form",
        source=PROTOCOL,
        judge=has_fields,
        asks=(Want(stream=False),),
        plays=(says(MIXED),),
        faces=BOTH,
        upstreams=BOTH,
    ),
    Rule(
        id="E2",
        title="Its text is what the upstream said, however the bytes were cut",
        source="P15",
        judge=text_is(MIXED),
        asks=(Want(stream=False),),
        plays=(says(MIXED, manner=Manner(cuts=(1,))),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="E3",
        title="Thinking, text and calls keep their order",
        source="P34",
        judge=in_order,
        asks=WHOLE,
        plays=(MANY,),
        upstreams=ALL,
    ),
    Rule(
        id="E4",
        title="The same request has the same answer, streamed and whole",
        source=CLIENT,
        judge=same,
        asks=(Want(tools=True), *WHOLE),
        plays=(MANY,),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="E5",
        title="Without 'stream' the answer is whole",
        source=PROTOCOL,
        judge=good,
        asks=(Ask(body=messages.ask(stream=False).body),),
        plays=(says(MIXED),),
    ),
    Rule(
        id="E6",
        title="A call without arguments has an empty object as input",
        source="P26",
        judge=calls_are(("ListAgents", "{}")),
        asks=WHOLE,
        plays=(
            chat.answer(
                {
                    "content": None,
                    "tool_calls": [
                        {"id": "call_1", "type": "function", "function": {"name": "ListAgents", "arguments": ""}}
                    ],
                },
                "tool_calls",
            ),
        ),
    ),
    Rule(
        id="E7",
        title="The input of a call is always an object",
        source="P29",
        judge=inputs_are_objects,
        asks=WHOLE,
        plays=(
            chat.answer(
                {
                    "content": None,
                    "tool_calls": [
                        {"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": '"/a"'}}
                    ],
                },
                "tool_calls",
            ),
        ),
    ),
    Rule(
        id="E8",
        title="Null content beside calls is no text",
        source=OPENAI,
        judge=calls_are(("Read", ARGS)),
        asks=WHOLE,
        faces=BOTH,
        plays=(says(Call("Read", ARGS)),),
    ),
)
