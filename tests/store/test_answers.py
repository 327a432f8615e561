"""Answers as they went over a wire, to what was said: every dialect, whole and streamed, good and broken."""

from __future__ import annotations

import json

import pytest

from landbridge.store.answers import dialect_of, read_answer
from tests.cases.cases import FOLDER as CASES

ANSWERS = ("stream.sse", "response.json")
DIALECTS = ("anthropic", "openai_chat", "openai_responses", "gemini")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_dialect(dialect: str, name: str) -> None:
    found = read_answer(dialect, 200, (CASES / dialect / "text" / name).read_bytes())
    assert found.error == ""
    assert found.text
    assert found.usage.output is not None


def test_tools_and_thinking_can_be_read() -> None:
    body = {
        "type": "message",
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "eA=="},
            {"type": "text", "text": "I read."},
            {"type": "tool_use", "id": "t", "name": "Read", "input": {"path": "/a"}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
    found = read_answer("anthropic", 200, json.dumps(body).encode())
    assert found.text == '(thinking) Hm.\n\n(thinking, not readable)\n\nI read.\n\nRead {"path":"/a"}'


def test_geminis_list_is_a_stream() -> None:
    chunk = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]}}]}
    last = {"candidates": [{"content": {"role": "model", "parts": [{"text": " you"}]}, "finishReason": "STOP"}]}
    found = read_answer("gemini", 200, f"[{json.dumps(chunk)},\r\n{json.dumps(last)}\r\n]".encode())
    assert (found.text, found.error) == ("Hi you", "")


def test_what_went_wrong_is_said() -> None:
    refused = b'{"type":"error","error":{"type":"overloaded_error","message":"too many"}}'
    assert "too many" in read_answer("anthropic", 529, refused).error
    assert "No answer" in read_answer("anthropic", 0, b"").error
    assert read_answer("anthropic", 200, b"{}").response is None
    assert read_answer("openai_chat", 200, b"\xff\x00 no").error
    assert read_answer("other", 200, b"text").text == "text"
    assert read_answer("gemini", 200, b"[nonsense").error


def test_a_cut_stream_is_told_as_far_as_it_came() -> None:
    whole = (CASES / "anthropic" / "text" / "stream.sse").read_bytes()
    found = read_answer("anthropic", 200, whole[: whole.index(b"content_block_stop")])
    assert found.response is None
    assert found.error and found.text


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.anthropic.com/v1/messages", "anthropic"),
        ("http://127.0.0.1:9/v1/chat/completions", "openai_chat"),
        ("https://x/openai/deployments/d/chat/completions?api-version=1", "openai_chat"),
        ("https://x/v1/responses", "openai_responses"),
        ("https://x/v1beta/models/m:streamGenerateContent", "gemini"),
        ("https://x/v1beta/models/m:generateContent", "gemini"),
        ("https://x/v1/embeddings", ""),
        ("", ""),
    ],
)
def test_dialects_by_address(url: str, name: str) -> None:
    assert dialect_of(url) == name
