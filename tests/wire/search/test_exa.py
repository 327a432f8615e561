"""Exa."""

from __future__ import annotations

import json

from landbridge.wire.search.exa import read_results, write_query
from landbridge.wire.search.query import MAX_TEXT, Place, Query, Result


def test_the_request() -> None:
    query = Query("q", count=3, allowed=("a.example",), blocked=("b.example",), place=Place(country="de"))
    ask = write_query(query)
    assert (ask.method, ask.path) == ("POST", "/search")
    assert json.loads(ask.body) == {
        "query": "q",
        "numResults": 3,
        "contents": {"highlights": {"maxCharacters": MAX_TEXT}},
        "includeDomains": ["a.example"],
        "excludeDomains": ["b.example"],
        "userLocation": "DE",
    }


def test_the_pages() -> None:
    pages = [
        {"id": "1", "title": "A", "url": "https://a.example/", "publishedDate": "2026-11-01T00:00:00.000Z",
         "highlights": ["one", "two"], "highlightScores": [0.5, 0.4]},
        {"title": None, "url": "https://b.example/", "text": "all of it"},
    ]  # fmt: skip
    body = json.dumps({"requestId": "r", "resolvedSearchType": "neural", "results": pages}).encode()
    assert read_results(body) == [
        Result("https://a.example/", "A", "one\ntwo", "2026-11-01T00:00:00.000Z"),
        Result("https://b.example/", "https://b.example/", "all of it", ""),
    ]
