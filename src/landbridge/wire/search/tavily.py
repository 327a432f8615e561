"""Tavily, `POST /search`."""

from __future__ import annotations

from typing import Any

import msgspec

from .query import Ask, Query, Result, read_list, result, word

MOST = 20


def write_query(query: Query) -> Ask:
    """The request. It takes countries by their English names only, so where the user is cannot be said."""
    fields: dict[str, Any] = {"query": query.text, "max_results": min(query.count, MOST)}
    if query.allowed:
        fields["include_domains"] = list(query.allowed)
    if query.blocked:
        fields["exclude_domains"] = list(query.blocked)
    return Ask("POST", "/search", body=msgspec.json.encode(fields))


def read_results(body: bytes) -> list[Result]:
    """The pages."""
    found = [
        result(page.get("url"), page.get("title"), word(page.get("content")), page.get("published_date"))
        for page in read_list(body, "results")
    ]
    return [each for each in found if each is not None]
