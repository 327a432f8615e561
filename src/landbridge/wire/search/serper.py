"""Serper (Google's results), `POST /search`."""

from __future__ import annotations

from typing import Any

import msgspec

from .query import Ask, Query, Result, read_list, result, word
from .sites import with_sites


def write_query(query: Query) -> Ask:
    """The request."""
    fields: dict[str, Any] = {"q": with_sites(query), "num": query.count}
    place = query.place
    if place.country:
        fields["gl"] = place.country.lower()
    if where := ", ".join(part for part in (place.city, place.region, place.country) if part and place.city):
        fields["location"] = where
    return Ask("POST", "/search", body=msgspec.json.encode(fields))


def read_results(body: bytes) -> list[Result]:
    """The pages."""
    found = [
        result(page.get("link"), page.get("title"), word(page.get("snippet")), page.get("date"))
        for page in read_list(body, "organic")
    ]
    return [each for each in found if each is not None]
