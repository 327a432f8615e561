"""Ids and names: unique where clients tell things apart by them, and the same on the way back."""

from __future__ import annotations

import re

from ..faces import messages
from ..play import Call, Says, says
from ..rule import Ask, Request, Rule, Want, need
from ..seen import Exchange, Received, Seen
from ..sources import CLIENT, OPENAI
from ..upstreams import chat
from .judging import good, grammar, same_calls, unique_ids

ARGS = '{"file_path":"/a"}'
LEGAL = re.compile(r"[a-zA-Z0-9_-]+")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
ODD_ID = "call:0/read#1.é"
LONG_NAME = "mcp__a_server_with_a_very_long_name__" + "and_a_tool_whose_name_is_long_too" * 2


def unique_messages(seen: Seen) -> None:
    ids = [exchange.good.id for exchange in seen]
    need(all(ids) and len(set(ids)) == len(ids), f"the ids of the answers are {ids}")


def legal_ids(seen: Seen) -> None:
    good(seen)
    ids = [call.id for call in seen.good.calls]
    need(ids and all(LEGAL.fullmatch(id) for id in ids), f"Anthropic's API takes no id like {ids}")


def back(exchanges: list[Exchange]) -> Request:
    """The second turn: the call and its result, with the id the client was given."""
    said = exchanges[0].said
    id = said.calls[0].id if said.calls else "none"
    return messages.ask(
        messages.user(messages.PROMPT), messages.assistant(messages.call(id, file_path="/a")),
        messages.user(messages.result(id, "the content")), tools=messages.tools(), stream=True,
    )  # fmt: skip


def round_trip(seen: Seen) -> None:
    """Call and result have the same id upstream."""
    _ = seen[0].good
    sent = seen.sent["messages"]
    calls = [call["id"].text for message in sent for call in message["tool_calls"]]
    results = [message["tool_call_id"].text for message in sent if message["role"].text == "tool"]
    need(calls and calls == results, f"the call's id is {calls}, its result's {results}")


def fresh_ids(seen: Seen) -> None:
    """Ids are there and differ from answer to answer, though the upstream numbers from 0 each time."""
    unique_ids([call for exchange in seen for call in exchange.good.calls])


def made_ids(seen: Seen) -> None:
    good(seen)
    same_calls(seen.good, ("Read", ARGS), ("Read", '{"file_path":"/b"}'))
    unique_ids(seen.good.calls)


def renamed(seen: Seen) -> None:
    """A name the upstream could not take is shortened for it, and the call comes back by the client's name."""
    sent = seen.only.sent["tools"][0]["function"]["name"].text
    need(NAME.fullmatch(sent), f"the upstream, which takes 64 letters, digits, _ and -, got '{sent}'")
    grammar(seen.good)
    need(seen.good.calls and seen.good.calls[0].name == LONG_NAME, f"called was {[c.name for c in seen.good.calls]}")


def long_tool() -> Ask:
    tool = {"name": LONG_NAME, "description": "A tool.", "input_schema": {"type": "object", "properties": {}}}
    return messages.ask(tools=[tool])


def calls_offered(received: Received) -> Says:
    """The upstream calls the first tool by the name it was offered under."""
    return says(Call(received.json["tools"][0]["function"]["name"].text, "{}"))


NUMBERED = chat.chunks(chat.call_delta(0, "call_0", "Read", ARGS), finish="tool_calls")
NAMELESS = chat.chunks(
    {"tool_calls": [{"index": 0, "function": {"name": "Read", "arguments": ARGS}}]},
    {"tool_calls": [{"index": 1, "function": {"name": "Read", "arguments": '{"file_path":"/b"}'}}]},
    finish="tool_calls",
)


RULES = (
    Rule(
        id="I1",
        title="No two answers have the same id, even where the upstream's have",
        source=CLIENT,
        judge=unique_messages,
        asks=(Want(), Want(), Want(stream=False)),
        plays=(chat.chunks({"content": "a"}), chat.chunks({"content": "b"}), chat.answer({"content": "c"})),
    ),
    Rule(
        id="I2",
        title="Ids of calls have letters Anthropic's API takes, whatever the upstream's have",
        source="P33",
        judge=legal_ids,
        asks=(Want(tools=True),),
        plays=(says(Call("Read", ARGS, ODD_ID)),),
    ),
    Rule(
        id="I3",
        title="A call and its result have one id on the way back",
        source="P33",
        judge=round_trip,
        asks=(Want(tools=True), back),
        plays=(says(Call("Read", ARGS, ODD_ID)), says("done")),
    ),
    Rule(
        id="I4",
        title="Calls differ by id within a conversation, though the upstream counts from 0 in every answer",
        source="P22",
        judge=fresh_ids,
        asks=(Want(tools=True), back),
        plays=(NUMBERED, NUMBERED),
    ),
    Rule(
        id="I5",
        title="Calls without an id get one",
        source="P22",
        judge=made_ids,
        asks=(Want(tools=True),),
        plays=(NAMELESS,),
    ),
    Rule(
        id="I6",
        title="A tool's name that is too long for the upstream comes back as it was",
        source=OPENAI,
        judge=renamed,
        asks=(long_tool(),),
        plays=(calls_offered,),
    ),
)
