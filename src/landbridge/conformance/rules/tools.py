"""Tool calls: what the model called is what the client gets, whatever pieces it came in."""

from __future__ import annotations

from ..play import Call, Manner, says
from ..rule import Rule, Want, broken, need
from ..seen import Seen
from ..upstreams import chat
from ..upstreams.chat import call_delta
from .judging import ALL, BOTH, calls_are, good, same_calls, short, unique_ids

TOOLS = (Want(tools=True),)
EITHER = (Want(tools=True), Want(tools=True, stream=False))
ARGS = '{"file_path":"/a/b.py","limit":3}'
OTHER = '{"command":"ls -l \\"x y\\"","timeout":1.50}'
WIDE = '{"command":"echo \'Grüße 🙂\' \\u2028 \\n \\\\ end"}'
THREE = (("Read", '{"file_path":"/1"}'), ("Bash", '{"command":"two"}'), ("Read", '{"file_path":"/3"}'))


def raw_args(seen: Seen) -> None:
    """Broken arguments are put right, or passed on as they are, or an error; never an empty object."""
    said = seen.only.said
    if said.error is not None:
        return
    good(seen)
    need(len(said.calls) == 1, f"{len(said.calls)} calls")
    if said.calls[0].args.strip() in ("", "{}", "null"):
        broken("broken arguments became an empty object")
    need("/a/b" in said.calls[0].args, f"the arguments became {short(said.calls[0].args)}")


def empty_args(seen: Seen) -> None:
    good(seen)
    same_calls(seen.good, ("ListAgents", "{}"))


def all_kept(seen: Seen) -> None:
    for exchange in seen:
        same_calls(exchange.good, *THREE)
        unique_ids(exchange.good.calls)


def leaked(seen: Seen) -> None:
    good(seen)
    same_calls(seen.good, ("Read", '{"file_path":"/a"}'))
    need("tool_call" not in seen.good.text, f"the markup is shown to the user: {short(seen.good.text)}")


def dropped(seen: Seen) -> None:
    good(seen)
    need(len(seen.good.calls) == 1, f"{len(seen.good.calls)} calls")
    need('"pages"' not in seen.good.calls[0].args, "an optional parameter with nothing in it is passed on")


def words_beside(seen: Seen) -> None:
    good(seen)
    need(seen.good.text == "I look.", f"the text became {short(seen.good.text)}")
    same_calls(seen.good, ("Read", ARGS))


def opened(index: int, name: str, args: str) -> chat.Json:
    return call_delta(index, f"call_{index}", name, args)


INTERLEAVED = chat.chunks(
    opened(0, "Read", ""), opened(1, "Bash", ""), opened(2, "Read", ""),
    call_delta(0, args='{"file_'), call_delta(1, args='{"comm'), call_delta(2, args='{"file_path"'),
    call_delta(1, args='and":"two"}'), call_delta(0, args='path":"/1"}'), call_delta(2, args=':"/3"}'),
    finish="tool_calls",
)  # fmt: skip
REPEATED = chat.chunks(
    *(call_delta(0, f"call_{number}", name, args) for number, (name, args) in enumerate(THREE)), finish="tool_calls"
)
LATE = chat.chunks(
    opened(0, "Read", '{"file_path":'), opened(1, "Bash", '{"command":"two"}'), call_delta(0, args='"/1"}'),
    opened(2, "Read", '{"file_path":"/3"}'), finish="tool_calls",
)  # fmt: skip
MARKUP = 'I look.\n<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_call>'
BROKEN = '{"file_path": "/a/b, "limit": 3'

LAST = {
    "index": 0,
    "delta": {},
    "message": {"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": ARGS}}]},
    "finish_reason": "tool_calls",
}
WITH_MESSAGE = chat.chunk({}) | {"choices": [LAST]}

RULES = (
    Rule(
        id="H1",
        title="A call's name and arguments arrive",
        source="P24",
        judge=calls_are(("Read", ARGS)),
        asks=TOOLS,
        plays=(says(Call("Read", ARGS)),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="H2",
        title="Arguments in the delta that opens the call are not lost",
        source="P3",
        judge=calls_are(("Read", ARGS)),
        asks=TOOLS,
        faces=BOTH,
        plays=(
            chat.chunks(
                call_delta(0, "call_1", "Read", '{"file_path":'),
                call_delta(0, args='"/a/b.py","limit":3}'),
                finish="tool_calls",
            ),
        ),
    ),
    Rule(
        id="H3",
        title="Arguments arrive that come one character at a time, cut inside characters",
        source="P15",
        judge=calls_are(("Bash", WIDE)),
        asks=TOOLS,
        faces=ALL,
        upstreams=ALL,
        plays=(says(Call("Bash", WIDE), manner=Manner(cuts=(1,))),),
    ),
    Rule(
        id="H4",
        title="Parallel calls stay apart",
        source="P21, P34",
        judge=calls_are(*THREE),
        asks=TOOLS,
        faces=ALL,
        upstreams=ALL,
        plays=(says(*(Call(name, args) for name, args in THREE)),),
    ),
    Rule(
        id="H5",
        title="Calls that all have index 0 stay apart",
        source="P22",
        judge=calls_are(*THREE),
        asks=TOOLS,
        plays=(REPEATED,),
    ),
    Rule(
        id="H6",
        title="Pieces of several calls that come in turns are put together",
        source="P23, P24",
        judge=calls_are(*THREE),
        asks=TOOLS,
        plays=(INTERLEAVED,),
    ),
    Rule(
        id="H7",
        title="A piece that comes after another call began is not lost",
        source="P24",
        judge=calls_are(*THREE),
        asks=TOOLS,
        plays=(LATE,),
    ),
    Rule(
        id="H8",
        title="A whole answer's calls are all kept, streamed or not",
        source="P21",
        judge=all_kept,
        asks=EITHER,
        plays=(says(*(Call(name, args) for name, args in THREE)),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="H9",
        title="A call without arguments has an empty object, and nothing is joined to it",
        source="P25, P26",
        judge=empty_args,
        asks=TOOLS,
        plays=(chat.chunks(call_delta(0, "call_1", "ListAgents", ""), finish="tool_calls"),),
    ),
    Rule(
        id="H10",
        title="Arguments '{}' stay an empty object",
        source="P25",
        judge=calls_are(("ListAgents", "{}")),
        asks=TOOLS,
        plays=(chat.chunks(call_delta(0, "call_1", "ListAgents", "{}"), finish="tool_calls"),),
        faces=BOTH,
    ),
    Rule(
        id="H11",
        title="Broken arguments never become an empty object",
        source="P29",
        judge=raw_args,
        asks=TOOLS,
        plays=(chat.chunks(call_delta(0, "call_1", "Read", BROKEN), finish="tool_calls"),),
    ),
    Rule(
        id="H12",
        title="Broken arguments of a whole answer never become an empty object",
        source="P29",
        judge=raw_args,
        asks=(Want(tools=True, stream=False),),
        plays=(says(Call("Read", BROKEN)),),
    ),
    Rule(
        id="H13",
        title="Words before a call arrive",
        source="P34",
        judge=words_beside,
        asks=TOOLS,
        plays=(says("I look.", Call("Read", ARGS)),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="H14",
        title="A call that a model wrote into its text becomes a call",
        source="P30",
        judge=leaked,
        asks=TOOLS,
        plays=(says(MARKUP),),
        optional=True,
    ),
    Rule(
        id="H15",
        title="An optional parameter that is an empty text is left out",
        source="P28",
        judge=dropped,
        asks=TOOLS,
        plays=(says(Call("Read", '{"file_path":"/a.pdf","pages":""}')),),
        optional=True,
    ),
    Rule(
        id="H16",
        title="A call's numbers and escapes mean what they meant",
        source="P24",
        judge=calls_are(("Bash", OTHER)),
        asks=TOOLS,
        plays=(says(Call("Bash", OTHER)),),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="H17",
        title="Arguments that come only with the whole message at the end are taken from there",
        source="P27",
        judge=calls_are(("Read", ARGS)),
        asks=TOOLS,
        plays=(chat.chunks(call_delta(0, "call_1", "Read", ""), WITH_MESSAGE, finish=None),),
        optional=True,
    ),
)
