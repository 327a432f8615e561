"""The laws of requests for this dialect: conservation, back to back, prefix, the same bytes, unknown is kept.

Numbers are those of the laws in the design notes: 3, 5, 6, 7, 9, 12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.errors import ClientFault
from landbridge.neutral.parts import Document, Image, Part, Text, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.request import read_request, write_request
from tests.laws.machines import text
from tests.laws.mangle import mangled
from tests.laws.strategies import conversations, requests

TRAITS = {
    "complete": Traits(),
    "openapi": Traits(schema="openapi"),
    "no_ids": Traits(tool_ids=False),
    "blind": Traits(images=False, documents=False),
    "levels": Traits(budgets=None),
}
habits = pytest.mark.parametrize("traits", TRAITS.values(), ids=TRAITS)


def write(request: Request, traits: Traits) -> bytes:
    return write_request(request, "target-model", traits).body


def written(request: Request, traits: Traits) -> tuple[list[str], dict[str, str]]:
    """Each content as its JSON text, and the other fields."""
    fields = msgspec.json.decode(write(request, traits), type=dict[str, Raw])
    contents = msgspec.json.decode(fields.pop("contents"), type=list[Raw])
    return list(map(text, contents)), {field: text(raw) for field, raw in fields.items()}


def strings(value: object) -> Iterator[str]:
    """All strings of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def parts(request: Request) -> Iterator[Part]:
    """All parts of a request, those inside tool results too."""
    yield from request.system
    for message in request.messages:
        for part in message.parts:
            yield part
            if isinstance(part, ToolResult):
                yield from part.parts


@habits
@given(request=requests())
def test_law_3_every_word_of_a_request_arrives_or_is_reported(traits: Traits, request: Request) -> None:
    body = write(request, traits)
    heard = "\x00".join(strings(json.loads(body)))
    for part in parts(request):
        match part:
            case Text():
                assert part.text in heard
            case ToolCall():
                assert part.name in heard and (part.id in heard or not traits.tool_ids)
                assert bytes(part.args) in body
            case ToolResult():
                assert part.id in heard or not traits.tool_ids
            case Image() if traits.images:
                assert (part.data or part.url) in heard
            case Document() if traits.documents:
                assert part.data in heard
    for tool in request.tools:
        assert tool.name in heard


@habits
@given(request=requests())
def test_law_5_a_request_survives_its_own_dialect(traits: Traits, request: Request) -> None:
    once = read_request(write(request, traits))
    again = read_request(write(once, traits))
    assert again == once
    assert write(again, traits) == write(once, traits)


@given(request=requests())
def test_law_5_p31_calls_results_and_settings_come_back(request: Request) -> None:
    again = read_request(write(request, Traits()))
    for kind in (ToolCall, ToolResult):
        before, after = (
            [
                (part.id, text(part.args) if isinstance(part, ToolCall) else "")
                for part in parts(each)
                if type(part) is kind
            ]
            for each in (request, again)
        )
        assert after == before
    assert again.max_tokens == request.max_tokens and again.stop == request.stop
    assert [tool.name for tool in again.tools] == [tool.name for tool in request.tools]
    if request.tool_choice is not None:
        assert again.tool_choice == replace(request.tool_choice, parallel=None)


@given(request=requests())
def test_law_5_p31_without_ids_results_still_find_their_calls(request: Request) -> None:
    again = read_request(write(request, Traits(tool_ids=False)))
    calls = [part for part in parts(again) if isinstance(part, ToolCall)]
    results = [part for part in parts(again) if isinstance(part, ToolResult)]
    assert [result.id for result in results] == [call.id for call in calls]
    assert [result.name for result in results] == [call.name for call in calls]
    assert len({call.id for call in calls}) == len(calls)


@habits
@given(request=requests(), data=st.data())
def test_law_6_p43_p80_a_history_is_a_prefix_of_the_longer_one(
    traits: Traits, request: Request, data: st.DataObject
) -> None:
    longer = data.draw(conversations())
    turns = [number for number, message in enumerate(longer) if message.role == "assistant"]
    histories = longer[: data.draw(st.sampled_from([*turns, len(longer)]))], longer
    (short, fields), (long, others) = (written(replace(request, messages=each), traits) for each in histories)
    assert long[: len(short)] == short
    assert fields == others


@given(request=requests())
def test_the_user_and_the_model_take_turns(request: Request) -> None:
    contents = json.loads(write(request, Traits()))["contents"]
    roles = [content["role"] for content in contents]
    assert roles == [("user", "model")[number % 2] for number in range(len(roles))]
    for before, after in zip(contents, [*contents[1:], {"parts": []}], strict=True):
        called = [part["functionCall"]["id"] for part in before["parts"] if "functionCall" in part]
        assert [part["functionResponse"]["id"] for part in after["parts"][: len(called)]] == called
        assert all("functionResponse" not in part for part in after["parts"][len(called) :])
        assert all(part for part in before["parts"])


@habits
@given(request=requests())
def test_law_7_the_same_request_gives_the_same_bytes(traits: Traits, request: Request) -> None:
    assert write(request, traits) == write(request, traits)


@given(body=st.binary())
def test_law_9_garbage_is_the_clients_fault(body: bytes) -> None:
    with pytest.raises(ClientFault):
        read_request(body)


@given(data=st.data(), request=requests(), snake=st.booleans())
def test_law_9_json_of_any_shape_is_survived(data: st.DataObject, request: Request, snake: bool) -> None:
    value = json.loads(write(request, Traits(schema="openapi")))
    body = json.dumps(mangled(data, snaked(value) if snake else value)).encode()
    try:
        read = read_request(body)
    except ClientFault as error:
        assert error.message
        return
    json.loads(write(read, Traits(schema="openapi")))


@given(data=st.data(), request=requests())
def test_law_12_p45_unknown_fields_parts_and_roles_are_no_error(data: st.DataObject, request: Request) -> None:
    body = json.loads(write(request, Traits()))
    body["new_setting"] = {"z": 1, "a": [1.50]}
    body.setdefault("generationConfig", {})["newNumber"] = 1.50
    for content in body["contents"]:
        content["mood"] = "good"
    place = data.draw(st.integers(0, len(body["contents"]) - 1))
    body["contents"][place]["parts"].append({"hologram": {"b": 1, "a": [2.50]}})
    body["contents"].append({"role": "narrator", "parts": [{"text": "Meanwhile"}]})
    heard = json.loads(write(read_request(json.dumps(body).encode()), Traits()))
    assert heard["new_setting"] == body["new_setting"]
    assert heard["generationConfig"]["newNumber"] == 1.50
    assert {"hologram": {"b": 1, "a": [2.50]}} in [part for content in heard["contents"] for part in content["parts"]]
    assert "Meanwhile" in "\x00".join(strings(heard))


def snaked(value: object) -> object:
    """The same body in the other spelling of the fields, but for what stands in arguments and schemas."""
    if isinstance(value, list):
        return [snaked(each) for each in value]
    if not isinstance(value, dict):
        return value
    opaque = ("args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters", "responseSchema")
    return {
        re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name): inner if name in opaque else snaked(inner)
        for name, inner in value.items()
    }


@habits
@given(request=requests())
def test_both_spellings_say_the_same(traits: Traits, request: Request) -> None:
    body = write(request, traits)
    assert read_request(json.dumps(snaked(json.loads(body))).encode()) == read_request(
        json.dumps(json.loads(body)).encode()
    )
