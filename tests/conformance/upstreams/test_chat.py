"""Chat answers of the suite's upstream are such as OpenAI's own library reads."""

from __future__ import annotations

import json

from openai.types.chat import ChatCompletion, ChatCompletionChunk

from landbridge.conformance.play import Call, Says, Text, Thought, Tokens
from landbridge.conformance.upstreams import chat

ALL = Says((Thought("Hm."), Text("Hi"), Call("Read", '{"a":1}', "call:1")), usage=Tokens(9, 3, 2))


def chunks(body: bytes) -> list[ChatCompletionChunk]:
    records = [part.removeprefix("data: ") for part in body.decode().split("\n\n") if part]
    assert records[-1] == "[DONE]"
    return [ChatCompletionChunk.model_validate_json(record, strict=True) for record in records[:-1]]


def test_streams_are_read_by_the_library() -> None:
    read = chunks(chat.stream(ALL, "x", "m", True))
    usage = read[-1].usage
    assert read[-1].choices == [] and usage is not None and usage.prompt_tokens == 9
    assert read[-2].choices[0].finish_reason == "tool_calls"
    assert all(chunk.usage is None for chunk in chunks(chat.stream(ALL, "x", "m", False)))


def test_wholes_are_read_by_the_library() -> None:
    read = ChatCompletion.model_validate_json(chat.whole(ALL, "x", "m"))
    message = read.choices[0].message
    assert message.content == "Hi" and message.tool_calls is not None and message.tool_calls[0].id == "call:1"
    assert read.choices[0].finish_reason == "tool_calls" and read.usage is not None


def test_any_chunks_can_be_sent() -> None:
    play = chat.chunks({"content": "a"}, {"error": {"message": "x"}}, finish=None, tail=b"", counts=Tokens(5))
    parts = [json.loads(part[6:]) for part in play.body.decode().split("\n\n") if part]
    assert parts[0]["choices"][0]["delta"] == {"content": "a"} and parts[1] == {"error": {"message": "x"}}
    assert parts[2]["usage"]["prompt_tokens"] == 5
    assert json.loads(chat.answer({"content": "x"}).body)["choices"][0]["finish_reason"] == "stop"


def test_refusals_have_headers() -> None:
    refusal = chat.refusal(429, "slow", retry_after="7")
    assert refusal.status == 429 and refusal.headers["retry-after"] == "7"
    assert json.loads(refusal.body)["error"]["message"] == "slow"
