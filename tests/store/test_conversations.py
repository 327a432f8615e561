"""Conversations are kept, found, renamed and deleted in both databases; nobody overwrites what they have not seen."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from landbridge.errors import BadRequest, StoreFault, TooLarge
from landbridge.store import conversations as kept
from landbridge.store.conversation import Answer, Conversation, Parameters, Turn
from landbridge.store.conversations import (
    delete_conversation,
    find_conversation,
    keep_conversation,
    list_conversations,
    rename_conversation,
)
from landbridge.store.location import Location
from landbridge.store.tables import conversations
from tests.store.rows import ledger

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def talk(id: str, *texts: str, version: int = 0) -> Conversation:
    turns = [
        Turn(id=f"t{number}", text=text, answers=[Answer(id=f"a{number}", model="m", text=f"About {text}", cost=None)])
        for number, text in enumerate(texts)
    ]
    return Conversation(
        id=id, version=version, models=["m", "lab/모델"], turns=turns, parameters=Parameters(temperature=0.5)
    )


async def test_what_is_kept_comes_back(location: Location) -> None:
    async with ledger(location) as database:
        summary = await keep_conversation(database, talk("c1", "One\0"), 10.0)
        assert (summary.title, summary.model, summary.version) == ("One", "m, lab/모델", 1)
        assert (summary.created, summary.changed) == (10.0, 10.0)
        again = await keep_conversation(database, talk("c1", "One\0", "Two", version=1), 20.0)
        assert (again.version, again.created, again.changed, again.title) == (2, 10.0, 20.0, "One")
        assert again.size > summary.size
        found = await find_conversation(database, "c1")
    assert found.turns == talk("c1", "One\0", "Two").turns
    assert (found.version, found.title, found.created, found.changed) == (2, "One", 10.0, 20.0)
    assert found.parameters.temperature == 0.5


async def test_who_has_not_seen_the_newest_overwrites_nothing(location: Location) -> None:
    async with ledger(location) as database:
        await keep_conversation(database, talk("c1", "One"), 1.0)
        await keep_conversation(database, talk("c1", "One", "Mine", version=1), 2.0)
        for version in (0, 1, 7):
            with pytest.raises(BadRequest, match="has changed meanwhile") as caught:
                await keep_conversation(database, talk("c1", "One", "Theirs", version=version), 3.0)
            assert (caught.value.status, caught.value.code) == (409, "version_conflict")
        assert (await find_conversation(database, "c1")).turns[1].text == "Mine"


async def test_of_several_at_once_one_is_kept(location: Location) -> None:
    async with ledger(location) as database:
        for version in (0, 1):
            tries = (keep_conversation(database, talk("c1", str(each), version=version), 1.0) for each in range(4))
            done = await asyncio.gather(*tries, return_exceptions=True)
            assert sorted(type(each).__name__ for each in done) == [*["BadRequest"] * 3, "Summary"]


async def test_the_list_is_newest_first_and_goes_on(location: Location) -> None:
    async with ledger(location) as database:
        for number in range(5):
            await keep_conversation(database, talk(f"c{number}", f"Q{number}"), float(number // 2))
        first = await list_conversations(database, "", 3)
        assert [each.id for each in first.conversations] == ["c4", "c3", "c2"]
        rest = await list_conversations(database, "", 3, first.more)
        assert ([each.id for each in rest.conversations], rest.more) == (["c1", "c0"], "")
        with pytest.raises(BadRequest, match="no conversation 'c9'"):
            await list_conversations(database, "", 3, "c9")


async def test_search_looks_at_titles_and_at_what_was_said(location: Location) -> None:
    async with ledger(location) as database:
        await keep_conversation(database, talk("c1", "The Weather", "100% 하늘"), 1.0)
        await keep_conversation(database, talk("c2", "Other"), 2.0)
        await rename_conversation(database, "c2", "Renamed")

        async def found(search: str) -> list[str]:
            return [each.id for each in (await list_conversations(database, search, 9)).conversations]

        assert await found("weATher") == ["c1"]
        assert await found("하늘") == ["c1"]
        assert await found("0% ") == ["c1"]
        assert await found("reNAMED") == ["c2"]
        assert await found("about") == ["c2", "c1"]
        assert await found("_ther") == []


async def test_renamed_and_deleted(location: Location) -> None:
    async with ledger(location) as database:
        await keep_conversation(database, talk("c1", "One"), 1.0)
        renamed = await rename_conversation(database, "c1", " It's\nmine ")
        assert (renamed.title, renamed.version, renamed.changed) == ("It's mine", 1, 1.0)
        await keep_conversation(database, talk("c1", "One", "Two", version=1), 2.0)
        assert (await find_conversation(database, "c1")).title == "It's mine"
        with pytest.raises(BadRequest, match="title is empty"):
            await rename_conversation(database, "c1", " \n")
        await delete_conversation(database, "c1")
        gone = (
            find_conversation(database, "c1"),
            delete_conversation(database, "c1"),
            rename_conversation(database, "c1", "x"),
            keep_conversation(database, talk("c1", "One", version=2), 3.0),
        )
        for action in gone:
            with pytest.raises(BadRequest, match="no conversation 'c1'") as caught:
                await action
            assert caught.value.status == 404


async def test_what_is_too_large_is_said_with_both_numbers(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LARGEST", 2_000_000)
    async with ledger(location) as database:
        with pytest.raises(TooLarge, match="has 6 MB, and one can have 2 MB"):
            await keep_conversation(database, talk("c1", "x" * 3_000_000), 1.0)
        assert (await list_conversations(database, "", 9)).conversations == []


async def test_a_damaged_one_is_said(location: Location) -> None:
    async with ledger(location) as database:
        await keep_conversation(database, talk("c1", "One"), 1.0)
        async with database.begin() as connection:
            await connection.execute(update(conversations).values(content=b"{"))
        with pytest.raises(StoreFault, match="c1 cannot be read"):
            await find_conversation(database, "c1")
