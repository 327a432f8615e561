"""The table of services, and what they say when they refuse."""

from __future__ import annotations

import typing

import pytest

from landbridge.config import SearchSettings
from landbridge.wire.search.query import Query
from landbridge.wire.search.services import SERVICES, words


def test_the_settings_know_each_service() -> None:
    named = typing.get_args(typing.get_type_hints(SearchSettings)["service"])
    assert set(named) == {"", *SERVICES}


@pytest.mark.parametrize("name", SERVICES)
def test_a_row_is_complete(name: str) -> None:
    service = SERVICES[name]
    assert service.header == service.header.lower()
    assert bool(service.base_url) == bool(service.variable), "who needs a key has an address"
    ask = service.write_query(Query("q"))
    assert ask.path.startswith("/")
    assert service.read_results(b"{}") == []
    assert 429 in service.spent


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"type":"ErrorResponse","error":{"status":429,"code":"RATE_LIMITED","detail":"Too many."}}', "Too many."),
        (b'{"message":"Unauthorized.","statusCode":403}', "Unauthorized."),
        (b'{"requestId":"r","error":"Invalid API key","tag":"INVALID_API_KEY"}', "Invalid API key"),
        (b'{"detail":{"error":"Your plan is used up."}}', "Your plan is used up."),
        (b"<html>Forbidden</html>", ""),
        (b'{"error":{"error":{"error":{"error":"deep"}}}}', ""),
        (b'{"error":5}', ""),
        (b"", ""),
        (b"\xff", ""),
    ],
)
def test_the_words_of_a_refusal(body: bytes, said: str) -> None:
    assert words(body) == said


def test_long_words_are_cut() -> None:
    assert len(words(b'{"message":"%s"}' % (b"x" * 5000))) == 200
