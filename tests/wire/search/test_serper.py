"""Serper."""

from __future__ import annotations

import json

from landbridge.wire.search.query import Place, Query, Result
from landbridge.wire.search.serper import read_results, write_query


def test_the_request() -> None:
    place = Place(country="US", region="California", city="San Francisco")
    ask = write_query(Query("q", count=5, blocked=("x.example",), place=place))
    assert (ask.method, ask.path) == ("POST", "/search")
    assert json.loads(ask.body) == {
        "q": "q -site:x.example",
        "num": 5,
        "gl": "us",
        "location": "San Francisco, California, US",
    }
    assert json.loads(write_query(Query("q", place=Place(region="California"))).body) == {"q": "q", "num": 8}


def test_the_pages() -> None:
    pages = [
        {"title": "A", "link": "https://a.example/", "snippet": "said", "date": "3 hours ago", "position": 1},
        {"title": "B", "snippet": "without a link"},
    ]
    body = json.dumps({"searchParameters": {"q": "q"}, "organic": pages, "credits": 1}).encode()
    assert read_results(body) == [Result("https://a.example/", "A", "said", "3 hours ago")]
