"""Parts of a request."""

from __future__ import annotations

import base64
import json

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Audio, Document, Image, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.wire.gemini.read_parts import read_part, read_parts
from landbridge.wire.gemini.signatures import Signature, pack

PDF = "application/pdf"


def part_of(value: object) -> Part:
    return read_part(Raw(json.dumps(value).encode()), "parts[0]")


def blob(kind: str, data: str = "QUJD", **more: str) -> object:
    return {"inlineData": {"mimeType": kind, "data": data, **more}}


def test_text_and_thoughts() -> None:
    assert part_of({"text": "안녕"}) == Text("안녕")
    assert part_of("안녕") == Text("안녕")
    assert part_of({"text": "", "thoughtSignature": "c2ln"}) == Text("", "c2ln", "gemini")
    assert part_of({"text": "Hm", "thought": True}) == Thinking("Hm")
    assert part_of({"text": "Hm", "thought": True, "thought_signature": "c2ln"}) == Thinking(
        "Hm", "c2ln", origin="gemini"
    )


def test_p53_anothers_signature_comes_back() -> None:
    packed = pack(Signature("x", "anthropic", redacted=True))
    part = part_of({"text": "", "thought": True, "thoughtSignature": packed})
    assert part == Thinking("", "x", redacted=True, origin="anthropic")


def test_calls() -> None:
    part = part_of({"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "c2ln"})
    assert part == ToolCall("c1", "f", Raw(b'{"a": 1}'), "c2ln", "gemini")
    assert part_of({"function_call": {"name": "f"}}) == ToolCall("", "f")
    assert part_of({"functionCall": {"id": "f__c1", "name": "f"}}) == ToolCall("c1", "f")
    assert part_of({"functionCall": {"name": "lbn_3d"}}) == ToolCall("", "3d")


@pytest.mark.parametrize(
    ("response", "said", "is_error"),
    [
        ({"output": "ok"}, "ok", False),
        ({"result": "ok"}, "ok", False),
        ({"error": "no"}, "no", True),
        ({"error": {"code": 1}}, '{"code": 1}', True),
        ({"error": "no", "code": 1}, '{"error": "no", "code": 1}', True),
        ({"output": ["a"]}, '["a"]', False),
        ({"output": "a", "more": 1}, '{"output": "a", "more": 1}', False),
        ({"temperature": 20}, '{"temperature": 20}', False),
        ("plain", "plain", False),
        ([1], "[1]", False),
    ],
)
def test_p59_results(response: object, said: str, is_error: bool) -> None:
    part = part_of({"functionResponse": {"id": "f__c1", "name": "f", "response": response}})
    assert part == ToolResult("c1", (Text(said),), is_error, "f")


@pytest.mark.parametrize("response", [None, {"output": ""}, {"output": None}])
def test_results_that_say_nothing(response: object) -> None:
    part = part_of({"functionResponse": {"name": "f", "response": response}})
    assert isinstance(part, ToolResult) and [
        bytes(each.text, "utf-8") for each in part.parts if isinstance(each, Text)
    ] in (
        [],
        [b"null"],
    )


def test_p57_results_with_pictures() -> None:
    part = part_of({"functionResponse": {"name": "f", "response": {"output": "see"}, "parts": [blob("image/png")]}})
    assert part == ToolResult("", (Text("see"), Image(data="QUJD", media_type="image/png")), name="f")


def test_data() -> None:
    assert part_of(blob("image/png")) == Image(data="QUJD", media_type="image/png")
    assert part_of({"inline_data": {"mime_type": "image/png", "data": "QUJD"}}) == part_of(blob("image/png"))
    assert part_of(blob("audio/wav")) == Audio("QUJD", "audio/wav")
    assert part_of(blob(PDF, displayName="a.pdf")) == Document(data="QUJD", media_type=PDF, title="a.pdf")


def test_text_files_are_text() -> None:
    data = base64.urlsafe_b64encode("안녕?>".encode()).decode()
    assert part_of(blob("text/markdown", data)) == Document(text="안녕?>", media_type="text/markdown")
    broken = part_of(blob("text/plain", "/w=="))
    assert broken == Document(data="/w==", media_type="text/plain")


def test_files_by_address() -> None:
    def file(uri: str, kind: str) -> Part:
        return part_of({"fileData": {"fileUri": uri, "mimeType": kind}})

    google = "https://generativelanguage.googleapis.com/v1beta/files/x"
    assert file("https://example.com/a.png", "image/png") == Image(
        url="https://example.com/a.png", media_type="image/png"
    )
    assert file(google, "image/png") == Image(file_id=google, media_type="image/png")
    assert file("gs://b/a.pdf", PDF) == Document(file_id="gs://b/a.pdf", media_type=PDF)
    assert file("https://example.com/a.pdf", PDF) == Document(url="https://example.com/a.pdf", media_type=PDF)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (blob("video/mp4"), "inlineData"),
        ({"inlineData": {"mimeType": "image/png", "data": "QUJD"}, "thoughtSignature": "c2ln"}, "inlineData"),
        ({"inlineData": {}}, "inlineData"),
        ({"fileData": {"fileUri": "https://youtu.be/x"}}, "fileData"),
        ({"fileData": {}}, "fileData"),
        ({"executableCode": {"code": "1"}}, "executableCode"),
        ({"code_execution_result": {"outcome": "OUTCOME_OK"}}, "codeExecutionResult"),
        ({"thought": True, "hologram": 1}, "hologram"),
        ({"text": None}, ""),
        ({}, ""),
    ],
)
def test_what_only_google_knows_stays(value: object, name: str) -> None:
    assert part_of(value) == Opaque("gemini", name, Raw(json.dumps(value).encode()))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"text": 5}, r"parts\[0\]\.text: Expected `str`"),
        ({"functionCall": {}}, r"parts\[0\]\.functionCall\.name is missing"),
        ({"functionCall": []}, r"parts\[0\]\.functionCall: Expected `object`"),
        ({"functionResponse": {"id": 1}}, r"parts\[0\]\.functionResponse\.id: Expected `str"),
        ({"text": "a", "thoughtSignature": 1}, r"thoughtSignature: Expected `str"),
        (7, r"parts\[0\]: Expected `object`"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(value: object, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        part_of(value)


def test_parts_are_a_list_or_one() -> None:
    assert read_parts(Raw(b'[{"text":"a"},{"text":"b"}]'), "p") == (Text("a"), Text("b"))
    assert read_parts(Raw(b'{"text":"a"}'), "p") == (Text("a"),)
    assert read_parts(None, "p") == read_parts(Raw(b"null"), "p") == ()
