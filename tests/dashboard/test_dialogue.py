"""Branches of a conversation, what each model is asked, and two copies in one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from landbridge.dashboard.dialogue import (
    MOST_TOKENS,
    answer_of,
    branch,
    content,
    end_of,
    joined,
    new_id,
    request,
    siblings,
    sides,
    tries,
)
from landbridge.store.conversation import Answer, Conversation, File, Parameters, Turn


def turn(id: str, parent: str = "", text: str = "", *answers: Answer) -> Turn:
    return Turn(id=id, parent=parent, text=text or id, answers=list(answers))


def said(id: str, side: int = 0, text: str = "", at: float = 0) -> Answer:
    return Answer(id=id, model="m", side=side, text=text or f"answer {id}", at=at)


def forked() -> Conversation:
    """a - b - c, and b2 beside b with d behind it."""
    turns = [turn("a"), turn("b", "a"), turn("c", "b"), turn("b2", "a"), turn("d", "b2")]
    return Conversation(id="x", turns=turns, leaf="c")


def ids(turns: list[Turn]) -> list[str]:
    return [each.id for each in turns]


def test_branches() -> None:
    talk = forked()
    assert ids(branch(talk)) == ["a", "b", "c"]
    talk.leaf = "d"
    assert ids(branch(talk)) == ["a", "b2", "d"]
    talk.leaf = "gone"
    assert ids(branch(talk)) == ["a", "b2", "d"]
    assert branch(Conversation()) == []
    assert ids(siblings(talk, talk.turns[1])) == ["b", "b2"]
    assert end_of(talk, talk.turns[1]) == "c"
    assert end_of(talk, talk.turns[0]) == "d"


def test_a_circle_is_no_branch_without_end() -> None:
    talk = Conversation(turns=[turn("a", "b"), turn("b", "a"), turn("s", "s")], leaf="a")
    assert ids(branch(talk)) == ["b", "a"]
    assert end_of(talk, talk.turns[2]) == "s"


def test_answers_of_two_sides() -> None:
    asked = turn("a", "", "", said("1"), said("2", 1), said("3"))
    assert sides(asked) == [0, 1]
    assert [each.id for each in tries(asked, 0)] == ["1", "3"]
    assert getattr(answer_of(asked, 0), "id", "") == "3"
    asked.chosen = {0: "1", 1: "gone"}
    assert getattr(answer_of(asked, 0), "id", "") == "1"
    assert getattr(answer_of(asked, 1), "id", "") == "2"
    assert answer_of(turn("b"), 0) is None


def test_each_side_hears_what_itself_has_said() -> None:
    first = turn("a", "", "Q1", said("1", 0, "left"), said("2", 1, "right"))
    lonely = turn("b", "a", "Q2", said("3", 0, "only left"))
    failed = turn("c", "b", "Q3", Answer(id="4", model="m", fault="No."))
    last = turn("d", "c", "Q4")
    talk = Conversation(turns=[first, lonely, failed, last], leaf="d")

    def heard(side: int) -> list[tuple[str, Any]]:
        return [(each["role"][0], each["content"]) for each in request(talk, last, side, "m")["messages"]]

    assert heard(0) == [("u", "Q1"), ("a", "left"), ("u", "Q2"), ("a", "only left"), ("u", "Q3"), ("u", "Q4")]
    assert heard(1)[1] == ("a", "right")
    assert heard(1)[3] == ("a", "only left")
    assert [each["content"] for each in request(talk, first, 0, "m")["messages"]] == ["Q1"]


def test_parameters_are_said_where_they_are_set() -> None:
    asked = turn("a", "", "Q")
    talk = Conversation(turns=[asked], leaf="a")
    messages = [{"role": "user", "content": "Q"}]
    assert request(talk, asked, 0, "m") == {
        "model": "m", "stream": True, "max_tokens": MOST_TOKENS, "messages": messages,
    }  # fmt: skip
    assert request(talk, asked, 0, "m", 77)["max_tokens"] == 77
    talk.parameters = Parameters(system=" Be kind. ", temperature=0.0, max_tokens=5, thinking="off")
    body = request(talk, asked, 0, "m", 77)
    assert (body["system"], body["temperature"], body["max_tokens"]) == ("Be kind.", 0.0, 5)
    assert body["thinking"] == {"type": "disabled"}


@pytest.mark.parametrize("most", [None, 100, 50_000])
def test_thinking_fits_into_the_answer(most: int | None) -> None:
    asked = turn("a")
    talk = Conversation(turns=[asked], leaf="a", parameters=Parameters(max_tokens=most, thinking="medium"))
    body = request(talk, asked, 0, "m")
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 8192}
    assert body["max_tokens"] == max(most or 0, 8192 + 1024)


def test_files_go_before_the_text() -> None:
    text = base64.b64encode("하늘".encode()).decode()
    asked = turn("a", "", "Q")
    asked.files = [
        File(name="a.png", type="image/png", data="AA=="),
        File(name="b.pdf", type="application/pdf", data="BB=="),
        File(name="c.md", type="text/plain", data=text),
    ]
    blocks = content(asked)
    assert isinstance(blocks, list)
    image, pdf, note, question = blocks
    assert image == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
    assert (pdf["title"], pdf["source"]["media_type"]) == ("b.pdf", "application/pdf")
    assert note["source"] == {"type": "text", "media_type": "text/plain", "data": "하늘"}
    assert question == {"type": "text", "text": "Q"}
    asked.text = " "
    assert len(content(asked)) == 3


def test_two_copies_in_one_lose_nothing() -> None:
    theirs = Conversation(
        id="x", title="Theirs", version=7, created=1, changed=9, models=["t"], leaf="t",
        turns=[turn("a", "", "", said("1", at=1), said("3", at=3)), turn("t", "a")],
    )  # fmt: skip
    mine = Conversation(
        id="x", title="Mine", version=6, models=["m"], leaf="m",
        turns=[turn("a", "", "", said("1", text="longer", at=1), said("2", at=2)), turn("m", "a")],
    )  # fmt: skip
    theirs.turns[0].chosen, mine.turns[0].chosen = {0: "3", 1: "t"}, {0: "2"}
    both = joined(mine, theirs)
    assert (both.title, both.version, both.changed, both.leaf, both.models) == ("Theirs", 7, 9, "m", ["m"])
    assert ids(both.turns) == ["a", "t", "m"]
    assert [(each.id, each.text) for each in both.turns[0].answers] == [
        ("1", "longer"), ("2", "answer 2"), ("3", "answer 3"),
    ]  # fmt: skip
    assert both.turns[0].chosen == {0: "2", 1: "t"}
    assert both.turns[0] is mine.turns[0], "an answer that is being written is written on in the joined copy"


def test_ids_differ() -> None:
    assert len({new_id() for _ in range(100)}) == 100
