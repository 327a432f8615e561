"""The conversations of the chat, kept and found again: one row each, its content one JSON document.

Whoever keeps one says which version it came from. Where that is not the newest one the store refuses, so that two tabs
never overwrite each other: the second reads, joins both and tries again.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import BadRequest, StoreFault, TooLarge
from .conversation import LARGEST, LONGEST_TITLE, Conversation, Conversations, Summary, one_line, title_of, words_of
from .database import Database
from .tables import conversations

_c = conversations.c
_SHOWN = (_c.id, _c.title, _c.model, _c.version, _c.created, _c.changed, _c.size)
_decoder = msgspec.json.Decoder(Conversation)


async def list_conversations(database: Database, search: str, limit: int, before: str = "") -> Conversations:
    """The `limit` that changed last, or those before the one of that id. Raises `StoreFault`, `BadRequest`."""
    asked = select(*_SHOWN).order_by(_c.changed.desc(), _c.id.desc()).limit(limit + 1)
    if wanted := one_line(search).casefold():
        titled = func.lower(_c.title).contains(wanted, autoescape=True)
        asked = asked.where(or_(titled, _c.words.contains(wanted, autoescape=True)))
    async with database.connect() as connection:
        if before:
            last = (await connection.execute(select(_c.changed, _c.id).where(_c.id == before))).one_or_none()
            if last is None:
                raise _missing(before)
            older = and_(_c.changed == last.changed, _c.id < last.id)
            asked = asked.where(or_(_c.changed < last.changed, older))
        found = [_summary(row) for row in (await connection.execute(asked)).mappings()]
    more = found[limit - 1].id if len(found) > limit else ""
    return Conversations(conversations=found[:limit], more=more)


async def find_conversation(database: Database, id: str) -> Conversation:
    """One, whole. Raises `StoreFault`, `BadRequest`."""
    async with database.connect() as connection:
        row = (await connection.execute(select(*_SHOWN, _c.content).where(_c.id == id))).one_or_none()
    if row is None:
        raise _missing(id)
    try:
        found = _decoder.decode(row.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreFault(f"The conversation {id} cannot be read: {error}.") from None
    found.id, found.title, found.version = row.id, row.title, row.version
    found.created, found.changed = row.created, row.changed
    return found


async def keep_conversation(database: Database, conversation: Conversation, now: float) -> Summary:
    """Keep it as a new version. Raises `StoreFault`, `BadRequest` (409: another one came first), `TooLarge`."""
    content = msgspec.json.encode(conversation)
    if len(content) > LARGEST:
        raise TooLarge(
            f"The conversation has {len(content) / 1e6:.0f} MB, and one can have {LARGEST / 1e6:.0f} MB.",
            remedy="Go on in a new one, or send smaller files.",
        )
    values: dict[str, Any] = {
        "model": ", ".join(map(one_line, conversation.models)),
        "version": conversation.version + 1,
        "changed": now,
        "size": len(content),
        "words": words_of(conversation),
        "content": content,
    }
    async with database.begin() as connection:
        known = _c.id == conversation.id
        if conversation.version == 0:
            new = insert(conversations).values(id=conversation.id, title=title_of(conversation), created=now, **values)
            try:
                async with connection.begin_nested():
                    await connection.execute(new)
            except IntegrityError:
                raise _changed(conversation.id) from None
        else:
            same = and_(known, _c.version == conversation.version)
            if (await connection.execute(update(conversations).where(same).values(**values))).rowcount == 0:
                there = await connection.scalar(select(_c.version).where(known))
                raise _missing(conversation.id) if there is None else _changed(conversation.id)
        return _summary((await connection.execute(select(*_SHOWN).where(known))).mappings().one())


async def rename_conversation(database: Database, id: str, title: str) -> Summary:
    """Give it another title; what was said stays as it is. Raises `StoreFault`, `BadRequest`."""
    title = one_line(title)[:LONGEST_TITLE]
    if not title:
        raise BadRequest.at("title", " is empty.")
    async with database.begin() as connection:
        await connection.execute(update(conversations).where(_c.id == id).values(title=title))
        row = (await connection.execute(select(*_SHOWN).where(_c.id == id))).mappings().one_or_none()
    if row is None:
        raise _missing(id)
    return _summary(row)


async def delete_conversation(database: Database, id: str) -> None:
    """Delete it for ever. Raises `StoreFault`, `BadRequest`."""
    async with database.begin() as connection:
        if (await connection.execute(delete(conversations).where(_c.id == id))).rowcount == 0:
            raise _missing(id)


def _summary(row: RowMapping) -> Summary:
    return Summary(**{name: row[name] for name in Summary.__struct_fields__})


def _missing(id: str) -> BadRequest:
    return BadRequest(
        f"There is no conversation '{id[:60]}'.", status=404, remedy="It may have been deleted in another window."
    )


def _changed(id: str) -> BadRequest:
    return BadRequest(
        f"The conversation '{id[:60]}' has changed meanwhile.",
        status=409,
        code="version_conflict",
        remedy="Read it again, and say its version.",
    )
