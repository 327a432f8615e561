"""AWS Signature Version 4: a request to the headers that prove who sends it. Pure; the time comes in.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Signed are the host, the date, the
session's token and the body's hash; other headers may change on the way without harm.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import lru_cache
from urllib.parse import quote

from msgspec import Struct

from ..config import Secret
from ..errors import ConfigFault

ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"


class AwsKeys(Struct, frozen=True):
    """Who signs."""

    id: str
    secret: Secret
    token: Secret = Secret()
    """Of a session (STS, SSO); empty for lasting keys."""


def aws_keys(text: str) -> AwsKeys:
    """The keys of `ID:SECRET` or `ID:SECRET:TOKEN`. Raises `ConfigFault`."""
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(parts[:2]):
        raise ConfigFault(
            "its key is not ACCESS_KEY_ID:SECRET_ACCESS_KEY (or ID:SECRET:SESSION_TOKEN)",
            remedy='Write api_key = "${AWS_ACCESS_KEY_ID}:${AWS_SECRET_ACCESS_KEY}", or leave it out.',
        )
    return AwsKeys(parts[0], Secret(parts[1]), Secret(parts[2] if len(parts) == 3 else ""))


def sign(
    keys: AwsKeys, region: str, service: str, method: str, authority: str, target: str, body: bytes, now: float
) -> dict[str, str]:
    """The headers to add. `target` is path and query as the request line has them, `now` in Unix seconds."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    headers = {"host": authority, "x-amz-date": stamp}
    if keys.token:
        headers["x-amz-security-token"] = keys.token.reveal()
    names = ";".join(headers)
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    canonical = _canonical(method, target, headers, names, hashlib.sha256(body).hexdigest())
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = _signing_key(keys.secret, stamp[:8], region, service)
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"{ALGORITHM} Credential={keys.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


def _canonical(method: str, target: str, headers: dict[str, str], names: str, digest: str) -> str:
    path, _, query = target.partition("?")
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in headers.items())
    # What stands in the request line is encoded once; the signature is of the path encoded again (but for S3).
    return f"{method}\n{quote(path or '/', safe='/' + _UNRESERVED)}\n{_sorted(query)}\n{lines}\n{names}\n{digest}"


def _sorted(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return "&".join(f"{name}={value}" for name, value in sorted((name, value) for name, _, value in pairs))


@lru_cache(maxsize=64)
def _signing_key(secret: Secret, day: str, region: str, service: str) -> bytes:
    """The same for a day: worth keeping, as it takes four hashes."""
    key = b"AWS4" + secret.reveal().encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
