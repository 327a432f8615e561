"""What OpenAI's clients need of chat completions beside what the other rules ask for."""

from __future__ import annotations

from ..faces.chat import PROMPT, ask, tools
from ..play import says
from ..rule import Rule, need
from ..seen import Seen
from ..sources import OPENAI
from .judging import good, roles, short

HELLO = (says("Hello."),)
FACE = ("openai_chat",)
HISTORY = (
    {"role": "system", "content": "You are terse."},
    {"role": "user", "content": [{"type": "text", "text": PROMPT}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": '{"file_path":"/a"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "the content"},
)


def usage_asked(seen: Seen) -> None:
    good(seen)
    chunks = [data for _, data in seen.only.answer.records if b'"usage":{' in data.replace(b" ", b"")]
    need(len(chunks) == 1, f"{len(chunks)} chunks have usage")


def usage_not_asked(seen: Seen) -> None:
    good(seen)
    records = [data for _, data in seen.only.answer.records if data.strip() != b"[DONE]"]
    bare = [data for data in records if b'"choices":[]' in data.replace(b" ", b"")]
    need(not bare, f"a chunk without choices that nobody asked for: {short(bare[0].decode() if bare else '')}")


def passes_fields(seen: Seen) -> None:
    sent = seen.sent
    need(sent["seed"].count == 7, f"seed became {sent['seed']!r}")
    need(sent["logit_bias"]["50256"].count == -100, f"logit_bias became {sent['logit_bias']!r}")


def history_kept(seen: Seen) -> None:
    sent = seen.sent["messages"]
    need(roles(sent) == ["system", "user", "assistant", "tool"], f"the roles became {roles(sent)}")
    need(sent[2]["tool_calls"][0]["id"].text == sent[3]["tool_call_id"].text, "call and result have two ids")


def plain_records(seen: Seen) -> None:
    good(seen)
    named = [name for name, _ in seen.only.answer.records if name not in (b"", b"message")]
    need(not named, f"records are named {named[:3]}")
    need(seen.only.answer.body.rstrip().endswith(b"data: [DONE]"), "the stream does not end with data: [DONE]")


def thoughts_back(seen: Seen) -> None:
    need(seen.sent["messages"][1]["content"].text == "yes", "the assistant's words changed")


RULES = (
    Rule(
        id="O1",
        title="Usage comes in one chunk where it was asked for",
        source=OPENAI,
        judge=usage_asked,
        asks=(ask(),),
        plays=HELLO,
        faces=FACE,
        upstreams=("openai_chat", "anthropic"),
    ),
    Rule(
        id="O2",
        title="No chunk without choices comes where nobody asked for usage",
        source=OPENAI,
        judge=usage_not_asked,
        asks=(ask(usage=False),),
        plays=HELLO,
        faces=FACE,
        upstreams=("openai_chat", "anthropic"),
    ),
    Rule(
        id="O3",
        title="Fields of the dialect reach an upstream that speaks it",
        source=OPENAI,
        judge=passes_fields,
        asks=(ask(seed=7, logit_bias={"50256": -100}),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="O4",
        title="A history with calls reaches it as it is",
        source=OPENAI,
        judge=history_kept,
        asks=(ask(*HISTORY, tools=tools()),),
        plays=HELLO,
        faces=FACE,
    ),
    Rule(
        id="O5",
        title="Records have no event line, and [DONE] is the last",
        source=OPENAI,
        judge=plain_records,
        asks=(ask(),),
        plays=HELLO,
        faces=FACE,
        upstreams=("openai_chat", "anthropic"),
    ),
    Rule(
        id="O6",
        title="A client that sends reasoning_content back is understood",
        source="P52",
        judge=thoughts_back,
        asks=(
            ask(
                {"role": "user", "content": PROMPT},
                {"role": "assistant", "content": "yes", "reasoning_content": "hm"},
                {"role": "user", "content": "go on"},
            ),
        ),
        plays=HELLO,
        faces=FACE,
    ),
)
