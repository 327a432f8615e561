"""Parts to content, and notes where the target cannot take one."""

from __future__ import annotations

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Audio, Document, Image, Opaque, Part, Text, ToolReference
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.write_parts import PartWriter, join_texts, write_content

PNG = Image(data="AA==", media_type="image/png")
PDF = Document(data="JVBERi0=", media_type="application/pdf", title="report.pdf")


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (Text("a", cache=Raw(b'{"type":"ephemeral"}')), ["a"]),
        (Text(""), []),
        (PNG, [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]),
        (
            Image(url="https://x/y", detail="low"),
            [{"type": "image_url", "image_url": {"url": "https://x/y", "detail": "low"}}],
        ),
        (
            PDF,
            [{"type": "file", "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}],
        ),
        (Document(text="body", title="T", context="C"), ["T:", "C", "body"]),
        (Document(parts=(Text("a"), Text("b"))), ["a", "b"]),
        (Document(file_id="file-1"), [{"type": "file", "file": {"file_id": "file-1"}}]),
        (
            Audio(data="AA==", format="audio/mpeg"),
            [{"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}}],
        ),
        (ToolReference("WebFetch"), ["WebFetch is loaded now."]),
        (Opaque("openai_chat", "new", Raw(b'{"type":"new"}')), [Raw(b'{"type":"new"}')]),
    ],
)
def test_what_the_target_takes(part: Part, content: list[object]) -> None:
    writer = PartWriter(Traits())
    assert writer.write(part, "p") == content
    assert writer.losses == []


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (PNG, "cannot see images"),
        (PDF, "report.pdf (application/pdf)"),
        (Image(file_id="file_1"), "cannot see images"),
    ],
)
def test_p57_p58_what_it_cannot_take_leaves_a_note_and_a_loss(part: Part, words: str) -> None:
    writer = PartWriter(Traits(images=False, documents=False))
    (note,) = writer.write(part, "messages[0].parts[1]")
    assert words in str(note)
    assert [loss.path for loss in writer.losses] == ["messages[0].parts[1]"]


@pytest.mark.parametrize("part", [Image(file_id="file_1"), Document(url="https://x/a.pdf"), Document(file_id="file_1")])
def test_p58_files_of_elsewhere_leave_a_note(part: Part) -> None:
    writer = PartWriter(Traits())
    assert "not available here" in str(writer.write(part, "p")[0])
    assert len(writer.losses) == 1


def test_blocks_of_another_dialect_are_losses() -> None:
    writer = PartWriter(Traits())
    assert writer.write(Opaque("anthropic", "search_result", Raw(b"{}")), "p") == []
    assert "search_result" in writer.losses[0].why


def test_text_is_a_string_whatever_its_blocks() -> None:
    assert write_content(["a"]) == "a"
    assert write_content(["a", "b"]) == "a\n\nb"
    assert write_content(["a", {"type": "file"}]) == [{"type": "text", "text": "a"}, {"type": "file"}]


def test_p61_empty_texts_leave_no_trace() -> None:
    assert join_texts(["", "a", "", "b"]) == "a\n\nb"


def test_citations_that_cannot_be_given_are_a_loss() -> None:
    for citations, lost in ((Raw(b'{"enabled":true}'), 1), (Raw(b'{"enabled":false}'), 0), (Raw(b""), 0)):
        writer = PartWriter(Traits())
        assert writer.write(Document(text="words", citations=citations), "here") == ["words"]
        assert len(writer.losses) == lost


HERE = "http://127.0.0.1/secret"


@pytest.mark.parametrize(
    "part",
    [
        Image(url=HERE),
        Image(url="file:///etc/passwd"),
        Opaque("openai_chat", "video_url", Raw(b'{"type":"video_url","video_url":{"url":"http://127.0.0.1/secret"}}')),
        Opaque("openai_chat", "new", Raw(b'{"type":"new","deep":[{"x":"http:\\/\\/127.0.0.1"}]}')),
        Opaque("openai_chat", "new", Raw(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}")),
        Audio(data=HERE, format="audio/mpeg"),
    ],
)
def test_an_engine_is_given_nothing_that_it_would_fetch(part: Part) -> None:
    writer = PartWriter(Traits(fetches_images=False))
    (note,) = writer.write(part, "p")
    assert isinstance(note, str) and note.startswith("[") and "127.0.0.1" not in note
    assert [loss.path for loss in writer.losses] == ["p"]


def test_it_is_given_what_the_client_has_sent_itself() -> None:
    writer = PartWriter(Traits(fetches_images=False))
    new = Opaque("openai_chat", "new", Raw(b'{"type":"new","data":"AA=="}'))
    for part in (PNG, new, Audio(data="AA==", format="wav")):
        assert not isinstance(writer.write(part, "p")[0], str)
    assert writer.losses == []
