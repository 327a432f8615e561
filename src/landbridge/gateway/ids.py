"""Fresh identifiers. A message id is never used twice: a client that meets the same one again loops (CLIENTS.md 9)."""

from __future__ import annotations

import secrets


def new_id(prefix: str) -> str:
    """`prefix` and 96 random bits, in letters every dialect allows."""
    return prefix + secrets.token_hex(12)
