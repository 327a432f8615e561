"""Brave Search."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from landbridge.wire.search.brave import read_results, write_query
from landbridge.wire.search.query import Place, Query, Result


def test_the_request() -> None:
    place = Place(country="kr", region="Seoul", city="서울", timezone="Asia/Seoul")
    ask = write_query(Query("a & b?", count=50, allowed=("x.example",), place=place))
    parts = urlsplit(ask.path)
    assert (ask.method, parts.path, ask.body) == ("GET", "/res/v1/web/search", b"")
    assert parse_qs(parts.query) == {
        "q": ["a & b? site:x.example"],
        "count": ["20"],
        "country": ["KR"],
        "text_decorations": ["false"],
        "result_filter": ["web"],
        "extra_snippets": ["true"],
    }
    assert ask.headers == {
        "accept": "application/json",
        "x-loc-state-name": "Seoul",
        "x-loc-timezone": "Asia/Seoul",
        "x-loc-country": "KR",
    }


def test_the_pages() -> None:
    pages = [
        {
            "title": "Top <strong>x</strong>",
            "url": "https://a.example/",
            "description": "It&#x27;s one",
            "age": "2 days ago",
            "page_age": "2026-11-24T00:00:00",
            "extra_snippets": ["two", "two", None, "three"],
        },
        {"title": "Old", "url": "https://b.example/", "page_age": "2020-01-01T00:00:00"},
        {"title": "Nowhere"},
    ]
    body = json.dumps({"type": "search", "web": {"type": "search", "results": pages}}).encode()
    assert read_results(body) == [
        Result("https://a.example/", "Top x", "It's one\ntwo\nthree", "2 days ago"),
        Result("https://b.example/", "Old", "", "2020-01-01T00:00:00"),
    ]
