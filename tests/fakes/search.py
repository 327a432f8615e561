"""The five search services as they answer, each on a path of its own of one local server.

    async with SearchServer([page("https://a.example/", "A", "said")]) as server:
        settings = server.settings("brave")            # a [search] section
        ... server.requests[0].path, .headers, .json ...

Bodies have the shapes of the services' documentation. A wrong key is refused as each refuses it. `pages` may be a
function from the query to pages; with `answer` everything gets that answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .script import JSON, Answer, Received, error
from .site import Site

KEY = "key-of-the-service"
SERVICES = ("brave", "exa", "searxng", "serper", "tavily")


@dataclass(frozen=True)
class Found:
    """A page that is found."""

    url: str
    title: str
    text: str = ""
    age: str = ""


Pages = Sequence[Found] | Callable[[str], Sequence[Found]]

REFUSALS = {
    "brave": (422, {"type": "ErrorResponse", "error": {"id": "e", "status": 422, "code": "SUBSCRIPTION_TOKEN_INVALID",
                    "detail": "The provided subscription token is invalid."}, "time": 1}),
    "exa": (401, {"requestId": "r", "error": "Invalid API key", "tag": "INVALID_API_KEY"}),
    "serper": (403, {"message": "Unauthorized.", "statusCode": 403}),
    "tavily": (401, {"detail": {"error": "Unauthorized: missing or invalid API key."}}),
}  # fmt: skip
"""What each says to a wrong key."""


class SearchServer:
    """The server; an async context manager."""

    def __init__(self, pages: Pages = (), *, answer: Answer | None = None) -> None:
        self._pages = pages
        self._site = Site(self._reply if answer is None else lambda _: answer)

    async def __aenter__(self) -> SearchServer:
        await self._site.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.__aexit__(kind, error, trace)

    def base_url(self, service: str) -> str:
        """Where a service is."""
        return f"{self._site.url}/{service}"

    def settings(self, service: str = "searxng", more: str = "") -> str:
        """The settings for it; the key is in the variable SEARCH_KEY."""
        key = "" if service == "searxng" else 'api_key = "${SEARCH_KEY}"'
        return f'[search]\nservice = "{service}"\nbase_url = "{self.base_url(service)}"\n{key}\n{more}\n'

    @property
    def requests(self) -> list[Received]:
        """All that came."""
        return self._site.requests

    @property
    def queries(self) -> list[str]:
        """What was searched for."""
        return [query_of(request) for request in self.requests]

    def _reply(self, request: Received) -> Answer:
        service = urlsplit(request.path).path.split("/")[1]
        if service != "searxng" and key_of(request) != KEY:
            status, body = REFUSALS[service]
            return error(status, json.dumps(body).encode())
        if service == "searxng" and parse_qs(urlsplit(request.path).query).get("format") != ["json"]:
            return Answer(status=403, headers={"content-type": "text/html"}, text="<html>403 Forbidden</html>")
        query = query_of(request)
        pages = self._pages(query) if callable(self._pages) else self._pages
        return Answer(headers=JSON, body=json.dumps(BODIES[service](query, pages)).encode())


def query_of(request: Received) -> str:
    """What is searched for."""
    if request.method == "GET":
        return parse_qs(urlsplit(request.path).query)["q"][0]
    return str(request.json.get("query") or request.json.get("q"))


def key_of(request: Received) -> str:
    """The key in whichever header it stands."""
    for name in ("x-subscription-token", "x-api-key"):
        if name in request.headers:
            return request.headers[name]
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _brave(query: str, pages: Sequence[Found]) -> dict[str, Any]:
    results = [
        {"title": page.title, "url": page.url, "description": page.text, "age": page.age or None, "language": "en",
         "is_source_local": False, "family_friendly": True, "type": "search_result", "subtype": "generic",
         "meta_url": {"scheme": "https", "netloc": urlsplit(page.url).netloc, "path": ""}}
        for page in pages
    ]  # fmt: skip
    web = {"type": "search", "results": results, "family_friendly": True}
    return {"type": "search", "query": {"original": query, "more_results_available": False}, "web": web}


def _exa(query: str, pages: Sequence[Found]) -> dict[str, Any]:
    results = [
        {"id": page.url, "title": page.title, "url": page.url, "publishedDate": page.age or None, "author": None,
         "highlights": [page.text], "highlightScores": [0.46]}
        for page in pages
    ]  # fmt: skip
    return {"requestId": "b5947044c4b78efa9552a7c89b306d95", "results": results, "costDollars": {"total": 0.005}}


def _searxng(query: str, pages: Sequence[Found]) -> dict[str, Any]:
    results = [
        {"url": page.url, "title": page.title, "content": page.text, "publishedDate": page.age or None,
         "engine": "brave", "engines": ["brave"], "positions": [1], "score": 1.0, "category": "general",
         "template": "default.html", "parsed_url": ["https", urlsplit(page.url).netloc, "/", "", "", ""]}
        for page in pages
    ]  # fmt: skip
    empty: dict[str, Any] = {"answers": [], "corrections": [], "infoboxes": [], "suggestions": []}
    return {"query": query, "number_of_results": 0, "results": results, **empty, "unresponsive_engines": []}


def _serper(query: str, pages: Sequence[Found]) -> dict[str, Any]:
    organic = [
        {"title": page.title, "link": page.url, "snippet": page.text, "position": number,
         **({"date": page.age} if page.age else {})}
        for number, page in enumerate(pages, 1)
    ]  # fmt: skip
    return {"searchParameters": {"q": query, "type": "search", "engine": "google"}, "organic": organic, "credits": 1}


def _tavily(query: str, pages: Sequence[Found]) -> dict[str, Any]:
    results = [
        {"title": page.title, "url": page.url, "content": page.text, "score": 0.81, "raw_content": None,
         **({"published_date": page.age} if page.age else {})}
        for page in pages
    ]  # fmt: skip
    head: dict[str, Any] = {"query": query, "follow_up_questions": None, "answer": None, "images": []}
    return {**head, "results": results, "response_time": 1.67, "request_id": "123e4567"}


BODIES: dict[str, Callable[[str, Sequence[Found]], dict[str, Any]]] = {
    "brave": _brave,
    "exa": _exa,
    "searxng": _searxng,
    "serper": _serper,
    "tavily": _tavily,
}
