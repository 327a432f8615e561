"""Brave Search, `GET /res/v1/web/search` (documentation of the web search API, 2026)."""

from __future__ import annotations

from urllib.parse import urlencode

from .query import Ask, Query, Result, read_list, result, word
from .sites import with_sites

MOST = 20


def write_query(query: Query) -> Ask:
    """The request. Its answer is asked for without marks of what was found, and for pages only."""
    fields = {"q": with_sites(query), "count": str(min(query.count, MOST)), "text_decorations": "false"}
    fields |= {"result_filter": "web", "extra_snippets": "true"}
    if query.place.country:
        fields["country"] = query.place.country.upper()
    place = {
        "x-loc-city": query.place.city,
        "x-loc-state-name": query.place.region,
        "x-loc-timezone": query.place.timezone,
        "x-loc-country": query.place.country.upper(),
    }
    # Headers hold no letters beyond Latin-1; a place that has such is left to the country.
    headers = {name: text for name, text in place.items() if text and text.isascii() and text.isprintable()}
    return Ask("GET", f"/res/v1/web/search?{urlencode(fields)}", headers | {"accept": "application/json"})


def read_results(body: bytes) -> list[Result]:
    """The pages."""
    found = []
    for page in read_list(body, "web", "results"):
        extra = page.get("extra_snippets")
        texts = [word(page.get("description")), *map(word, extra if isinstance(extra, list) else ())]
        text = "\n".join(dict.fromkeys(text for text in texts if text))
        found.append(result(page.get("url"), page.get("title"), text, page.get("age") or page.get("page_age")))
    return [each for each in found if each is not None]
