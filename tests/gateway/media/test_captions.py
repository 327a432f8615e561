"""A model that sees is asked like any other, once a picture; and what goes wrong with it is said in words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from landbridge.config import MediaSettings
from landbridge.gateway.call import Call, Sink
from landbridge.gateway.media import captions
from landbridge.gateway.media.captions import Caption, Captions, Question
from landbridge.neutral.parts import Image
from tests.fakes.answers import anthropic_error, anthropic_whole

pytestmark = pytest.mark.anyio

SETTINGS = MediaSettings(captions="lab/vision", caption_seconds=5.0)
PICTURE = Image(data="cGlj", media_type="image/jpeg")

Answer = Callable[[Sink], Awaitable[None]]


class Eye:
    """Stands for the gateway: answers each question in its turn, the last for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []

    async def __call__(self, call: Call, sink: Sink) -> None:
        self.calls.append(call)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await answer(sink)


def says(body: bytes, status: int = 200) -> Answer:
    async def answer(sink: Sink) -> None:
        await sink.whole(status, {"content-type": "application/json"}, body)

    return answer


A_CAT = says(anthropic_whole(text=" A cat. "))


async def test_it_is_asked_as_a_client_would_ask() -> None:
    eye = Eye(A_CAT)
    assert await Captions(eye).describe(PICTURE, SETTINGS) == Caption("A cat.")
    (call,) = eye.calls
    assert isinstance(call, Question) and call.dialect == "anthropic"
    assert call.headers == {"anthropic-version": "2023-06-01"}
    body: dict[str, Any] = json.loads(call.body)
    assert body["model"] == "lab/vision" and not body.get("stream")
    shown, asked = body["messages"][0]["content"]
    assert shown["source"] == {"type": "base64", "media_type": "image/jpeg", "data": "cGlj"}
    assert asked == {"type": "text", "text": captions.PROMPT}


async def test_pictures_elsewhere_are_named_by_their_address() -> None:
    eye = Eye(A_CAT)
    await Captions(eye).describe(Image(url="https://example.com/cat.png"), SETTINGS)
    shown = json.loads(eye.calls[0].body)["messages"][0]["content"][0]
    assert shown["source"] == {"type": "url", "url": "https://example.com/cat.png"}


async def test_a_picture_is_described_once_by_each_model() -> None:
    eye = Eye(A_CAT, says(anthropic_whole(text="A dog.")))
    asked = Captions(eye)
    assert [await asked.describe(PICTURE, SETTINGS) for _ in range(3)] == [Caption("A cat.")] * 3
    assert await asked.describe(Image(data="b3RoZXI="), SETTINGS) == Caption("A dog.")
    await asked.describe(PICTURE, MediaSettings(captions="lab/other"))
    assert len(eye.calls) == 3


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says(anthropic_error(529, "overloaded_error", "too busy now")[1], 529), "too busy now"),
        (says(anthropic_error(404, "not_found_error", "There is no model 'x'.")[1], 404), "There is no model 'x'"),
        (says(b"<html>no</html>", 502), ""),
        (says(b"{}"), ""),
        (says(b"\xff\xfe garbage"), ""),
        (says(anthropic_whole(text=" \n")), "it answered nothing"),
        (says(anthropic_whole(thinking="Hm.")), "it answered nothing"),
    ],
)
async def test_what_goes_wrong_is_said(answer: Answer, fault: str) -> None:
    caption = await Captions(Eye(answer)).describe(PICTURE, SETTINGS)
    assert caption.text == "" and caption.fault and fault in caption.fault


async def test_an_answer_that_breaks_off_is_none() -> None:
    async def half(sink: Sink) -> None:
        await sink.start(200, {})
        await sink.write(anthropic_whole(text="A ca")[:20])
        sink.abort()

    async def pieces(sink: Sink) -> None:
        await sink.start(200, {"content-type": "application/json"})
        await sink.write(anthropic_whole(text="A cat.")[:20])
        await sink.write(anthropic_whole(text="A cat.")[20:])
        await sink.end()

    assert (await Captions(Eye(half)).describe(PICTURE, SETTINGS)).fault
    assert await Captions(Eye(pieces)).describe(PICTURE, SETTINGS) == Caption("A cat.")


async def test_it_is_not_waited_for_longer_than_the_settings_say() -> None:
    async def never(sink: Sink) -> None:
        await asyncio.sleep(600)

    caption = await Captions(Eye(never)).describe(PICTURE, MediaSettings(captions="lab/vision", caption_seconds=0.05))
    assert caption.fault == "it gave no answer within 0.05 seconds"


async def test_a_failure_is_remembered_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "AGAIN", 0.05)
    eye = Eye(says(b"", 500), A_CAT)
    asked = Captions(eye)
    assert (await asked.describe(PICTURE, SETTINGS)).fault
    assert (await asked.describe(PICTURE, SETTINGS)).fault
    assert len(eye.calls) == 1
    await asyncio.sleep(0.06)
    assert await asked.describe(PICTURE, SETTINGS) == Caption("A cat.")


async def test_only_so_many_pictures_are_described_at_once() -> None:
    busy, most = 0, 0

    async def slow(sink: Sink) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1
        await A_CAT(sink)

    asked = Captions(Eye(slow))
    async with asyncio.TaskGroup() as group:
        for number in range(3 * captions.AT_ONCE):
            group.create_task(asked.describe(Image(data=f"{number}"), SETTINGS))
    assert most == captions.AT_ONCE
