"""SearXNG, `GET /search?format=json`. The format must be among `search.formats` of the instance's settings.yml."""

from __future__ import annotations

from urllib.parse import urlencode

from .query import Ask, Query, Result, read_list, result, word
from .sites import with_sites


def write_query(query: Query) -> Ask:
    """The request. How many results a page has, the instance decides."""
    fields = {"q": with_sites(query), "format": "json"}
    return Ask("GET", f"/search?{urlencode(fields)}", {"accept": "application/json"})


def read_results(body: bytes) -> list[Result]:
    """The pages."""
    found = [
        result(page.get("url"), page.get("title"), word(page.get("content")), page.get("publishedDate"))
        for page in read_list(body, "results")
    ]
    return [each for each in found if each is not None]
