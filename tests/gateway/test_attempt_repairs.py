"""What models get wrong in tool calls arrives right at the client, streamed and whole, and is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.fakes.answers import chat_chunk, chat_record
from tests.fakes.provider import SSE, Answer, Provider, Reply, chat_stream
from tests.fakes.running import Reply as Answered
from tests.fakes.running import Running
from tests.fakes.script import Received

pytestmark = [pytest.mark.anyio, pytest.mark.io]

STRING = {"type": "string"}
TOOLS = [
    {
        "name": "Read",
        "input_schema": {
            "type": "object",
            "properties": {"file_path": STRING, "pages": STRING, "limit": {"type": "integer"}},
            "required": ["file_path"],
        },
    },
    {"name": "Bash", "input_schema": {"type": "object", "properties": {"command": STRING}, "required": ["command"]}},
]
ASK: dict[str, Any] = {
    "model": "lab/m",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "Look at /a."}],
    "tools": TOOLS,
}
MESSAGES = "/anthropic/v1/messages"
LEAKED = (
    "I read it.\n\n<tool_call>\n<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n"
    "<parameter=pages>\n\n</parameter>\n</function>\n</tool_call>"
)
both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def running(tmp_path: Path, provider: Provider, more: str = "") -> Running:
    settings = f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        api_key = "none"
        models = ["m"]
        {more}
    """
    return Running(tmp_path, settings)


def content(reply: Answered) -> tuple[list[dict[str, Any]], str | None]:
    """Blocks and stop reason of an answer, streamed or not; a tool's arguments as text."""
    if reply.headers["content-type"].startswith("application/json"):
        blocks = [dict(block) for block in reply.json["content"]]
        for block in blocks:
            if "input" in block:
                block["input"] = json.dumps(block["input"])
        return blocks, reply.json["stop_reason"]
    blocks, reason = [], None
    for record in reply.body.decode().split("\n\n")[:-1]:
        event = json.loads(record.partition("data: ")[2])
        match event["type"]:
            case "content_block_start":
                assert event["index"] == len(blocks)
                blocks.append({**event["content_block"]})
                if "input" in blocks[-1]:
                    blocks[-1]["input"] = ""
            case "content_block_delta":
                fields = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
                field = fields.get(event["delta"]["type"], "")
                blocks[-1]["input" if field == "partial_json" else field] += event["delta"][field]
            case "message_delta":
                reason = event["delta"]["stop_reason"]
    return blocks, reason


@both
async def test_p30_a_leaked_call_is_a_call(tmp_path: Path, stream: bool) -> None:
    async with Provider(Reply(text=LEAKED, piece=3)) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": stream})
        (text, call), reason = content(reply)
        assert text == {"type": "text", "text": "I read it.\n\n"}
        assert (call["type"], call["name"], json.loads(call["input"])) == ("tool_use", "Read", {"file_path": "/a"})
        assert call["id"]
        assert reason == "tool_use"
        assert reply.headers.get("x-landbridge-repairs") == (None if stream else "2")
        record = gateway.journal.latest[0]
        assert record.repairs == {"leaked_call": 1, "empty_argument": 1}
        assert "repairs leaked_call 1, empty_argument 1" in record.line()
        assert (record.outcome, record.usage.output) == ("ok", 7)


@both
async def test_repair_can_be_switched_off(tmp_path: Path, stream: bool) -> None:
    async with Provider(Reply(text=LEAKED)) as provider, running(tmp_path, provider, "repair = false") as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": stream})
        assert content(reply) == ([{"type": "text", "text": LEAKED}], "end_turn")
        assert reply.headers.get("x-landbridge-repairs") == (None if stream else "0")
        assert gateway.journal.latest[0].repairs == {}
        assert "repairs" not in gateway.journal.latest[0].line()


@both
async def test_p28_p29_the_client_gets_better_arguments(tmp_path: Path, stream: bool) -> None:
    calls = (("Read", '{"file_path": "/a", "pages": ""}'), ("Bash", '{"command": "ls\n"'), ("Bash", "ls -la"))
    async with Provider(Reply(tools=calls, piece=4)) as provider, running(tmp_path, provider) as gateway:
        blocks, reason = content(await gateway.post(MESSAGES, {**ASK, "stream": stream}))
        inputs = [block["input"] for block in blocks]
        assert json.loads(inputs[0]) == {"file_path": "/a"}
        # Neither can be mended: the second is not the last call of the answer, so nothing says that it ended in order.
        raws = [each if stream else json.loads(each)["__unparsedToolInput"]["raw"] for each in inputs[1:]]
        assert raws == ['{"command": "ls\n"', "ls -la"]
        assert reason == "tool_use"
        assert gateway.journal.latest[0].repairs == {"empty_argument": 1}


@both
async def test_the_arguments_that_are_kept_are_those_the_client_got(tmp_path: Path, stream: bool) -> None:
    broken = ("Read", '{"limit": None, "file_path" : "/a", "pages":"",}')
    async with (
        Provider([Reply(tools=(broken,)), Reply(text="done")]) as provider,
        running(tmp_path, provider) as gateway,
    ):
        (call,), _ = content(await gateway.post(MESSAGES, {**ASK, "stream": stream}))
        changed = {**call, "input": dict(reversed(json.loads(call["input"]).items()))}
        history = [
            *ASK["messages"],
            {"role": "assistant", "content": [changed]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "ok"}]},
        ]
        await gateway.post(MESSAGES, {**ASK, "messages": history})
        sent = provider.requests[1].json["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert sent == '{"limit": null, "file_path" : "/a"}'


@both
async def test_well_formed_answers_are_not_repaired(tmp_path: Path, stream: bool) -> None:
    said = "Tags such as `<tool_call>` are code, [x] is not, and a < b."
    calls = (("Read", '{"file_path" : "/a"}'), ("Bash", {"command": "ls"}))
    async with Provider(Reply(text=said, tools=calls)) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": stream})
        blocks, _ = content(reply)
        assert blocks[0] == {"type": "text", "text": said}
        assert [json.loads(block["input"]) for block in blocks[1:]] == [{"file_path": "/a"}, {"command": "ls"}]
        assert reply.headers.get("x-landbridge-repairs") == (None if stream else "0")
        assert gateway.journal.latest[0].repairs == {}


@pytest.mark.parametrize("ending", ["reset", "close"])
async def test_a_stream_that_breaks_inside_markup_gives_the_text_and_an_error(
    tmp_path: Path, ending: Literal["reset", "close"]
) -> None:
    said = f"Well. {LEAKED[12:40]}"
    chunks = [chat_chunk({"role": "assistant", "content": ""}), *(chat_chunk({"content": each}) for each in said)]
    broken = Answer(stream=True, headers=SSE, body=b"".join(map(chat_record, chunks)), ending=ending)
    async with Provider(broken) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
        before, error, after = reply.body.partition(b"event: error")
        (block,), reason = content(Answered(200, reply.headers, before))
        # A reset may swallow the last fragments; what did arrive is given, markup or not.
        assert said.startswith(block["text"]) and "<tool_call>" in block["text"] and reason is None
        assert block["text"] == said or ending == "reset"
        assert error and b"message_stop" not in after
        assert gateway.journal.latest[0].outcome == "cut"


CALLS = (
    ("Read", '{"file_path": "/tmp/한글 🦊.py", "limit": 20}'),
    ("Bash", '{"command": "grep -rn \\"x<y\\" . | head\\n", "description": "Search [TOOL_CALLS]"}'),
    ("Read", '{"limit":1,"file_path":"/b"}'),
)


@pytest.mark.parametrize("piece", [1, 5, 1000])
@both
async def test_p34_text_thinking_and_three_calls(tmp_path: Path, stream: bool, piece: int) -> None:
    """The golden agent's turn: everything an agent's answer has, in order, nothing added, nothing lost."""
    thinking, said = "The file first,\nthen `grep`.", "I look at three things <at once>:\n"
    script = Reply(text=said, thinking=thinking, tools=CALLS, piece=piece)
    async with Provider(script) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": stream})
        blocks, reason = content(reply)
        record = gateway.journal.latest[0]
    assert [block["type"] for block in blocks] == ["thinking", "text", "tool_use", "tool_use", "tool_use"]
    assert blocks[0]["thinking"] == thinking
    assert blocks[1]["text"] == said
    inputs = [block["input"] for block in blocks[2:]]
    if stream:
        assert inputs == [args for _, args in CALLS]
    else:
        assert [json.loads(each) for each in inputs] == [json.loads(args) for _, args in CALLS]
    assert [block["name"] for block in blocks[2:]] == ["Read", "Bash", "Read"]
    assert len({block["id"] for block in blocks[2:]}) == 3
    assert reason == "tool_use"
    assert record.repairs == {} and record.losses == ()
    assert (record.usage.input, record.usage.output) == (11, 7)


async def test_p34_the_same_turn_to_a_chat_client(tmp_path: Path) -> None:
    ask = {
        **{name: value for name, value in ASK.items() if name != "tools"},
        "stream": True,
        "tools": [
            {"type": "function", "function": {"name": each["name"], "parameters": each["input_schema"]}}
            for each in TOOLS
        ],
    }
    whole = chat_stream(text="Three things:", thinking="Hm.", tools=CALLS)
    converted = "passthrough = false"
    async with (
        Provider(Answer(stream=True, headers=SSE, body=whole)) as provider,
        running(tmp_path, provider, converted) as gateway,
    ):
        reply = await gateway.post("/v1/chat/completions", ask)
    said: dict[int, list[str]] = {}
    for record in reply.body.decode().split("\n\n")[:-2]:
        for choice in json.loads(record.removeprefix("data: "))["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                said.setdefault(call["index"], []).append(call["function"].get("arguments", ""))
    assert ["".join(said[index]) for index in range(3)] == [args for _, args in CALLS]


@both
async def test_p28_p33_a_renamed_tools_arguments_are_put_right(tmp_path: Path, stream: bool) -> None:
    """The upstream writes the name it was given; schema and name are the client's."""
    odd = {**TOOLS[0], "name": "mcp.files/read"}

    def answer(request: Received) -> Reply:
        return Reply(tools=((request.json["tools"][0]["function"]["name"], {"file_path": "/a", "pages": ""}),))

    async with Provider(answer) as provider, running(tmp_path, provider) as gateway:
        heard = await gateway.post(MESSAGES, {**ASK, "tools": [odd], "stream": stream})
    (block,), reason = content(heard)
    assert (block["name"], json.loads(block["input"]), reason) == ("mcp.files/read", {"file_path": "/a"}, "tool_use")
