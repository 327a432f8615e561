"""Backend.AI's signed requests: HMAC-SHA256 by an access key and its secret key. Pure; the time comes in.

github.com/lablup/backend.ai, docs/manager/common-api/auth.rst and its client's `generate_signature`: the key is derived
from the day and the host; since API v4.20181215 the body counts as empty.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from msgspec import Struct

from ..config import Secret
from ..errors import ConfigFault

VERSION = "v6.20220615"
"""Of the API, where the settings name no `x-backendai-version`: every manager since 22.09 takes it."""
_EMPTY = hashlib.sha256(b"").hexdigest()


class KeyPair(Struct, frozen=True):
    """Who signs."""

    access: str
    secret: Secret


def key_pair(text: str) -> KeyPair:
    """The keys of `ACCESS:SECRET`. Raises `ConfigFault`."""
    access, _, secret = text.partition(":")
    if not access or not secret:
        raise ConfigFault(
            "its key is not ACCESS_KEY:SECRET_KEY",
            remedy='Write api_key = "${BACKEND_ACCESS_KEY}:${BACKEND_SECRET_KEY}".',
        )
    return KeyPair(access, Secret(secret))


def sign(
    keys: KeyPair, method: str, authority: str, target: str, content_type: str, now: float, version: str = VERSION
) -> dict[str, str]:
    """The headers to add. `target` is path and query as the request line has them, `now` in Unix seconds."""
    moment = time.gmtime(now)
    date = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", moment)
    lines = (
        method.upper(),
        target,
        date,
        f"host:{authority}",
        f"content-type:{content_type.strip().lower()}",
        f"x-backendai-version:{version}",
        _EMPTY,
    )
    key = keys.secret.reveal().encode()
    for part in (time.strftime("%Y%m%d", moment), authority):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
    return {
        "date": date,
        "content-type": content_type,
        "x-backendai-version": version,
        "authorization": f"BackendAI signMethod=HMAC-SHA256, credential={keys.access}:{signature}",
    }
