"""Exa, `POST /search` with contents."""

from __future__ import annotations

from typing import Any

import msgspec

from .query import MAX_TEXT, Ask, Query, Result, read_list, result, word

MOST = 100


def write_query(query: Query) -> Ask:
    """The request. Passages that fit the query are asked for, not whole pages."""
    fields: dict[str, Any] = {
        "query": query.text,
        "numResults": min(query.count, MOST),
        "contents": {"highlights": {"maxCharacters": MAX_TEXT}},
    }
    if query.allowed:
        fields["includeDomains"] = list(query.allowed)
    if query.blocked:
        fields["excludeDomains"] = list(query.blocked)
    if query.place.country:
        fields["userLocation"] = query.place.country.upper()
    return Ask("POST", "/search", body=msgspec.json.encode(fields))


def read_results(body: bytes) -> list[Result]:
    """The pages."""
    found = []
    for page in read_list(body, "results"):
        passages = page.get("highlights")
        text = "\n".join(filter(None, map(word, passages if isinstance(passages, list) else ())))
        text = text or word(page.get("summary")) or word(page.get("text"))
        found.append(result(page.get("url"), page.get("title"), text, page.get("publishedDate")))
    return [each for each in found if each is not None]
