"""Documents in words: every page is there or its absence is said."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.gateway.media.documents import Shown, as_text, decoded, is_pdf, loss_of, of_paper
from landbridge.gateway.media.paper import Limits, Page, Paper
from landbridge.neutral.parts import Document, Image, Text

LIMITS = Limits(pages=3, characters=100, pictures=2, seconds=7.5)
PDF = Document(data="JVBERi0xLjcK", media_type="application/pdf", title="report.pdf")
MARK = Raw(b'{"type":"ephemeral"}')


def words(shown: Shown) -> str:
    return "\n".join(part.text if isinstance(part, Text) else "<picture>" for part in shown)


def test_p58_all_pages_in_their_order() -> None:
    shown = of_paper(PDF, Paper(2, (Page("First words"), Page("Last words"))), LIMITS)
    assert shown == (
        Text(
            "[PDF: report.pdf, 2 pages. What follows is its text, without layout and pictures.]\n\n"
            "[Page 1 of 2]\nFirst words\n\n[Page 2 of 2]\nLast words"
        ),
    )


def test_p58_pages_without_text_are_pictures_where_they_were_drawn() -> None:
    pages = (Page("Words"), Page(shows=True, picture="cGlj"), Page("stamp", shows=True, picture="cGlj"), Page("End"))
    shown = of_paper(PDF, Paper(4, pages), LIMITS)
    assert [type(part) for part in shown] == [Text, Image, Text, Image, Text]
    assert words(shown).split("\n\n")[1:] == [
        "[Page 1 of 4]\nWords",
        "[Page 2 of 4, which is a picture:]\n<picture>\n[Page 3 of 4, mostly a picture:]",
        "stamp\n<picture>\n[Page 4 of 4]\nEnd",
    ]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(), "[Page 1 of 1 is empty.]"),
        (Page(shows=True), "[Page 1 of 1 has no text: it is a picture, probably a scan, that is not shown here.]"),
        (Page("x", shows=True), "[Page 1 of 1 has little text: it is a picture, probably a scan, that is not shown"),
        (Page(unreadable=True), "[Page 1 of 1 could not be read.]"),
    ],
)
def test_p58_a_page_without_words_is_said_to_be_one(page: Page, said: str) -> None:
    assert said in words(of_paper(PDF, Paper(1, (page,)), LIMITS))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("locked", "encrypted"),
        ("broken", "damaged"),
        ("slow", "took longer than the 7.5 seconds of media.pdf_seconds"),
        ("crashed", "lack of memory"),
        ("", "has no pages"),
    ],
)
def test_p58_a_paper_nothing_was_read_of_leaves_a_note(fault: str, why: str) -> None:
    (said,) = of_paper(PDF, Paper(0, (), fault), LIMITS)
    assert isinstance(said, Text)
    assert said.text.startswith("[A PDF stood here: report.pdf. It could not be read: ") and why in said.text
    assert "could not be read" in loss_of(Paper(0, (), fault))


@pytest.mark.parametrize(
    ("paper", "cut"),
    [
        (Paper(9, (Page("a"),) * 3), "3 of its 9 pages are above; the limit is media.pdf_pages = 3."),
        (
            Paper(9, (Page("a" * 60),) * 2),
            "2 of its 9 pages are above; they have 120 characters, and the limit is media.pdf_characters = 100.",
        ),
        (Paper(9, (Page("a"),), "slow"), "1 of its 9 pages are above; that took longer than the 7.5 seconds"),
        (Paper(9, (Page("a"),), "crashed"), "1 of its 9 pages are above; its reader ended for lack of memory"),
    ],
)
def test_p67_a_cut_is_said_where_it_is_with_both_numbers(paper: Paper, cut: str) -> None:
    said = words(of_paper(PDF, paper, LIMITS))
    assert said.rpartition("[The PDF is cut here: ")[2].startswith(cut)
    assert said.endswith("]")
    assert f"{len(paper.pages)} of its 9 pages" in loss_of(paper)


def test_losses_are_counted_in_pages() -> None:
    assert loss_of(Paper(1, (Page("a"),))).endswith("it got the text of 1 page")
    drawn = Paper(2, (Page("a"), Page(shows=True, picture="cGlj")))
    assert loss_of(drawn).endswith("it got the text of 2 pages; 1 page without text as pictures")


@given(st.lists(st.builds(Page, text=st.text(max_size=20), shows=st.booleans(), picture=st.sampled_from(["", "cGlj"]))))
def test_nothing_that_was_read_is_lost(pages: list[Page]) -> None:
    shown = of_paper(PDF, Paper(len(pages) + 1, tuple(pages)), LIMITS)
    said = words(shown)
    for number, page in enumerate(pages, 1):
        assert page.text in said
        assert f"[Page {number} of {len(pages) + 1}" in said
    assert sum(isinstance(part, Image) for part in shown) == sum(bool(page.picture) for page in pages)
    assert all(part.text.strip() for part in shown if isinstance(part, Text))


def test_what_the_client_says_of_it_is_kept() -> None:
    document = Document(data="x", title="", context="From the board meeting", cache=MARK)
    (said,) = of_paper(document, Paper(1, (Page("a"),)), LIMITS)
    assert isinstance(said, Text)
    assert "untitled" in said.text and "From the board meeting" in said.text
    assert said.cache == MARK
    *_, last = of_paper(document, Paper(1, (Page(shows=True, picture="cGlj"),)), LIMITS)
    assert isinstance(last, Image) and last.cache == MARK
    (note,) = of_paper(document, Paper(0, (), "locked"), LIMITS)
    assert isinstance(note, Text) and note.cache == MARK and "board meeting" in note.text


@pytest.mark.parametrize(
    ("media_type", "start", "answer"),
    [
        ("application/pdf", "JVBERi0xLjc", True),
        ("application/octet-stream", "JVBERi0xLjc", True),
        ("", "JVBERi0xLjc", True),
        ("application/pdf", "PGh0bWw+", True),
        ("text/plain", "PGh0bWw+", False),
        ("application/pdf", "", False),
    ],
)
def test_what_a_pdf_is(media_type: str, start: str, answer: bool) -> None:
    assert is_pdf(Document(data=start, media_type=media_type)) is answer


@pytest.mark.parametrize(
    ("media_type", "data", "text"),
    [
        ("text/plain", "na\u00efve 한글 🌉".encode(), "naïve 한글 🌉"),
        ("application/json", b'{"a": 1}', '{"a": 1}'),
        ("application/octet-stream", b"# Title\n", "# Title\n"),
        ("", "a,b\n1,2\n".encode("utf-8-sig"), "a,b\n1,2\n"),
        ("text/csv", "a,b".encode("utf-16"), "a,b"),
        ("text/plain", b"caf\xe9", "caf\ufffd"),
        ("application/zip", b"PK\x03\x04\x00\x00", None),
        ("application/octet-stream", b"caf\xe9", None),
        ("text/plain", b"a\x00b", None),
    ],
)
def test_p58_files_that_are_text(media_type: str, data: bytes, text: str | None) -> None:
    assert decoded(Document(data=base64.b64encode(data).decode(), media_type=media_type)) == text


def test_what_is_no_base64_is_no_text() -> None:
    assert decoded(Document(data="no base64!", media_type="text/plain")) is None
    assert decoded(Document(data="한글", media_type="text/plain")) is None


def test_documents_without_their_frame() -> None:
    assert as_text(Document(text="words", title="a.md", context="why", cache=MARK)) == (
        Text("a.md:\n\nwhy\n\nwords", cache=MARK),
    )
    assert as_text(Document(text="words")) == (Text("words"),)
    picture = Image(data="cGlj")
    assert as_text(Document(parts=(Text("one"), picture), title="t")) == (Text("t:"), Text("one"), picture)
    assert as_text(Document(parts=(picture,), cache=MARK)) == (Image(data="cGlj", cache=MARK),)
