"""Which of a client's headers travel on when its request is passed through.

Kept is what the protocol says about the request (CONTRACT.md: `anthropic-version`, `anthropic-beta` and unknown ones of
the two families, untouched). Credentials, cookies, hop-by-hop and proxy headers never leave (P99).
"""

from __future__ import annotations

from collections.abc import Mapping

KEPT = frozenset({"accept", "content-type", "user-agent", "x-app", "idempotency-key"})
KEPT_PREFIXES = ("anthropic-", "x-claude-code-", "openai-", "x-stainless-")
CREDENTIALS = ("-key", "-token", "-secret", "-authorization", "-cookie")
"""Ends of names within the families that could carry a credential."""


def forwardable(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers (lower-case names) to send on with a passed-through request."""
    return {
        name: value
        for name, value in headers.items()
        if name in KEPT or (name.startswith(KEPT_PREFIXES) and not name.endswith(CREDENTIALS))
    }
