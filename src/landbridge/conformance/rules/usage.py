"""Usage: what it cost, complete, in the fields clients read."""

from __future__ import annotations

from ..faces import messages
from ..node import Node, read_node
from ..play import Tokens, says
from ..rule import Rule, Want, need
from ..seen import Seen
from ..upstreams import chat
from .judging import ALL, good, short

EITHER = (Want(), Want(stream=False))
PROMPT, OUTPUT, CACHED = 1200, 77, 500
COUNTED = says("Hello.", usage=Tokens(PROMPT, OUTPUT, CACHED))
NUMBERS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
TIERS = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def counted(seen: Seen) -> None:
    for exchange in seen:
        said = exchange.good
        need(said.output == OUTPUT, f"{OUTPUT} tokens of the answer became {said.output}")
        need(said.prompt == PROMPT, f"{PROMPT} tokens of the prompt became {said.prompt}")


def cached(seen: Seen) -> None:
    for exchange in seen:
        need(exchange.good.cached == CACHED, f"{CACHED} tokens from the cache became {exchange.good.cached}")


def without_cached(seen: Seen) -> None:
    for exchange in seen:
        _ = exchange.good
        found = exchange.said.usage["input_tokens"].count
        need(found == PROMPT - CACHED, f"input_tokens is {found}, of {PROMPT} of which {CACHED} came from the cache")


def start_usage(seen: Seen) -> Node:
    """Usage of message_start."""
    good(seen)
    found = [read_node(data) for name, data in seen.only.answer.records if name == b"message_start"]
    return (found or [Node()])[0]["message"]["usage"]


def whole_start(seen: Seen) -> None:
    usage = start_usage(seen)
    missing = [name for name in NUMBERS if usage[name].count < 0]
    need(not missing, f"in message_start {', '.join(missing)} is no number: {short(repr(usage))}")


def broken_down(seen: Seen) -> None:
    usage = start_usage(seen)
    missing = [name for name in TIERS if usage["cache_creation"][name].count < 0]
    need(not missing, f"in message_start cache_creation lacks {', '.join(missing)}: {short(repr(usage))}")


def prompt_at_start(seen: Seen) -> None:
    need(start_usage(seen)["input_tokens"].count > 0, "message_start says that the prompt has no tokens")


def repeated(seen: Seen) -> None:
    good(seen)
    found = [read_node(data) for name, data in seen.only.answer.records if name == b"message_delta"]
    usage = (found or [Node()])[-1]["usage"]
    need(usage["input_tokens"].count == PROMPT - CACHED, f"the last message_delta has {short(repr(usage))}")
    need(usage["cache_read_input_tokens"].count == CACHED, f"the last message_delta has {short(repr(usage))}")


def estimated(seen: Seen) -> None:
    for exchange in seen:
        said = exchange.good
        need(
            said.output > 0 and said.prompt > 0,
            f"without counts of the upstream it says {said.prompt} and {said.output}",
        )


SILENT = says("A few words of an answer.", usage=None)
LATE = chat.raw(
    chat.record(chat.chunk({"content": "Hello."}))
    + chat.record(chat.chunk({}, "stop"))
    + chat.record(chat.chunk(None) | {"usage": chat.usage(Tokens(PROMPT, OUTPUT, CACHED))})
    + chat.DONE
)
EARLY = chat.chunks(
    chat.chunk({"content": "Hello."}) | {"usage": None},
    chat.chunk({}, "stop") | {"usage": chat.usage(Tokens(PROMPT, OUTPUT, CACHED))},
    finish=None,
)

RULES = (
    Rule(
        id="M1",
        title="Tokens of prompt and answer arrive, streamed and whole",
        source="P17, P70",
        judge=counted,
        asks=EITHER,
        plays=(COUNTED,),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="M2",
        title="Usage in a last chunk without choices is not overlooked",
        source="P17",
        judge=counted,
        plays=(LATE,),
        faces=ALL,
    ),
    Rule(
        id="M3",
        title="Usage in the chunk with the finish reason is not overlooked",
        source="P17",
        judge=counted,
        plays=(EARLY,),
    ),
    Rule(
        id="M4",
        title="Tokens from the cache arrive",
        source="P71",
        judge=cached,
        asks=EITHER,
        plays=(COUNTED,),
        faces=ALL,
        upstreams=ALL,
    ),
    Rule(
        id="M5",
        title="input_tokens does not count them again",
        source="P72",
        judge=without_cached,
        asks=EITHER,
        plays=(COUNTED,),
    ),
    Rule(
        id="M6",
        title="Every number of usage in message_start is one",
        source="P69",
        judge=whole_start,
        plays=(COUNTED,),
        upstreams=ALL,
    ),
    Rule(
        id="M7",
        title="cache_creation is broken down in message_start",
        source="P69",
        judge=broken_down,
        plays=(COUNTED,),
        upstreams=ALL,
    ),
    Rule(
        id="M8",
        title="message_start says how long the prompt is, as far as one can know",
        source="P70",
        judge=prompt_at_start,
        asks=(messages.ask(system="many words " * 50),),
        plays=(COUNTED,),
        optional=True,
    ),
    Rule(
        id="M9",
        title="The last message_delta repeats the prompt's tokens",
        source="P70",
        judge=repeated,
        plays=(COUNTED,),
    ),
    Rule(
        id="M10",
        title="Where the upstream does not count, usage is an estimate and not 0",
        source="P76",
        judge=estimated,
        asks=EITHER,
        plays=(SILENT,),
        optional=True,
    ),
)
