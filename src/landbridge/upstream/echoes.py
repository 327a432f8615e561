"""Error answers without the credentials they were asked with: some servers repeat the key that they refuse.

What an upstream says goes to the client, to the log and into the ledger, and none of them may learn a provider's key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from msgspec.structs import replace

from .place import Endpoint

MASK = b"***"
SHORTEST = 6
"""Characters of what is masked; anything shorter stands in many a word."""
OPEN = frozenset({"accept", "anthropic-beta", "anthropic-version", "content-type", "host", "user-agent"})
"""Headers without secrets. All others come from the settings and may hold a key."""
SIGNED = ("authorization", "x-amz-security-token")
"""Headers that a signature or a token comes in."""
SECRET_PARAMETERS = ("key", "token", "secret", "password", "signature")
"""Ends of the names of query parameters that carry a credential."""


def without_keys(body: bytes, endpoint: Endpoint) -> bytes:
    """`body` with what opens `endpoint` masked, however it is written there."""
    for secret in sorted(set(_secrets(endpoint)), key=len, reverse=True):
        for written in {secret, json.dumps(secret)[1:-1], quote(secret, safe="")}:
            body = body.replace(written.encode(), MASK)
    return body


def signed(endpoint: Endpoint, sent: Mapping[str, str]) -> Endpoint:
    """`endpoint` with what signing has put into a request, so that an error does not repeat that either."""
    added = {name: sent[name] for name in SIGNED if name in sent}
    return replace(endpoint, headers={**endpoint.headers, **added}) if added else endpoint


def _secrets(endpoint: Endpoint) -> Iterator[str]:
    for name, value in endpoint.headers.items():
        if name.lower() in OPEN:
            continue
        _, _, bare = value.rpartition(" ")  # without `Bearer`
        yield from (each for each in (value, bare) if len(each) >= SHORTEST)
    for name, value in parse_qsl(urlsplit(endpoint.url).query):
        if name.lower().endswith(SECRET_PARAMETERS) and len(value) >= SHORTEST:
            yield value
