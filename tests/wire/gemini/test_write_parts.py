"""Parts of a user's turn."""

from __future__ import annotations

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Audio, Document, Image, Opaque, Part, Text, ToolCall, ToolReference
from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.write_parts import PartWriter, joined

COMPLETE = Traits()


def write(part: Part, traits: Traits = COMPLETE) -> tuple[list[object], list[str]]:
    writer = PartWriter(traits)
    pieces: list[object] = list(writer.write(part, "here"))
    assert all(loss.path == "here" for loss in writer.losses)
    return pieces, [loss.why for loss in writer.losses]


def blob(kind: str, data: str) -> object:
    return {"inlineData": {"mimeType": kind, "data": data}}


def file(kind: str, address: str) -> object:
    return {"fileData": {"mimeType": kind, "fileUri": address}}


@pytest.mark.parametrize(
    ("part", "pieces"),
    [
        (Text("a"), [{"text": "a"}]),
        (Text(""), []),
        (Image(data="QQ==", media_type="image/webp"), [blob("image/webp", "QQ==")]),
        (Image(data="QQ=="), [blob("image/png", "QQ==")]),
        (Image(url="https://x.org/a.PNG?b=.gif"), [file("image/png", "https://x.org/a.PNG?b=.gif")]),
        (Image(url="https://x.org/a"), [file("image/jpeg", "https://x.org/a")]),
        (Image(file_id="gs://b/a", media_type="image/png"), [file("image/png", "gs://b/a")]),
        (Audio("QQ==", "mp3"), [blob("audio/mp3", "QQ==")]),
        (Audio("QQ==", "audio/ogg"), [blob("audio/ogg", "QQ==")]),
        (Document(data="QQ=="), [blob("application/pdf", "QQ==")]),
        (Document(data="QQ==", media_type="text/csv", title="a"), [{"text": "a:"}, blob("text/csv", "QQ==")]),
        (Document(url="https://x.org/a.pdf"), [file("application/pdf", "https://x.org/a.pdf")]),
        (Document(text="so", title="a", context="b"), [{"text": "a:"}, {"text": "b"}, {"text": "so"}]),
        (Document(parts=(Text("a"), Image(data="QQ=="))), [{"text": "a"}, blob("image/png", "QQ==")]),
        (ToolReference("Grep"), [{"text": "Grep is loaded now."}]),
    ],
)
def test_what_gemini_takes(part: Part, pieces: list[object]) -> None:
    assert write(part) == (pieces, [])


def test_a_document_that_shall_be_cited_is_a_loss() -> None:
    pieces, lost = write(Document(text="so", citations=Raw(b'{"enabled":true}')))
    assert pieces == [{"text": "so"}] and len(lost) == 1


def test_its_own_parts_stay() -> None:
    raw = Raw(b'{"videoMetadata":{}}')
    pieces, lost = write(Opaque("gemini", "fileData", raw))
    assert pieces == [raw] and lost == []


@pytest.mark.parametrize(
    "part", [Image(file_id="file-1"), Document(file_id="file_011"), Document(file_id="file_011", title="a")]
)
def test_p58_files_of_other_providers_leave_a_note(part: Part) -> None:
    pieces, lost = write(part)
    assert "not available here" in str(pieces) and len(lost) == 1


@pytest.mark.parametrize(
    "part", [Image(data="QQ=="), Document(data="QQ==", title="Plan"), Document(url="https://x.org/a")]
)
def test_p57_p58_for_a_blind_model_a_note_stands_there(part: Part) -> None:
    pieces, lost = write(part, Traits(images=False, documents=False))
    assert "stood here" in str(pieces) and len(lost) == 1
    assert write(Document(text="so"), Traits(documents=False)) == ([{"text": "so"}], [])


def test_what_has_no_place_is_lost_and_said() -> None:
    assert write(Opaque("anthropic", "web", Raw(b"{}"))) == ([], ["a 'web' block of anthropic has no place in Gemini"])
    assert write(ToolCall("1", "f")) == ([], ["ToolCall has no place in this turn"])


def test_texts_are_told_from_the_rest() -> None:
    raw = Raw(b"{}")
    assert joined([{"text": "a"}, raw, {"text": "b"}, {"inlineData": {}}]) == ("a\n\nb", [raw, {"inlineData": {}}])
