"""Runs what a model asks for: through the search service, or from the public web."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urldefrag

from msgspec.structs import replace

from ...config import MediaSettings
from ...neutral.parts import Document, Part, Text, ToolResult
from ...neutral.request import Request
from ...upstream.client import Client
from ...wire.hosted.outcome import Fault, Outcome, within
from ...wire.hosted.wishes import Wish
from ...wire.search.query import Query
from .fetch import Fetcher, Rules
from .search import search
from .web import Web

AT_ONCE = 4
"""Searches and fetches of one answer at a time."""


class Runner:
    """Runs for one answer."""

    def __init__(self, client: Client, web: Web, media: MediaSettings) -> None:
        self.web = web
        self._client, self._media = client, media
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def search(self, query: Query, share: float) -> Outcome:
        """What is found. `share`: of the usual number of results."""
        searching = self.web.search
        if searching is None:
            return Fault("unavailable", f"{self.web.problem}.")
        async with self._turn:
            return await search(
                self._client, searching, replace(query, count=max(1, min(20, round(searching.max_results * share))))
            )

    async def fetch(self, url: str, wish: Wish, request: Request) -> Outcome:
        """The page at `url`, if the conversation names it."""
        settings = self.web.fetch
        if not settings.any_url and not is_named(url, request):
            return Fault("url_not_in_prior_context")
        async with self._turn:
            outcome = await Fetcher(settings, self._media).fetch(url, Rules(wish.allowed, wish.blocked))
        most = settings.max_characters if wish.characters is None else min(settings.max_characters, wish.characters)
        return within(outcome, most)


def is_named(url: str, request: Request) -> bool:
    """Whether the user, a tool or a page has shown this address. One that a model makes up could carry away secrets."""
    short = _short(url)
    return bool(short) and any(short in text for text in _texts(request))


def _short(url: str) -> str:
    """An address without what people leave out."""
    bare = urldefrag(url).url
    for start in ("https://", "http://", "www."):
        bare = bare.removeprefix(start)
    return bare.rstrip("/")


def _texts(request: Request) -> Iterator[str]:
    for text in request.system:
        yield text.text
    for message in request.messages:
        for part in message.parts:
            yield from _said(part, own=message.role == "assistant")


def _said(part: Part, *, own: bool) -> Iterator[str]:
    """The words of a part; those of the model itself do not count."""
    match part:
        case Text() if not own:
            yield part.text
        case Document():
            yield part.text
            for each in part.parts:
                yield from _said(each, own=own)
        case ToolResult():
            for inner in part.parts:
                yield from _said(inner, own=False)
