"""Log probabilities of many chunks are those of the whole answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.response import collect
from landbridge.wire.openai_chat.logprobs import joined
from landbridge.wire.openai_chat.read_stream import StreamReader
from landbridge.wire.openai_chat.response import write_response


def odds(*tokens: str) -> dict[str, Any]:
    entries = [{"token": token, "logprob": -0.5, "bytes": [1], "top_logprobs": [], "new": 1.0} for token in tokens]
    return {"content": entries, "refusal": None}


def raw(value: object) -> Raw:
    return Raw(json.dumps(value).encode())


def test_one_is_left_as_it_came() -> None:
    only = Raw(b'{ "content": [] , "odd": 1}')
    assert joined([only]) is only


def test_all_tokens_in_their_order() -> None:
    whole = json.loads(bytes(joined([raw(odds("a", "b")), raw(odds()), raw({"content": None}), raw(odds("c"))])))
    assert whole == odds("a", "b", "c")
    refused = json.loads(bytes(joined([raw({"refusal": [1]}), raw({"refusal": [2]})])))
    assert refused == {"content": [], "refusal": [1, 2]}


@pytest.mark.parametrize("odd", [b"5", b"[", b'{"content": 5}', b"[" * 5000])
def test_what_is_none_is_left_out(odd: bytes) -> None:
    assert json.loads(bytes(joined([raw(odds("a")), Raw(odd)]))) == odds("a")


def test_a_whole_answer_made_of_a_stream_has_them_all() -> None:
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": token}, "logprobs": odds(token)}]} for token in ("Hi", " you")
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    reader = StreamReader(str, "o")
    stream = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
    written = write_response(collect([*reader.feed(stream), *reader.close()]), 1)
    assert json.loads(written.body)["choices"][0]["logprobs"] == odds("Hi", " you")
