"""Whole completions, both ways."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw
from openai.types import Completion

from landbridge.errors import GatewayError, ProviderLimit
from landbridge.neutral.events import Extra, Finish, Reason, Usage
from landbridge.neutral.parts import Message, Opaque, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect
from landbridge.wire.openai_legacy.read_stream import StreamReader
from landbridge.wire.openai_legacy.response import prompt_length, read_response, write_response
from tests.fakes.answers import Tokens
from tests.fakes.legacy import legacy_stream, legacy_whole

ASKED = Request("lab/m", (Message("user", (Text("Once"),)),))


def test_law_4_stream_is_whole() -> None:
    usage = Tokens(5, 7, cached=3)
    whole = read_response(legacy_whole(text=" upon 안녕", usage=usage, finish="length"), str, "o")
    reader = StreamReader(str, "o")
    stream = legacy_stream(text=" upon 안녕", usage=usage, finish="length")
    assert whole == collect([*reader.feed(stream), *reader.close()])
    assert whole.parts == (Text(" upon 안녕"),)
    assert whole.usage.prompt == 5


def test_law_5_what_is_written_is_read_again_and_the_sdk_takes_it() -> None:
    response = Response((Text("a"), Text("b")), Finish(Reason.LENGTH), Usage(input=5, output=7), "cmpl-1", "lab/m")
    written = write_response(response, 1_790_000_000, ASKED)
    shown = Completion.model_validate(json.loads(written.body), strict=True)
    assert (shown.id, shown.model, shown.created) == ("cmpl-1", "lab/m", 1_790_000_000)
    assert (shown.choices[0].text, shown.choices[0].finish_reason, shown.object) == ("ab", "length", "text_completion")
    assert shown.usage is not None and (shown.usage.prompt_tokens, shown.usage.completion_tokens) == (5, 7)
    again = read_response(written.body, str, "o")
    assert (again.parts, again.finish, again.usage) == ((Text("ab"),), response.finish, response.usage)
    assert written.losses == ()


def test_log_probabilities_begin_behind_the_prompt() -> None:
    odds = [
        Extra(0, "openai_chat", "logprobs", Raw(b'{"content": [{"token": "%b", "logprob": -1}]}' % token))
        for token in (b" a", b" b")
    ]
    written = write_response(Response((Text(" a b"),), Finish(Reason.END), extras=tuple(odds)), 1, ASKED)
    shown = Completion.model_validate(json.loads(written.body)).choices[0].logprobs
    assert shown is not None
    assert (shown.tokens, shown.text_offset) == ([" a", " b"], [4, 6])
    assert prompt_length(None) == 0


def test_what_has_no_place_is_a_loss() -> None:
    parts = (
        Thinking("r"), ToolCall("1", "f"), Opaque("anthropic", "web", Raw(b"{}")), Text("x", signature="s"), Text("y")
    )  # fmt: skip
    extras = (Extra(-1, "anthropic", "container", Raw(b"{}")),)
    written = write_response(Response(parts, Finish(Reason.TOOLS), extras=extras), 1)
    assert [loss.path for loss in written.losses] == ["parts[0]", "parts[1]", "parts[2]", "parts[3]", "extras"]
    choice = json.loads(written.body)["choices"][0]
    assert (choice["text"], choice["finish_reason"]) == ("xy", "stop")


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"[]", b'{"choices": []}'])
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(GatewayError):
        read_response(body, str, "o")
    with pytest.raises(ProviderLimit):
        read_response(b'{"error":{"message":"slow","code":429}}', str, "o")
