"""How a key is made, and how one is told from others: `lb-` + public id + `-` + 40 letters and digits.

What is stored is a plain SHA-256. Slow hashes protect words that people think up, which can be guessed; here 238 bits
of chance are guessed by nobody, and every request is spared the time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string

PREFIX = "lb-"
ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read as others."""
ID_LENGTH = 8
SECRET_LENGTH = 40
_LETTERS = string.ascii_letters + string.digits
_KEY = re.compile(rb"lb-([a-z0-9]{1,32})-([A-Za-z0-9]{32,128})")
_NOBODY = hashlib.sha256(b"").hexdigest()


def make_id() -> str:
    """An id for a new key."""
    return "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))


def make_key(id: str) -> str:
    """A new key with that id."""
    return f"{PREFIX}{id}-{''.join(secrets.choice(_LETTERS) for _ in range(SECRET_LENGTH))}"


def id_of(key: bytes) -> str | None:
    """The id in a key; None for what is no key of ours."""
    found = _KEY.fullmatch(key)
    return None if found is None else found[1].decode("ascii")


def digest(key: str | bytes) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode() if isinstance(key, str) else key).hexdigest()


def matches(key: bytes, stored: str | None) -> bool:
    """Whether it is the key that was stored; it takes as long where there is none."""
    return hmac.compare_digest(digest(key), _NOBODY if stored is None else stored) and stored is not None
