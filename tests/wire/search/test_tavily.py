"""Tavily."""

from __future__ import annotations

import json

from landbridge.wire.search.query import Query, Result
from landbridge.wire.search.tavily import read_results, write_query


def test_the_request() -> None:
    ask = write_query(Query("q", count=50, allowed=("a.example",), blocked=("b.example",)))
    assert (ask.method, ask.path) == ("POST", "/search")
    assert json.loads(ask.body) == {
        "query": "q",
        "max_results": 20,
        "include_domains": ["a.example"],
        "exclude_domains": ["b.example"],
    }


def test_the_pages() -> None:
    pages = [
        {"title": "A", "url": "https://a.example/", "content": "said", "score": 0.9, "raw_content": None},
        {"title": "N", "url": "https://n.example/", "content": "", "published_date": "Mon, 02 Nov 2026 00:00:00 GMT"},
    ]
    body = json.dumps({"query": "q", "answer": None, "images": [], "results": pages, "response_time": 1.1}).encode()
    assert read_results(body) == [
        Result("https://a.example/", "A", "said"),
        Result("https://n.example/", "N", "", "Mon, 02 Nov 2026 00:00:00 GMT"),
    ]
