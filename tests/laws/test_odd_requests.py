"""Law of odd requests: what a reader takes, every writer writes or refuses in our words, whatever stands in it.

`everything.json` has a request of each dialect with all there is: each field is a place for something odd.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import GatewayError
from landbridge.gateway.count import estimate
from landbridge.neutral.traits import Traits
from landbridge.wire.dialects import DIALECTS, dialect
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running

EVERYTHING: dict[str, Any] = json.loads(Path(__file__).with_name("everything.json").read_text())
TRAITS = (
    Traits(),
    Traits(
        images=False,
        documents=False,
        system_turns="fold",
        alternate=True,
        content_with_calls=False,
        schema="openapi",
        output_schema="none",
        strict_tools=False,
        tool_choice=False,
        tool_ids=False,
        tool_id_pattern="mistral9",
        one_sampling=True,
        adaptive=False,
        effort="chat_template_kwargs",
        reasoning_back="reasoning_content",
    ),
    Traits(tools=False, stop_field=False, sampling=(), budgets=None, effort="reasoning_effort", output_schema="object"),
)
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**31, 2**64, 1e308, 1.5, -0.0),
    *("", " ", "\0", "보기", "a" * 300, "data:image/png;base64,A", "data:"),
    *("function", "auto", "system", "user", "assistant", "model", "tool", "developer"),
    *([], {}, [[]], [{}], [None], {"": None}, {"type": None}, {"type": "text"}, {"type": "text", "text": None}),
    *({"$ref": "#"}, {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, {"properties": {"a": 5}}),
    *({"type": ["string", "null", 5]}, {"enum": []}, {"anyOf": []}, {"required": [{}]}, {"required": "a"}),
)
STRINGS = tuple(odd for odd in ODD if isinstance(odd, str))
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from places(inner, (*at, key))


def put(value: Any, place: Place, odd: Any) -> Any:
    """The value with something odd at that place."""
    if not place:
        return odd
    copied: Any = dict(value) if isinstance(value, dict) else list(value)
    copied[place[0]] = put(copied[place[0]], place[1:], odd)
    return copied


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_everything_is_read(name: str) -> None:
    request = dialect(name).read_request(json.dumps(EVERYTHING[name]).encode())
    assert len(request.messages) > 2 and len(request.tools) > 1


@pytest.mark.parametrize("name", sorted(DIALECTS))
@settings(max_examples=200)
@given(data=st.data())
def test_law_9_what_is_read_can_be_written(name: str, data: st.DataObject) -> None:
    body = put(
        EVERYTHING[name], data.draw(st.sampled_from([*places(EVERYTHING[name])])), data.draw(st.sampled_from(ODD))
    )
    try:
        request = dialect(name).read_request(json.dumps(body).encode())
    except GatewayError:
        return
    assert estimate(request) >= 0
    for target in DIALECTS:
        for traits in TRAITS:
            try:
                json.loads(dialect(target).write_request(request, "m", traits).body)
            except GatewayError as error:
                assert error.status == 400


PATHS = {
    "anthropic": ("/v1/messages", "/v1/messages", "/v1/messages/count_tokens"),
    "openai_chat": ("/v1/chat/completions",),
    "openai_responses": ("/v1/responses", "/v1/responses", "/v1/responses/input_tokens"),
    "gemini": tuple(
        f"/v1beta/models/TARGET%2Fm:{method}"
        for method in ("generateContent", "streamGenerateContent?alt=sse", "streamGenerateContent", "countTokens")
    ),
}


@pytest.mark.io
@pytest.mark.anyio
@pytest.mark.parametrize("name", sorted(DIALECTS))
async def test_no_odd_request_makes_the_gateway_fail(tmp_path: Path, name: str) -> None:
    """The same through the gateway, from its door to the upstream and back."""
    draw = random.Random(name)
    where = [*places(EVERYTHING[name])]
    async with Provider(Reply(text="Hello!")) as provider:
        tables = (
            f'[providers.{target}]\ndialect = "{target}"\nbase_url = "{provider.base_url(target)}"\n'
            'models = ["m"]\npassthrough = false\n'
            for target in DIALECTS
        )
        async with Running(tmp_path, "".join(tables)) as gateway:
            answered = 0
            for number, place in enumerate(where * 2):
                target = draw.choice(sorted(DIALECTS))
                body = put(EVERYTHING[name], place, draw.choice(ODD if number < len(where) else STRINGS))
                if name != "gemini":
                    body |= {"model": f"{target}/m", "stream": number % 2 == 0}
                path = draw.choice(PATHS[name]).replace("TARGET", target)
                heard = await gateway.post(path, body)
                assert heard.status in (200, 400), (path, json.dumps(body), heard.body)
                answered += heard.status == 200
            assert answered > 100
