"""Going on from a kept response: what stands in front, what stays the same bytes, and what is said when it is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.config import ResponsesSettings
from landbridge.errors import BadRequest, TooLarge
from landbridge.gateway.call import Call
from landbridge.gateway.stored.entry import Entry
from landbridge.gateway.stored.resume import keep, keeps, kept_at, own, resume
from landbridge.gateway.stored.shelf import Stored
from landbridge.neutral.request import Request
from landbridge.routing.target import Target
from landbridge.wire.openai_responses.echo import echo
from landbridge.wire.openai_responses.request import read_request

pytestmark = pytest.mark.anyio

LAB = Target("lab", "m", "openai_responses")
CHAT = Target("lab", "m", "openai_chat")
MOST = 1 << 20


def call(**fields: object) -> Call:
    return Call("openai_responses", json.dumps({"model": "m", **fields}).encode(), ((b"a", b"b"),), "q=1")


def answered(id: str, text: str) -> bytes:
    message = {
        "type": "message",
        "id": f"msg_{id}",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text}],
    }
    return json.dumps({"id": id, "object": "response", "output": [message]}, indent=1).encode()


def given(body: bytes) -> list[Any]:
    items: list[Any] = json.loads(body)["input"]
    return items


async def test_three_turns_and_every_earlier_byte_stays() -> None:
    stored = Stored()
    first = call(input="one", instructions="Be brief.")
    assert await resume(stored, first, MOST) is first
    keep(stored, first, answered("resp_1", "I"), 1.0)
    second = await resume(stored, call(input=[{"role": "user", "content": "two"}], previous_response_id="resp_1"), MOST)
    keep(stored, second, answered("resp_2", "II"), 1.0)
    third = await resume(stored, call(input="three", previous_response_id="resp_2", stream=True), MOST)
    said = [item.get("content") for item in given(third.body)]
    texts = [each if isinstance(each, str) else each[0]["text"] for each in said]
    assert texts == ["one", "I", "two", "II", "three"]
    earlier = second.body.partition(b'"input":')[2].partition(b"]}")[0]
    assert earlier[:40] in third.body and json.loads(third.body)["stream"] is True
    shared = json.loads(second.body)["input"]
    assert given(third.body)[: len(shared)] == shared
    assert "instructions" not in json.loads(third.body), "they are for one response only"
    assert (third.previous, third.query, third.raw_headers) == ("resp_2", "q=1", ((b"a", b"b"),))
    assert (
        await resume(stored, call(input="three", previous_response_id="resp_2", stream=True), MOST)
    ).body == third.body


async def test_two_may_go_on_from_the_same_response() -> None:
    stored = Stored()
    keep(stored, call(input="one"), answered("resp_1", "I"), 1.0)
    for text in ("left", "right"):
        keep(stored, call(input=text, previous_response_id="resp_1"), answered(f"resp_{text}", text), 1.0)
    for text in ("left", "right"):
        resumed = await resume(stored, call(input="?", previous_response_id=f"resp_{text}"), MOST)
        assert len(given(resumed.body)) == 5
        assert given(resumed.body)[2]["content"][0]["text"] == text


@pytest.mark.parametrize("body", [b'{"previous_response_id": ', b'["previous_response_id"]', b'"previous_response_id"'])
async def test_what_is_no_request_is_left_for_others_to_say(body: bytes) -> None:
    left = Call("openai_responses", body, ())
    assert await resume(Stored(), left, MOST) is left


@pytest.mark.parametrize("id", [None, "", 5, ["resp_1"], "resp_unknown"])
async def test_what_names_nothing_that_is_kept_is_left_as_it_is(id: object) -> None:
    stored = Stored()
    keep(stored, call(input="one"), answered("resp_1", "I"), 1.0)
    left = call(input="two", previous_response_id=id)
    assert await resume(stored, left, MOST) is left


async def test_other_dialects_are_not_concerned() -> None:
    stored = Stored()
    keep(stored, call(input="one"), answered("resp_1", "I"), 1.0)
    left = Call("openai_chat", call(input="x", previous_response_id="resp_1").body, ())
    assert await resume(stored, left, MOST) is left


async def test_a_conversation_with_a_gap_is_refused() -> None:
    stored = Stored()
    keep(stored, call(input="one"), answered("resp_1", "I"), 1.0)
    keep(stored, call(input="two", previous_response_id="resp_1"), answered("resp_2", "II"), 1.0)
    await stored.delete("resp_1")
    with pytest.raises(BadRequest, match=r"'resp_1' not found\. The conversation that 'resp_2' ends") as caught:
        await resume(stored, call(input="three", previous_response_id="resp_2"), MOST)
    assert caught.value.code == "previous_response_not_found"


async def test_a_conversation_that_is_too_large_is_refused() -> None:
    stored = Stored()
    keep(stored, call(input="one " * 1000), answered("resp_1", "I"), 1.0)
    with pytest.raises(TooLarge, match="'resp_1'"):
        await resume(stored, call(input="two", previous_response_id="resp_1"), 2000)


async def test_a_conversation_that_began_at_a_provider_goes_on_there() -> None:
    stored = Stored()
    stored.note("resp_theirs", "lab")
    keep(stored, call(input="two", previous_response_id="resp_theirs"), answered("resp_2", "II"), 1.0)
    resumed = await resume(stored, call(input="three", previous_response_id="resp_2"), MOST)
    assert json.loads(resumed.body)["previous_response_id"] == "resp_theirs"
    assert len(given(resumed.body)) == 3
    request = own(stored, read_request(resumed.body), resumed, LAB)
    assert echo(request)["previous_response_id"] == Raw(b'"resp_2"')
    with pytest.raises(BadRequest, match="'lab' keeps it: name a model of 'lab'"):
        own(stored, read_request(resumed.body), resumed, CHAT)


@pytest.mark.parametrize(
    ("store", "target", "words"),
    [
        ("disk", CHAT, "Previous response with id 'resp_x' not found."),
        ("off", CHAT, "Responses are not kept: set `store` under"),
        ("disk", Target("other", "m", "openai_responses"), "'lab' keeps it"),
    ],
)
async def test_an_id_that_nobody_can_resolve(store: Any, target: Target, words: str) -> None:
    stored = Stored(None, lambda: ResponsesSettings(store=store))
    if "lab" in words:
        stored.note("resp_x", "lab")
    request = read_request(call(input="a", previous_response_id="resp_x").body)
    with pytest.raises(BadRequest, match=words) as caught:
        own(stored, request, call(), target)
    assert caught.value.code == "previous_response_not_found"
    assert own(stored, request, call(), LAB), "its own provider may know it"


@pytest.mark.parametrize(
    ("said", "store", "kept"),
    [(None, "disk", True), (b"true", "memory", True), (b"false", "disk", False), (None, "off", False)],
)
async def test_what_is_kept_and_that_the_response_says_so(said: bytes | None, store: Any, kept: bool) -> None:
    stored = Stored(None, lambda: ResponsesSettings(store=store))
    extras = {"openai_responses": {"store": Raw(said)}} if said else {}
    request = Request("m", (), extras=extras)
    assert keeps(stored, request) is kept
    shown = echo(own(stored, request, call(), CHAT))
    assert (bytes(shown["store"]), shown["previous_response_id"]) == (b"true" if kept else b"false", None)


async def test_what_is_no_response_is_not_kept() -> None:
    stored = Stored()
    keep(stored, call(input="a"), b"{}", 1.0)
    assert stored._latest == {}
    keep(stored, call(input="a"), answered("resp_1", "I"), 1.0)
    assert isinstance(stored._latest["resp_1"], Entry)


async def test_who_keeps_the_response_that_a_call_goes_on_from() -> None:
    stored = Stored()
    stored.note("resp_theirs", "lab")
    assert kept_at(stored, call(input="x", previous_response_id="resp_theirs")) == "lab"
    assert kept_at(stored, call(input="x", previous_response_id="resp_other")) == ""
    assert kept_at(stored, call(input="previous_response_id")) == ""
    assert kept_at(stored, Call("openai_responses", b'{"previous_response_id', ())) == ""
    assert kept_at(stored, Call("openai_chat", b'{"previous_response_id":"resp_theirs"}', ())) == ""
