"""Calls and what came of them, for the tests of every dialect."""

from __future__ import annotations

from landbridge.wire.hosted.outcome import Fault, Found, Outcome, Page
from landbridge.wire.hosted.use import OURS, Use, use_of
from landbridge.wire.search.query import Result

SEARCH = use_of(f"{OURS}1", "search", "web_search", '{"query":"한글 cats"}')
FETCH = use_of(f"{OURS}2", "fetch", "web_fetch", '{"url":"https://a.example/"}')
FOUND = Found((Result("https://a.example/", "A", "said \N{FOX FACE}", "today"), Result("https://b.example/", "B")))
PAGE = Page("https://a.example/", "A", "body", "2026-11-26T00:00:00+00:00")

PAIRS: list[tuple[Use, Outcome]] = [
    (SEARCH, FOUND),
    (SEARCH, Found(())),
    (SEARCH, Fault("too_many_requests", "Brave says no.")),
    (SEARCH, Fault("max_uses_exceeded")),
    (FETCH, PAGE),
    (FETCH, Fault("url_not_allowed", "It is private.")),
]
