"""Laws of requests: conservation, back to back, prefix, deterministic, only our errors, unknown is kept.

Numbers are those of the laws in the design notes: 3, 5, 6, 7, 9, 12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.errors import ClientFault, GatewayError
from landbridge.neutral.parts import Document, Image, Message, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Reasoning, Request
from landbridge.neutral.traits import Traits
from landbridge.wire.dialects import dialect
from landbridge.wire.openai_responses.write_request import LEAST_OUTPUT
from tests.fakes.answers import Json

from .machines import DIALECTS, PAIRS, text
from .mangle import mangled
from .strategies import conversations, requests

dialects = pytest.mark.parametrize("name", DIALECTS)
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)
TRAITS = {
    "complete": Traits(),
    "fold": Traits(system_turns="fold"),
    "strict": Traits(system_turns="fold", alternate=True, content_with_calls=False),
    "blind": Traits(images=False, documents=False),
}
habits = pytest.mark.parametrize("traits", TRAITS.values(), ids=TRAITS)


def write(name: str, request: Request, traits: Traits) -> bytes:
    return dialect(name).write_request(request, "target-model", traits).body


HISTORY = {"openai_responses": "input", "gemini": "contents"}
"""Field of the history where it is not `messages`."""


class Body(NamedTuple):
    """A body that was written: each message as its JSON text, and the other fields."""

    messages: list[str]
    fields: dict[str, str]


def written(name: str, request: Request, traits: Traits) -> Body:
    fields = msgspec.json.decode(write(name, request, traits), type=dict[str, Raw])
    messages = msgspec.json.decode(fields.pop(HISTORY.get(name, "messages")), type=list[Raw])
    return Body(list(map(text, messages)), {field: text(raw) for field, raw in fields.items()})


def calls_without_thinking(history: tuple[Message, ...], traits: Traits) -> bool:
    """Whether tools are running that were called without a thought since the user last spoke."""
    users = ("user", "system") if traits.system_turns == "fold" else ("user",)
    called = False
    for message in reversed(history):
        if message.role == "assistant":
            if isinstance(message.parts[0], Thinking):
                return False
            if not any(isinstance(part, ToolCall) for part in message.parts):
                return called
            called = True
        elif message.role in users and called and not all(isinstance(part, ToolResult) for part in message.parts):
            return True
    return called


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


@dialects
@habits
@given(request=requests())
def test_law_3_every_word_of_a_request_arrives_or_is_reported(name: str, traits: Traits, request: Request) -> None:
    written = dialect(name).write_request(request, "m", traits)
    body, lost = written.body, bool(written.losses) and not traits.content_with_calls
    heard = "\x00".join(strings(json.loads(body)))
    for part in parts(request):
        match part:
            case Text():
                assert part.text in heard or lost
            case ToolCall():
                assert part.name in heard and part.id in heard
                assert bytes(part.args) in body or text(part.args) in heard
            case ToolResult():
                assert part.id in heard
            case Image() if traits.images:
                assert (part.data or part.url) in heard
            case Document() if traits.documents:
                assert part.data in heard
    for tool in request.tools:
        assert tool.name in heard


@dialects
@given(request=requests())
def test_law_5_a_request_survives_its_own_dialect(name: str, request: Request) -> None:
    once = dialect(name).read_request(write(name, request, Traits()))
    assert once.model == ("" if name == "gemini" else "target-model")  # there it stands in the URL
    again = dialect(name).read_request(write(name, once, Traits()))
    assert again == once
    assert write(name, again, Traits()) == write(name, once, Traits())


@dialects
@given(request=requests())
def test_law_5_calls_results_and_settings_come_back(name: str, request: Request) -> None:
    again = dialect(name).read_request(write(name, request, Traits()))
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
    assert again.stream == (request.stream and name != "gemini")  # there it stands in the URL
    if request.max_tokens is not None:
        assert again.max_tokens == max(request.max_tokens, LEAST_OUTPUT if name == "openai_responses" else 1)
    defined = again.tools if request.tools or name != "anthropic" else ()  # there, the tools a history calls are added
    assert [tool.name for tool in defined] == [tool.name for tool in request.tools]
    if request.tool_choice is not None and request.tools:
        wish = request.tool_choice
        assert again.tool_choice == (replace(wish, parallel=None) if name == "gemini" else wish)


@dialects
@habits
@given(request=requests(), data=st.data())
def test_law_6_p43_p80_a_history_is_a_prefix_of_the_longer_one(
    name: str, traits: Traits, request: Request, data: st.DataObject
) -> None:
    """Earlier messages stay as they were written, and nothing else depends on the history.

    One thing does, because Anthropic refuses everything else: a budget of thinking cannot be kept where the running
    turn called tools without having thought (P56). That is written as if thinking had not been asked for. And it wants
    the tools of a history defined where the request has none; then nothing is compared but the messages.
    """
    longer = data.draw(conversations())
    turns = [number for number, message in enumerate(longer) if message.role == "assistant"]
    histories = longer[: data.draw(st.sampled_from([*turns, len(longer)]))], longer
    short, long = (written(name, replace(request, messages=history), traits) for history in histories)
    assert long.messages[: len(short.messages)] == short.messages
    if name == "anthropic" and not request.tools:
        return
    for history, body in zip(histories, (short, long), strict=True):
        lacks = name == "anthropic" and request.reasoning.mode == "on" and calls_without_thinking(history, traits)
        wish = Reasoning() if lacks else request.reasoning
        assert body.fields == written(name, replace(request, messages=longer[:1], reasoning=wish), traits).fields


@dialects
@habits
@given(request=requests())
def test_law_7_the_same_request_gives_the_same_bytes(name: str, traits: Traits, request: Request) -> None:
    assert write(name, request, traits) == write(name, request, traits)


@dialects
@given(body=st.binary())
def test_law_9_garbage_is_the_clients_fault(name: str, body: bytes) -> None:
    with pytest.raises(ClientFault):
        dialect(name).read_request(body)


@pairs
@given(data=st.data(), request=requests())
def test_law_9_json_of_any_shape_is_survived(source: str, target: str, data: st.DataObject, request: Request) -> None:
    body = mangled(data, json.loads(write(source, request, Traits())))
    try:
        read = dialect(source).read_request(json.dumps(body).encode())
        written = write(target, read, Traits())
    except GatewayError as error:
        assert error.message
        assert isinstance(error, ClientFault)
        return
    json.loads(written)


UNKNOWN_BLOCK: Json = {"type": "hologram", "beam": {"b": 1, "a": [2.50]}}


@pairs
@given(data=st.data(), request=requests())
def test_law_12_p42_p45_unknown_fields_blocks_and_roles_are_no_error(
    source: str, target: str, data: st.DataObject, request: Request
) -> None:
    body: Json = json.loads(write(source, request, Traits()))
    messages: list[Json] = body[HISTORY.get(source, "messages")]
    body["new_setting"] = {"z": 1, "a": [1.50]}
    for message in messages:
        message["mood"] = "good"
    for tool in body.get("tools", ()):
        tool["new_field"] = 1
    place = data.draw(st.integers(0, len(messages) - 1))
    if "parts" in messages[place]:
        messages[place]["parts"].append({"hologram": UNKNOWN_BLOCK})
    elif messages[place].get("role") == "user":
        content = messages[place]["content"]
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        messages[place]["content"] = [*blocks, UNKNOWN_BLOCK]
    said = {"parts": [{"text": "Meanwhile"}]} if source == "gemini" else {"content": "Meanwhile"}
    messages.append({"role": "narrator", **said})
    read = dialect(source).read_request(json.dumps(body).encode())
    written = dialect(target).write_request(read, "m", Traits())
    heard = json.loads(written.body)
    assert "Meanwhile" in "\x00".join(strings(heard))
    if source == target:
        assert heard["new_setting"] == body["new_setting"]
        assert ("hologram" in written.body.decode()) == ("hologram" in json.dumps(body))
    else:
        assert "new_setting" not in heard
        assert any("new_setting" in loss.path or "new_setting" in loss.why for loss in written.losses)
