"""Requests for completions: every form of prompt, what is refused by name, and what is sent on."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request, Sampling
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_legacy.request import read_request, write_request

TRAITS = Traits(sampling=("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"))


def ask(**fields: object) -> bytes:
    return json.dumps({"model": "m", "prompt": "Once", **fields}).encode()


def said(request: Request, traits: Traits = TRAITS) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(write_request(request, "theirs", traits).body)
    return body


@pytest.mark.parametrize("prompt", ["Once upon", ["Once upon"]])
def test_the_prompt_is_one_turn(prompt: object) -> None:
    request = read_request(ask(prompt=prompt))
    assert request.messages == (Message("user", (Text("Once upon"),)),)
    assert said(request) == {"model": "theirs", "prompt": "Once upon", "max_tokens": 16}


@pytest.mark.parametrize("prompt", [[1, 2, 3], [[1, 2, 3]]])
def test_a_prompt_of_tokens_stays_one(prompt: object) -> None:
    request = read_request(ask(prompt=prompt))
    assert request.messages == ()
    assert said(request)["prompt"] == [1, 2, 3]


def test_every_wish() -> None:
    wishes = {"temperature": 0, "top_p": 0.5, "seed": 7, "presence_penalty": 1, "frequency_penalty": -1}
    request = read_request(
        ask(**wishes, max_tokens=5, stop=["a", "b"], stream=True, stream_options={"include_usage": True}, user="u")
    )
    assert request.sampling == Sampling(0, 0.5, None, 7, 1, -1)
    assert (request.max_tokens, request.stop, request.stream, request.stream_usage) == (5, ("a", "b"), True, True)
    assert request.user == "u"
    body = said(request)
    assert {name: body[name] for name in wishes} == wishes
    assert (body["stop"], body["stream"], body["stream_options"]) == (["a", "b"], True, {"include_usage": True})
    assert "user" not in body
    assert said(request, Traits(metadata_user="user"))["user"] == "u"


def test_what_the_target_does_not_take_is_a_loss() -> None:
    request = read_request(ask(top_k=5, temperature=1, stop=[*"abcdef"], max_tokens=900))
    written = write_request(request, "m", Traits(sampling=("temperature",), max_output=100))
    assert [loss.path for loss in written.losses] == ["stop", "sampling.top_k"]
    body = json.loads(written.body)
    assert (body["stop"], body["max_tokens"], body["temperature"]) == ([*"abcd"], 100, 1)


def test_fields_only_the_format_has_stay() -> None:
    request = read_request(ask(logprobs=2, suffix=" end", logit_bias={"5": -100}, n=1, best_of=1, echo=False, new=1.0))
    assert request.extras == {
        "openai_legacy": {
            "suffix": Raw(b'" end"'), "logprobs": Raw(b"2"), "logit_bias": Raw(b'{"5": -100}'), "new": Raw(b"1.0")
        }
    }  # fmt: skip
    body = said(request)
    assert (body["logprobs"], body["suffix"], body["new"]) == (2, " end", 1.0)
    assert read_request(ask(suffix="", logprobs=None)).extras == {}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": None}, "prompt is missing"),
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": []}, "prompt is empty"),
        ({"prompt": [""]}, "prompt is empty"),
        ({"prompt": [[]]}, "prompt is empty"),
        ({"prompt": ["a", "b"]}, "prompt has 2 texts; one at a time"),
        ({"prompt": [[1], [2]]}, "prompt has 2 texts"),
        ({"prompt": ["a", 1]}, "prompt has 2 texts"),
        ({"prompt": 5}, "prompt: Expected"),
        ({"prompt": {"a": 1}}, "prompt: Expected"),
        ({"prompt": [1.5]}, "prompt"),
        ({"model": None}, "model is missing"),
        ({"model": 5}, "model: Expected"),
        ({"echo": True}, "echo: the prompt is not repeated"),
        ({"echo": "yes"}, "echo: Expected"),
        ({"n": 2}, "n: only one answer"),
        ({"best_of": 3}, "best_of: only one answer"),
        ({"max_tokens": 0}, "max_tokens is less than 1"),
        ({"max_tokens": "many"}, "max_tokens: Expected"),
        ({"stop": 5}, "stop: Expected"),
        ({"stream": "yes"}, "stream: Expected"),
        ({"stream_options": 5}, "stream_options: Expected"),
        ({"suffix": 5}, "suffix: Expected"),
        ({"temperature": "hot"}, "temperature: Expected"),
    ],
)
def test_what_cannot_be_asked_is_named(fields: dict[str, object], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_request(ask(**fields))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"prompt": "\xff"}', b"[" * 5000, b'{"prompt":' + b"[" * 5000])
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_request(body)


@given(body=st.one_of(st.binary(max_size=60), st.from_regex(rb'\{"prompt": ?[\[\]"0-9a,{}]*\}', fullmatch=True)))
def test_law_9_garbage_gives_only_our_errors(body: bytes) -> None:
    with contextlib.suppress(BadRequest):
        read_request(body)


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(prompt=texts, limit=st.none() | st.integers(1, 99), stop=st.lists(texts, max_size=4), stream=st.booleans())
def test_law_5_what_is_written_is_read_again(prompt: str, limit: int | None, stop: list[str], stream: bool) -> None:
    request = read_request(
        ask(prompt=prompt, max_tokens=limit, stop=stop, stream=stream, stream_options={"include_usage": True})
    )
    again = write_request(request, "m", TRAITS)
    assert read_request(again.body) == request
    assert again.losses == ()
    assert write_request(request, "m", TRAITS) == again, "law 7: the same bytes each time"
