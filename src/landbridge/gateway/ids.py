"""Fresh identifiers. A message id is never used twice: a client that meets the same one again loops (CLIENTS.md 9)."""

from __future__ import annotations

import random
import secrets

# Ids are unique, not secret. Asking the system for each would cost a system call twice a request.
_random = random.Random(secrets.randbits(256))  # noqa: S311


def new_id(prefix: str) -> str:
    """`prefix` and 96 random bits, in letters every dialect allows."""
    return f"{prefix}{_random.getrandbits(96):024x}"
