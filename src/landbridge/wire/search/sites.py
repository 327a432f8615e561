"""Domains that a search or a fetch keeps to: `example.com` means its subdomains too, `example.com/blog` what is below
that path. Services are told by `site:` operators or fields of their own; what comes is looked at again here.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from .query import Query


def permits(url: str, allowed: Sequence[str], blocked: Sequence[str]) -> bool:
    """Whether a page may be shown."""
    if allowed and not any(_covers(domain, url) for domain in allowed):
        return False
    return not any(_covers(domain, url) for domain in blocked)


def _covers(domain: str, url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    name, _, path = domain.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")
    name = name.removeprefix("*.").strip(".")
    if not name or not (host == name or host.endswith(f".{name}")):
        return False
    below, here = f"/{path.strip('/*')}/", f"{parts.path.lower().rstrip('/')}/"
    return below == "//" or here.startswith(below)


def with_sites(query: Query) -> str:
    """The query's text with operators that most engines know."""
    wanted = " OR ".join(f"site:{domain}" for domain in query.allowed)
    unwanted = " ".join(f"-site:{domain}" for domain in query.blocked)
    if len(query.allowed) > 1:
        wanted = f"({wanted})"
    return " ".join(part for part in (query.text, wanted, unwanted) if part)
