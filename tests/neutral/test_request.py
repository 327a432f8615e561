"""Requests are values and survive JSON, as golden files need."""

from __future__ import annotations

import msgspec
from hypothesis import given

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request, Sampling
from tests.laws.strategies import requests


@given(requests())
def test_requests_survive_json(request: Request) -> None:
    assert msgspec.json.decode(msgspec.json.encode(request), type=Request) == request


def test_requests_do_not_share_their_extras() -> None:
    one, other = Request("m", ()), Request("m", ())
    one.extras["anthropic"] = {}
    assert other.extras == {}


def test_defaults_say_nothing() -> None:
    request = Request("m", (Message("user", (Text("a"),)),))
    assert request.sampling == Sampling() and request.max_tokens is None and request.tool_choice is None
    assert msgspec.json.decode(msgspec.json.encode(request)).keys() == {"model", "messages"}
