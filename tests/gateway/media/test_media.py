"""A request, prepared for a target: only what it cannot take is changed, always in the same way."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.config import MediaSettings
from landbridge.errors import BadRequest
from landbridge.gateway.call import Call, Sink
from landbridge.gateway.media import media as preparing
from landbridge.gateway.media.captions import Question
from landbridge.gateway.media.media import Media, Prepared, holds_media, must_be_read, together
from landbridge.gateway.media.paper import Limits, Paper, read_paper
from landbridge.neutral.parts import Document, Image, Message, Part, Text, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from tests.fakes import papers
from tests.fakes.answers import anthropic_whole

pytestmark = [pytest.mark.anyio, pytest.mark.io]

BLIND = Traits(images=False, documents=False)
SEES = Traits(images=True, documents=False)
CALL = Call("anthropic", b"", [])
PDF = Document(
    data=papers.b64(papers.paper(["Alpha words", "Omega words"])), media_type="application/pdf", title="a.pdf"
)
SCAN = Document(data=papers.b64(papers.scan(2)), media_type="application/pdf", title="scan.pdf")
PICTURE = Image(data=papers.b64(papers.png()), media_type="image/png")
CAPTIONS = MediaSettings(captions="lab/vision")


def ask(*parts: Part) -> Request:
    return Request("m", (Message("user", (Text("Look:"), *parts)),))


def media(words: str = "A red square.") -> tuple[Media, list[Call]]:
    asked: list[Call] = []

    async def answer(call: Call, sink: Sink) -> None:
        asked.append(call)
        await sink.whole(200, {}, anthropic_whole(text=words))

    made = Media()
    made.ask_through(answer)
    return made, asked


async def prepare(request: Request, traits: Traits = BLIND, settings: MediaSettings | None = None) -> Prepared:
    return await media()[0].prepare(request, traits, settings or MediaSettings(), CALL)


def said(request: Request) -> str:
    """All text of the last message, with a mark for each picture."""
    return "\n".join(_said(part) for part in request.messages[-1].parts)


def _said(part: Any) -> str:
    if isinstance(part, ToolResult):
        return "\n".join(_said(inner) for inner in part.parts)
    return part.text if isinstance(part, Text) else f"<{type(part).__name__}>"


def test_most_requests_hold_nothing_to_prepare() -> None:
    assert not holds_media(ask(Text("a"), ToolCall("1", "Read"), ToolResult("1", (Text("b"),))))
    for part in (PDF, PICTURE, ToolResult("1", (PDF,)), ToolResult("1", (Text(""), PICTURE))):
        assert holds_media(ask(part))


PICTURES = [
    b'{"type": "image", "source": {}}',
    b'{"type":"image_url","image_url":{}}',
    b'{"type" : "input_image"}',
    b'{"inlineData": {"mimeType": "image/png"}}',
    b'{"inline_data": {}}',
]
FILES = [b'{"type":"document"}', b'{"type": "file"}', b'{"type":"input_file"}', b'{"inlineData": {}}']


@pytest.mark.parametrize("body", PICTURES)
def test_p57_a_picture_for_a_blind_model_keeps_bytes_from_going_straight_across(body: bytes) -> None:
    assert must_be_read(b'{"messages":[' + body + b"]}", Traits(images=False))
    assert not must_be_read(body, Traits())


@pytest.mark.parametrize("body", FILES)
def test_p58_so_does_a_file_for_a_model_that_is_known_to_read_none(body: bytes) -> None:
    assert must_be_read(body, Traits(documents=False))
    assert not must_be_read(body, Traits())
    assert not must_be_read(body, Traits(documents=False, documents_known=False)), "its own client knows better"


def test_words_about_pictures_are_none() -> None:
    body = json.dumps({"text": '{"type": "image"} {"type":"document"}', "name": "image", "file": 1}).encode()
    assert not must_be_read(body, BLIND)


async def test_what_the_target_takes_stays_as_it_is() -> None:
    request = ask(PDF, PICTURE, ToolResult("1", (PDF, PICTURE)), Document(text="words", title="t"))
    assert await prepare(request, Traits()) == Prepared(request)
    plain = ask(Text("only words"))
    assert (await prepare(plain)).request is plain


async def test_p58_a_pdf_becomes_its_words() -> None:
    prepared = await prepare(ask(PDF))
    assert "[PDF: a.pdf, 2 pages." in said(prepared.request)
    assert "[Page 1 of 2]\nAlpha words\n\n[Page 2 of 2]\nOmega words" in said(prepared.request)
    (loss,) = prepared.losses
    assert loss.path == "messages[0].parts[1]"
    assert loss.why == "this model reads no PDFs; it got the text of 2 pages"


async def test_p58_a_pdf_that_a_tool_returned_becomes_its_words_there() -> None:
    """Claude Code's Read gives it inside the result or beside it (CLIENTS.md 7)."""
    prepared = await prepare(ask(ToolResult("t1", (Text("PDF file read: a.pdf"), PDF), is_error=False), PDF))
    result, beside = prepared.request.messages[0].parts[1:]
    assert isinstance(result, ToolResult) and result.id == "t1"
    assert "Alpha words" in _said(result) and "Alpha words" in _said(beside)
    assert [loss.path for loss in prepared.losses] == ["messages[0].parts[1].parts[1]", "messages[0].parts[2]"]


async def test_p58_pages_without_text_are_shown_to_who_sees() -> None:
    prepared = await prepare(ask(ToolResult("t1", (SCAN,))), SEES)
    assert said(prepared.request).count("<Image>") == 2
    assert "2 pages without text as pictures" in prepared.losses[0].why


async def test_p58_pages_without_text_are_said_to_be_missing_to_who_does_not_see() -> None:
    words = said((await prepare(ask(SCAN))).request)
    assert "[Page 1 of 2 has no text: it is a picture, probably a scan, that is not shown here.]" in words


async def test_p58_pages_without_text_are_described() -> None:
    made, asked = media("An invoice of 7 May.")
    prepared = await made.prepare(ask(SCAN), BLIND, CAPTIONS, CALL)
    assert said(prepared.request).count("An invoice of 7 May.") == 2
    assert len(asked) == 1, "both pages are the same picture"
    assert len(prepared.losses) == 3


@pytest.mark.parametrize(("citations", "losses"), [(b'{"enabled":true}', 2), (b'{"enabled":false}', 1), (b"", 1)])
async def test_lost_citations_are_reported(citations: bytes, losses: int) -> None:
    document = Document(data=PDF.data, media_type=PDF.media_type, citations=Raw(citations))
    assert len((await prepare(ask(document))).losses) == losses
    text = Document(text="words", citations=Raw(citations))
    assert len((await prepare(ask(text))).losses) == losses - 1


@pytest.mark.parametrize("traits", [Traits(), BLIND])
async def test_p58_files_that_are_text_become_text_for_everybody(traits: Traits) -> None:
    """Providers take PDFs as files, and refuse Markdown."""
    file = Document(data=papers.b64("# Notes, 한글".encode()), media_type="text/markdown", title="notes.md")
    (_, part) = (await prepare(ask(file), traits)).request.messages[0].parts
    if traits.documents:
        assert part == Document(text="# Notes, 한글", media_type="text/markdown", title="notes.md")
    else:
        assert part == Text("notes.md:\n\n# Notes, 한글")


async def test_files_nobody_can_read_are_left_to_the_writer() -> None:
    request = ask(
        Document(data=papers.b64(b"PK\x03\x04\x00"), media_type="application/zip"),
        Document(url="https://example.com/a.pdf"),
        Document(file_id="file_1"),
        Document(),
    )
    assert await prepare(request) == Prepared(request)


async def test_p57_a_picture_without_somebody_to_describe_it_is_left_to_the_writer() -> None:
    request = ask(PICTURE, ToolResult("1", (PICTURE,)))
    assert await prepare(request) == Prepared(request)


async def test_p57_pictures_become_words() -> None:
    made, asked = media()
    elsewhere = Image(url="https://example.com/a.png", cache=Raw(b'{"type":"ephemeral"}'))
    inside = Document(parts=(Text("See:"), PICTURE), title="t")
    request = ask(PICTURE, ToolResult("1", (Text("shot"), PICTURE)), elsewhere, inside, Image(file_id="f"))
    prepared = await made.prepare(request, BLIND, CAPTIONS, CALL)
    words = said(prepared.request)
    assert words.count("This model cannot see images; lab/vision describes it so:]\nA red square.") == 4
    assert words.endswith("<Image>"), "an uploaded one cannot be shown to another provider"
    first, marked = prepared.request.messages[0].parts[1], prepared.request.messages[0].parts[3]
    assert isinstance(first, Text) and marked == Text(first.text, cache=elsewhere.cache)
    assert len(asked) == 2
    assert {loss.why for loss in prepared.losses} == {"this model sees no images; lab/vision described it"}
    seen = await made.prepare(request, SEES, CAPTIONS, CALL)
    assert said(seen.request).count("<Image>") == 5 and len(asked) == 2, "who sees needs no words"


async def test_pictures_inside_a_document_become_words_for_who_reads_but_does_not_see() -> None:
    request = ask(Document(parts=(Text("See:"), PICTURE)))
    made, _ = media()
    prepared = await made.prepare(request, Traits(images=False, documents=True), CAPTIONS, CALL)
    (_, document) = prepared.request.messages[0].parts
    assert isinstance(document, Document) and "A red square." in _said(document.parts[1])


async def test_p57_a_picture_that_could_not_be_described_leaves_a_note_with_the_reason() -> None:
    prepared = await media(" ")[0].prepare(ask(PICTURE), BLIND, CAPTIONS, CALL)
    words = "this model cannot see images, and lab/vision could not describe it: it answered nothing"
    assert words in said(prepared.request).lower()
    assert "could not describe it" in prepared.losses[0].why


async def test_our_own_question_is_refused_by_a_blind_model() -> None:
    """Else one would ask the next for ever."""
    made, asked = media()
    question = Question("anthropic", b"", [])
    with pytest.raises(BadRequest, match="cannot see images itself"):
        await made.prepare(ask(PICTURE), BLIND, CAPTIONS, question)
    assert not asked
    assert (await made.prepare(ask(PICTURE), SEES, CAPTIONS, question)).request == ask(PICTURE)


async def test_p80_history_is_read_once_and_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file in every turn: the same words, and no second reading. Losses in the order of their places."""
    read = 0

    async def counted(data: str, limits: Limits) -> Paper:
        nonlocal read
        read += 1
        return await read_paper(data, limits)

    monkeypatch.setattr(preparing, "read_paper", counted)
    made, asked = media()
    history = [Message("user", (PDF, PICTURE)), Message("assistant", (Text("I see."),))]
    first = await made.prepare(Request("m", tuple(history)), BLIND, CAPTIONS, CALL)
    later = await made.prepare(Request("m", (*history, Message("user", (PICTURE, PDF)))), BLIND, CAPTIONS, CALL)
    assert later.request.messages[:2] == first.request.messages
    assert later.losses[:2] == first.losses
    assert (read, len(asked)) == (1, 1)
    await made.prepare(Request("m", tuple(history)), BLIND, MediaSettings(captions="lab/vision", pdf_pages=1), CALL)
    assert read == 2, "other limits, another text"


async def test_p67_limits_of_the_settings() -> None:
    settings = MediaSettings(pdf_pages=1)
    assert "1 of its 2 pages are above; the limit is media.pdf_pages = 1" in said(
        (await prepare(ask(PDF), settings=settings)).request
    )
    words = said((await prepare(ask(SCAN), SEES, MediaSettings(pdf_pictures=1))).request)
    assert words.count("<Image>") == 1 and "[Page 2 of 2 has no text" in words
    assert "<Image>" not in said((await prepare(ask(SCAN), SEES, MediaSettings(pdf_pictures=0))).request)


async def test_together_keeps_order_and_ends_all_when_one_fails() -> None:
    ended = []

    async def wait(seconds: float) -> float:
        try:
            await asyncio.sleep(seconds)
        finally:
            ended.append(seconds)
        return seconds

    async def fail() -> float:
        raise ValueError

    assert await together(wait(seconds) for seconds in (0.02, 0.0, 0.01)) == [0.02, 0.0, 0.01]
    with pytest.raises(ExceptionGroup):
        await together([wait(60), fail()])
    assert ended[-1] == 60
