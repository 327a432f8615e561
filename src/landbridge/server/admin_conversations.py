"""`/api/v1/conversations`: what is said in the dashboard's chat, kept in the ledger's database.

Over TCP all of it wants the router's own key, reading too: other users of this machine can ask its ports, and it is
nobody's business what was said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from ..errors import BadRequest
from ..store.conversation import Conversation, Conversations, Summary
from .admin_store import number_of
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

if TYPE_CHECKING:
    from ..store.database import Database

CONVERSATIONS = "/api/v1/conversations"
ONE = f"{CONVERSATIONS}/{{id}}"
TOPIC = "conversations"
MOST = 1000
"""Conversations of one page."""
USUAL = 50
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Rename(Struct, forbid_unknown_fields=True):
    """What to call a conversation."""

    title: str


class Removed(Struct):
    """A conversation that was deleted."""

    id: str
    deleted: bool = True


class Happened(Struct):
    """What became of a conversation, for those who look on."""

    id: str
    summary: Summary | None
    """Null where it was deleted."""


DESCRIBED: Described = {
    ("GET", "", CONVERSATIONS): Endpoint(
        summary="List the chat's conversations, the one that changed last first",
        gives=(Conversations,),
        parameters=("search", "conversations_limit", "before"),
    ),
    ("GET", "", "/conversations/{id}"): Endpoint(summary="Show a conversation", gives=(Conversation,)),
    ("PUT", "", "/conversations/{id}"): Endpoint(
        summary="Keep a conversation; `version` is the one it came from", takes=Conversation, gives=(Summary,)
    ),
    ("PATCH", "", "/conversations/{id}"): Endpoint(summary="Rename a conversation", takes=Rename, gives=(Summary,)),
    ("DELETE", "", "/conversations/{id}"): Endpoint(summary="Delete a conversation", gives=(Removed,)),
}


def table(works: Works) -> Table:
    """The endpoints."""
    works.hub.happening(TOPIC)
    conversations = _Conversations(works)
    rows: list[tuple[str, str, Callable[[Asked], Awaitable[Struct]]]] = [
        ("GET", CONVERSATIONS, conversations.list),
        ("GET", ONE, conversations.show),
        ("PUT", ONE, conversations.keep),
        ("PATCH", ONE, conversations.rename),
        ("DELETE", ONE, conversations.delete),
    ]
    return Table(works.book, [Row(*row, guarded=True) for row in rows])


class _Conversations:
    """The handlers."""

    def __init__(self, works: Works) -> None:
        self._ledger, self._hub = works.ledger, works.hub

    async def list(self, asked: Asked) -> Conversations:
        query = asked.query("search", "limit", "before")
        limit = number_of(query, "limit", 1, MOST) or USUAL

        async def question(database: Database) -> Conversations:
            from ..store.conversations import list_conversations

            return await list_conversations(database, query.get("search", ""), limit, query.get("before", ""))

        return await self._ledger.ask(question)

    async def show(self, asked: Asked) -> Conversation:
        asked.query()

        async def question(database: Database) -> Conversation:
            from ..store.conversations import find_conversation

            return await find_conversation(database, asked.path["id"])

        return await self._ledger.ask(question)

    async def keep(self, asked: Asked) -> Summary:
        asked.query()
        id = asked.path["id"]
        if not _ID.fullmatch(id):
            raise BadRequest("A conversation's id has up to 64 letters, digits, - and _.")
        conversation = asked.body(Conversation)
        conversation.id = id

        async def question(database: Database) -> Summary:
            from ..store.conversations import keep_conversation

            return await keep_conversation(database, conversation, time.time())

        return self._tell(await self._ledger.ask(question))

    async def rename(self, asked: Asked) -> Summary:
        asked.query()
        title = asked.body(Rename).title

        async def question(database: Database) -> Summary:
            from ..store.conversations import rename_conversation

            return await rename_conversation(database, asked.path["id"], title)

        return self._tell(await self._ledger.ask(question))

    async def delete(self, asked: Asked) -> Removed:
        asked.query()
        id = asked.path["id"]

        async def question(database: Database) -> None:
            from ..store.conversations import delete_conversation

            await delete_conversation(database, id)

        await self._ledger.ask(question)
        self._hub.tell(TOPIC, Happened(id, None))
        return Removed(id)

    def _tell(self, summary: Summary) -> Summary:
        self._hub.tell(TOPIC, Happened(summary.id, summary))
        return summary
