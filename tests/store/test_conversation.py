"""A conversation's title, and what it is found by."""

from __future__ import annotations

from landbridge.store.conversation import TITLE, Answer, Conversation, File, Turn, title_of, words_of


def asked(*texts: str, title: str = "") -> Conversation:
    return Conversation(title=title, turns=[Turn(id=str(number), text=text) for number, text in enumerate(texts)])


def test_a_title_is_the_first_question_on_one_line() -> None:
    assert title_of(asked("  Why is\n\nthe sky\0 blue? ")) == "Why is the sky blue?"
    assert title_of(asked("", "Then this")) == "Then this"
    assert title_of(asked("Q", title=" Mine\n")) == "Mine"
    assert title_of(Conversation()) == "..."


def test_a_long_question_is_cut_and_says_so() -> None:
    title = title_of(asked("word " * 100))
    assert len(title) <= TITLE
    assert title.endswith("word…")


def test_a_file_alone_names_it() -> None:
    file = File(name="plan.pdf", type="application/pdf", data="")
    assert title_of(Conversation(turns=[Turn(id="1", files=[file])])) == "plan.pdf"


def test_it_is_found_by_questions_and_answers() -> None:
    talk = asked("STRASSE\0?")
    talk.turns[0].answers.append(Answer(id="a", model="m", text="Straße"))
    assert words_of(talk) == "strasse?\nstrasse"
    assert len(words_of(asked("x" * 100), most=10)) == 10
