"""SearXNG."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from landbridge.wire.search.query import Query, Result
from landbridge.wire.search.searxng import read_results, write_query


def test_the_request() -> None:
    ask = write_query(Query("한글 q", allowed=("a.example",)))
    parts = urlsplit(ask.path)
    assert (ask.method, parts.path) == ("GET", "/search")
    assert parse_qs(parts.query) == {"q": ["한글 q site:a.example"], "format": ["json"]}
    assert ask.path.isascii()


def test_the_pages() -> None:
    pages = [
        {"url": "https://a.example/", "title": "A", "content": "said", "publishedDate": None, "engines": ["x"]},
        {"url": "https://b.example/", "title": "B", "content": None, "publishedDate": "2026-11-01T00:00:00"},
    ]
    body = json.dumps({"query": "q", "number_of_results": 0, "results": pages, "unresponsive_engines": []}).encode()
    assert read_results(body) == [
        Result("https://a.example/", "A", "said"),
        Result("https://b.example/", "B", "", "2026-11-01T00:00:00"),
    ]
