"""Questions that only somebody who can can answer, and what the answers mean."""

from __future__ import annotations

import base64
import zlib

import pytest
from msgspec import Raw

from landbridge.errors import Forbidden, GatewayError, Overloaded, ProviderLimit, Refused, TimedOut
from landbridge.neutral.events import Finish, Reason, Usage
from landbridge.neutral.parts import Document, Image, Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response
from landbridge.neutral.traits import Traits
from landbridge.providers.probe import QUESTIONS, WORD, Question, able, refused
from landbridge.providers.quirks import QUIRKS

BY_NAME = {question.name: question for question in QUESTIONS}


def answer(*parts: Part, reasoning: int | None = None) -> Response:
    return Response(parts, Finish(Reason.END), Usage(output=5, reasoning=reasoning))


def call(args: str, name: str = "get_weather") -> ToolCall:
    return ToolCall("1", name, Raw(args.encode()))


@pytest.mark.parametrize(
    ("name", "response", "verdict"),
    [
        ("answers", answer(Text("OK")), "yes"),
        ("answers", answer(Text(" \n")), "no"),
        ("answers", answer(), "no"),
        ("streaming", answer(Text("1 2 3")), "yes"),
        ("tools", answer(Text("Let me see."), call('{"city": "Seoul"}')), "yes"),
        ("tools", answer(call('{"place": "Seoul"}')), "no"),
        ("tools", answer(call('{"city"')), "no"),
        ("tools", answer(call('["city"]')), "no"),
        ("tools", answer(call('{"city": "Seoul"}', "weather")), "no"),
        ("tools", answer(Text("It is sunny.")), "unsure"),
        ("images", answer(Text("Green, red.")), "yes"),
        ("images", answer(Text("The left half is GREEN and the right half is red")), "yes"),
        ("images", answer(Text("Red, green")), "no"),
        ("images", answer(Text("I cannot see images.")), "no"),
        ("documents", answer(Text(f"The word is {WORD.capitalize()}.")), "yes"),
        ("documents", answer(Text("I see no document.")), "no"),
        ("thinking", answer(Thinking("Let me think"), Text("9")), "yes"),
        ("thinking", answer(Text("9"), reasoning=64), "yes"),
        ("thinking", answer(Text("9"), reasoning=0), "unsure"),
        ("schema", answer(Text('{"city": "Seoul", "river": "Han"}')), "yes"),
        ("schema", answer(Text('{"river": "Han"}')), "no"),
        ("schema", answer(Text("The Han.")), "no"),
        ("schema", answer(Text("\ud800")), "no"),
        ("schema", answer(Text("[]")), "no"),
        ("limit", answer(Text("OK")), "unsure"),
    ],
)
def test_what_answers_mean(name: str, response: Response, verdict: str) -> None:
    finding = BY_NAME[name].judge(response)
    assert finding.verdict == verdict
    assert finding.why


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Refused("no such field", status=400), "no"),
        (Refused("unprocessable", status=422), "no"),
        (Refused("image input is not supported - hint: you need mmproj", status=500), "no"),
        (Refused("boom", status=500), "unsure"),
        (ProviderLimit("slow down"), "unsure"),
        (Overloaded("busy"), "unsure"),
        (TimedOut("no answer"), "unsure"),
        (Forbidden("your plan does not support this key"), "unsure"),
    ],
)
def test_what_errors_mean(error: GatewayError, verdict: str) -> None:
    assert refused(error).verdict == verdict
    assert refused(error).why in error.message


def test_what_providers_say_is_kept_short() -> None:
    assert len(refused(Refused("so " * 1000, status=400)).why) <= 300


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_each_question_is_put_as_if_the_model_could(question: Question) -> None:
    unable = Traits(images=False, documents=False, tools=False, output_schema="none", thinks="never", max_output=10)
    traits = able(unable, question.name)
    match question.name:
        case "images":
            assert traits.images
        case "documents":
            assert traits.documents
        case "tools":
            assert traits.tools
        case "schema":
            assert traits.output_schema == "schema"
        case "thinking":
            assert traits.thinks == "can" and traits.effort == "reasoning_effort"
        case "limit":
            assert traits.max_output is None
        case _:
            assert traits == unable


def test_verdicts_name_quirks_that_exist() -> None:
    for question in QUESTIONS:
        for names in question.quirks.values():
            assert set(names) <= set(QUIRKS)


def test_the_answers_do_not_stand_in_the_questions() -> None:
    for name, words in (("images", ("green", "red")), ("documents", (WORD,))):
        asked = " ".join(part.text for part in BY_NAME[name].request.messages[0].parts if isinstance(part, Text))
        assert not any(word in asked.lower() for word in words)


def test_the_picture_and_the_paper_are_true_ones() -> None:
    (image, _) = BY_NAME["images"].request.messages[0].parts
    assert isinstance(image, Image)
    png = base64.b64decode(image.data)
    at = png.index(b"IDAT") + 4
    row = zlib.decompress(png[at:-16])[:385]
    assert row[1:4] == b"\x00\xa0\x00" and row[-3:] == b"\xe0\x00\x00"
    (paper, _) = BY_NAME["documents"].request.messages[0].parts
    assert isinstance(paper, Document)
    assert WORD.encode() in base64.b64decode(paper.data)
