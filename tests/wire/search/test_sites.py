"""Domains a search keeps to."""

from __future__ import annotations

import pytest

from landbridge.wire.search.query import Query
from landbridge.wire.search.sites import permits, with_sites


@pytest.mark.parametrize(
    ("domain", "url", "covered"),
    [
        ("example.com", "https://example.com/x", True),
        ("example.com", "https://docs.example.com/x", True),
        ("docs.example.com", "https://example.com/x", False),
        ("example.com", "https://notexample.com/", False),
        ("example.com", "https://example.com.evil.example/", False),
        ("example.com", "https://evil.example/?q=example.com", False),
        ("EXAMPLE.com", "https://example.COM./x", True),
        ("https://example.com", "http://example.com:8080/", True),
        ("*.example.com", "https://a.example.com/", True),
        ("example.com/blog", "https://example.com/blog", True),
        ("example.com/blog", "https://example.com/blog/2026", True),
        ("example.com/blog/*", "https://example.com/blog/2026", True),
        ("example.com/blog", "https://example.com/blogger", False),
        ("example.com/blog", "https://example.com/", False),
        ("", "https://example.com/", False),
        ("example.com", "https://[", False),
    ],
)
def test_a_domain_covers(domain: str, url: str, covered: bool) -> None:
    assert permits(url, (domain,), ()) is covered
    assert permits(url, (), (domain,)) is not covered


def test_without_domains_everything_is_permitted() -> None:
    assert permits("https://anything.example/", (), ())


@pytest.mark.parametrize(
    ("allowed", "blocked", "text"),
    [
        ((), (), "q"),
        (("a.example",), (), "q site:a.example"),
        (("a.example", "b.example"), (), "q (site:a.example OR site:b.example)"),
        ((), ("a.example", "b.example"), "q -site:a.example -site:b.example"),
    ],
)
def test_engines_are_told_by_operators(allowed: tuple[str, ...], blocked: tuple[str, ...], text: str) -> None:
    assert with_sites(Query("q", allowed=allowed, blocked=blocked)) == text
