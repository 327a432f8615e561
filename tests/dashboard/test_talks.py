"""A conversation is asked on, kept, and joined with what others have kept meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from landbridge.dashboard import talks as module
from landbridge.dashboard.router import RouterFault
from landbridge.dashboard.talks import Talk, Talks, talks_of
from landbridge.store.conversation import Answer, Conversation, Summary, Turn

pytestmark = pytest.mark.anyio


class Shelf:
    """A router that keeps conversations, and nothing else."""

    def __init__(self) -> None:
        self.kept: dict[str, Conversation] = {}
        self.asked = 0
        self.fault: RouterFault | None = None

    async def get(self, path: str, type: Any, **_: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(0)
        if (found := self.kept.get(path.rpartition("/")[2])) is None:
            raise RouterFault("There is no conversation.", 404)
        return msgspec.convert(msgspec.to_builtins(found, str_keys=True), Conversation, strict=False)

    async def ask(self, method: str, path: str, type: Any, body: Conversation) -> Summary:
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        there = self.kept.get(path.rpartition("/")[2])
        if there is None and body.version:
            raise RouterFault("There is no conversation.", 404)
        if there is not None and there.version != body.version:
            raise RouterFault("It has changed.", 409)
        copy = msgspec.json.decode(msgspec.json.encode(body), type=Conversation)
        copy.version, copy.title = body.version + 1, there.title if there else "Title"
        self.kept[body.id] = copy
        return Summary(id=body.id, title=copy.title, model="", version=copy.version, created=1, changed=2, size=3)


class Written:
    """An answer that is there when the test says so."""

    def __init__(self, router: object, said: Conversation, turn: Turn, answer: Answer, most: int) -> None:
        self.turn, self.answer, self.most = turn, answer, most
        self.done = asyncio.Event()
        made.append(self)

    async def run(self, changed: Any) -> None:
        await self.done.wait()
        self.answer.text, self.answer.stop = f"{self.answer.model} says", self.answer.stop or "end"
        changed()

    async def find_cost(self) -> bool:
        self.answer.cost = 5
        return True

    def stop(self) -> None:
        self.answer.stop = "stopped"
        self.done.set()


made: list[Written] = []


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made.clear()
    monkeypatch.setattr(module, "Writing", Written)
    monkeypatch.setattr(
        "nicegui.background_tasks.create", lambda work, **_: started.append(asyncio.ensure_future(work))
    )
    started.clear()
    return Shelf()


started: list[asyncio.Future[Any]] = []


async def settle() -> None:
    """Wait until everything that was begun has ended."""
    while pending := [each for each in started if not each.done()]:
        await asyncio.gather(*pending)


def begin(shelf: Any) -> Talk:
    return Talks(shelf).begin()


async def finish() -> None:
    for each in made:
        each.done.set()
    await settle()


async def test_a_question_is_answered_by_each_model_and_kept(shelf: Shelf) -> None:
    talk = begin(shelf)
    told: list[tuple[Any, Any]] = []
    talk.watchers.append(lambda turn, answer: told.append((turn and turn.id, answer and answer.id)))
    turn = talk.ask("Why?", [], ["a", "b"], {"a": 7, "b": 8}.__getitem__)
    assert set(talk.writing) == {each.answer.id for each in made}
    assert [(each.answer.model, each.answer.side, each.most) for each in made] == [("a", 0, 7), ("b", 1, 8)]
    await asyncio.sleep(0.01)
    assert shelf.kept[talk.id].turns[0].text == "Why?", "a question is kept before it is answered"
    await finish()
    assert not talk.busy
    kept = shelf.kept[talk.id].turns[0]
    assert [(each.text, each.cost) for each in kept.answers] == [("a says", 5), ("b says", 5)]
    assert (talk.said.title, talk.said.version) == ("Title", shelf.kept[talk.id].version)
    assert (None, None) in told and (turn.id, made[1].answer.id) in told


async def test_what_is_asked_instead_stands_beside(shelf: Shelf) -> None:
    talk = begin(shelf)
    first = talk.ask("1", [], ["a"])
    second = talk.ask("2", [], ["a"])
    other = talk.ask_instead(second, "2, but better", [], ["a"])
    assert (second.parent, other.parent, talk.said.leaf) == (first.id, first.id, other.id)
    talk.go(second)
    assert talk.said.leaf == second.id
    talk.ask("3", [], ["a"])
    assert talk.said.turns[-1].parent == second.id
    await finish()


async def test_answers_again_are_chosen_and_dropped(shelf: Shelf) -> None:
    talk = begin(shelf)
    turn = talk.ask("1", [], ["a"])
    await finish()
    first = turn.answers[0]
    again = talk.answer_again(turn, 0, "b")
    assert turn.chosen == {0: again.id}
    talk.drop(turn, 0)
    assert again in turn.answers, "it is being written"
    await finish()
    talk.choose(turn, first)
    assert turn.chosen == {0: first.id}
    talk.drop(turn, 0)
    assert [each.model for each in turn.answers] == ["b"]
    await settle()


async def test_stop_stops_all(shelf: Shelf) -> None:
    talk = begin(shelf)
    turn = talk.ask("1", [], ["a", "b"])
    await asyncio.sleep(0)
    talk.stop()
    await settle()
    assert [each.stop for each in turn.answers] == ["stopped", "stopped"]


async def test_what_others_have_kept_meanwhile_is_joined(shelf: Shelf) -> None:
    talk = begin(shelf)
    talk.ask("1", [], ["a"])
    await finish()
    theirs = shelf.kept[talk.id]
    theirs.turns.append(Turn(id="theirs", parent=theirs.turns[0].id, text="Theirs"))
    theirs.version += 1
    talk.ask("Mine", [], ["a"])
    await finish()
    assert {turn.text for turn in shelf.kept[talk.id].turns} == {"1", "Theirs", "Mine"}
    assert {turn.text for turn in talk.said.turns} == {"1", "Theirs", "Mine"}


async def test_what_cannot_be_kept_is_said_until_it_is(shelf: Shelf) -> None:
    talk = begin(shelf)
    shelf.fault = RouterFault("The disk is full.", 500)
    talk.ask("1", [], ["a"])
    await finish()
    assert talk.fault == "The disk is full."
    shelf.fault = None
    await talk.keep()
    assert talk.fault == ""
    assert talk.id in shelf.kept


async def test_one_that_was_deleted_does_not_come_back(shelf: Shelf) -> None:
    talk = begin(shelf)
    talk.ask("1", [], ["a"])
    await finish()
    del shelf.kept[talk.id]
    await talk.keep()
    assert talk.gone
    talk.ask("2", [], ["a"])
    await talk.hear(None)
    await finish()
    assert shelf.kept == {}


async def test_an_empty_one_is_not_kept(shelf: Shelf) -> None:
    talk = begin(shelf)
    await talk.keep()
    assert shelf.kept == {}


async def test_news_of_it(shelf: Shelf) -> None:
    talk = begin(shelf)
    talk.ask("1", [], ["a"])
    await finish()
    said = talk.said
    asked = shelf.asked
    summary = Summary(id=talk.id, title="Renamed", model="", version=said.version, created=1, changed=2, size=3)
    await talk.hear(summary)
    assert (talk.said.title, shelf.asked) == ("Renamed", asked), "its own words are no news"
    shelf.kept[talk.id].turns.append(Turn(id="theirs", text="Theirs"))
    shelf.kept[talk.id].version += 1
    await talk.hear(msgspec.structs.replace(summary, version=said.version + 1))
    assert [turn.text for turn in talk.said.turns] == ["1", "Theirs"]


async def test_all_tabs_share_one(shelf: Any) -> None:
    shelf.kept["x"] = Conversation(id="x", version=1, turns=[Turn(id="t")])
    talks = Talks(shelf)
    one, two = await asyncio.gather(talks.open("x"), talks.open("x"))
    assert one is two
    with pytest.raises(RouterFault):
        await talks.open("y")
    await talks.hear("x", None)
    assert one.gone
    await talks.hear("nobody's", None)


async def test_a_tab_that_fails_keeps_nobody_from_hearing(shelf: Shelf) -> None:
    talk = begin(shelf)
    heard: list[bool] = []

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    talk.watchers += [fail, lambda *_: heard.append(True)]
    talk.tell(None, None)
    assert heard == [True]


def test_those_of_a_router() -> None:
    one: Any = Shelf()
    two: Any = Shelf()
    assert talks_of(one) is talks_of(one)
    assert talks_of(one) is not talks_of(two)
