"""Parts of user turns and tool results as content, and what is said where the target cannot take one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Audio, Document, Image, Opaque, Part, Text, Thinking, ToolReference
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_responses.read_input import PART
from landbridge.wire.openai_responses.types import DIALECT
from landbridge.wire.openai_responses.write_parts import PartWriter

PDF = Document(data="JVBERi0=", media_type="application/pdf", title="a")


def write(part: Part, **traits: Any) -> tuple[list[Any], list[str]]:
    writer = PartWriter(Traits(**traits))
    content = writer.write(part, "here")
    assert all(loss.path == "here" for loss in writer.losses)
    return content, [loss.why for loss in writer.losses]


def say(text: str) -> dict[str, str]:
    return {"type": "input_text", "text": text}


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (Text("hi"), [say("hi")]),
        (Text(""), []),
        (
            Image(data="iVBO", media_type="image/png", detail="low"),
            [{"type": "input_image", "detail": "low", "image_url": "data:image/png;base64,iVBO"}],
        ),
        (Image(data="iVBO"), [{"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,iVBO"}]),
        (Image(url="https://a/b"), [{"type": "input_image", "detail": "auto", "image_url": "https://a/b"}]),
        (Image(file_id="file-1"), [{"type": "input_image", "detail": "auto", "file_id": "file-1"}]),
        (Document(url="https://a/b.pdf"), [{"type": "input_file", "file_url": "https://a/b.pdf"}]),
        (Document(file_id="file-1"), [{"type": "input_file", "file_id": "file-1"}]),
        (Document(text="words", title="a.txt"), [say("a.txt:"), say("words")]),
        (
            Document(parts=(Text("a"), Image(url="u"))),
            [say("a"), {"type": "input_image", "detail": "auto", "image_url": "u"}],
        ),
        (Audio("UklG", "audio/mpeg"), [{"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}}]),
        (ToolReference("WebFetch"), [say("WebFetch is loaded now.")]),
    ],
)
def test_what_the_dialect_has_a_form_for(part: Part, content: list[Any]) -> None:
    assert write(part) == (content, [])


def test_a_pdf_goes_as_a_file_with_a_data_url() -> None:
    file = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}
    assert write(PDF) == ([file], [])
    described = Document(data="JVBERi0=", title="b.PDF", context="from the archive")
    assert write(described)[0] == [say("from the archive"), {**file, "filename": "b.PDF"}]


@pytest.mark.parametrize(
    ("part", "traits", "word"),
    [
        (Image(url="https://a/b"), {"images": False}, "cannot see images"),
        (Image(file_id="file_011C"), {}, "file_011C"),
        (PDF, {"documents": False}, "cannot read it"),
        (Document(file_id="file_011C"), {}, "file_011C"),
    ],
)
def test_p57_p58_what_the_target_cannot_take_is_said_in_the_text(
    part: Part, traits: dict[str, bool], word: str
) -> None:
    content, losses = write(part, **traits)
    assert word in content[0]["text"] and content[0]["type"] == "input_text"
    assert [word in loss for loss in losses] == [True]


def test_citations_of_a_document_are_a_loss() -> None:
    content, (why,) = write(Document(text="words", citations=Raw(b'{"enabled":true}')))
    assert content == [say("words")] and "citations" in why


def test_text_of_a_document_needs_no_eyes() -> None:
    assert write(Document(text="words"), documents=False) == ([say("words")], [])


def test_law_12_unknown_parts_go_back_to_their_own_dialect() -> None:
    raw = Raw(b'{"type":"hologram"}')
    assert write(Opaque(DIALECT, f"hologram{PART}", raw)) == ([raw], [])
    for foreign in (Opaque("anthropic", "hologram", raw), Opaque(DIALECT, "web_search_call", raw)):
        content, (why,) = write(foreign)
        assert content == [] and foreign.name in why
    content, (why,) = write(Thinking("Hm"))
    assert content == [] and "Thinking" in why
