"""Google's OAuth2 tokens: credentials of a file to the request that gets a token, and its answer. Pure.

developers.google.com/identity/protocols/oauth2/service-account (JWT bearer), and what `gcloud auth application-default
login` leaves (a refresh token). On Google's own machines the metadata server gives tokens without any credential
(cloud.google.com/compute/docs/access/authenticate-workloads).
"""

from __future__ import annotations

import base64
from typing import Literal
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from ..config import Secret
from ..errors import ConfigFault

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
LIFETIME = 3600
"""Seconds an assertion asks for; Google grants no more."""
METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


class _File(Struct):
    type: str = ""
    client_email: str = ""
    private_key: str = ""
    private_key_id: str = ""
    token_uri: str = TOKEN_URI
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""
    quota_project_id: str = ""


class GoogleKeys(Struct, frozen=True):
    """Who asks for tokens."""

    kind: Literal["service", "user", "machine"]
    token_uri: str = TOKEN_URI
    who: str = ""
    """The service account's address, or the client's id."""
    secret: Secret = Secret()
    """The private key (PEM), or the client's secret."""
    refresh: Secret = Secret()
    key_id: str = ""
    quota_project: str = ""
    """Pays for the calls of a person's own credentials."""


class Token(Struct, frozen=True):
    """A token, and how many seconds it holds."""

    text: Secret
    seconds: float


def google_keys(text: str, metadata: str = "metadata.google.internal") -> GoogleKeys:
    """The keys of a credentials file's `text`; without any, the machine's own. Raises `ConfigFault`."""
    if not text:
        return GoogleKeys("machine", token_uri=f"http://{metadata}{METADATA_PATH}")
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.MsgspecError, UnicodeError):
        raise _unusable("its key is no Google credentials file (JSON)") from None
    if urlsplit(file.token_uri).scheme not in ("http", "https"):
        raise _unusable("its credentials name no address that gives tokens")
    if file.type == "service_account" and file.client_email and file.private_key:
        key = Secret(file.private_key)
        return GoogleKeys("service", file.token_uri, file.client_email, key, key_id=file.private_key_id)
    if file.type == "authorized_user" and file.client_id and file.refresh_token:
        secret, refresh = Secret(file.client_secret), Secret(file.refresh_token)
        return GoogleKeys("user", file.token_uri, file.client_id, secret, refresh, quota_project=file.quota_project_id)
    raise _unusable(f"Google credentials of the type '{file.type[:40]}' cannot be used")


def _unusable(words: str) -> ConfigFault:
    return ConfigFault(
        words, remedy="Use a service account's key file, or run 'gcloud auth application-default login'."
    )


def question(keys: GoogleKeys, now: int) -> bytes:
    """The body that asks for a token. Slow (RSA): not for the loop. Raises `ConfigFault` for a key that is none."""
    if keys.kind == "service":
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return urlencode({"grant_type": grant, "assertion": assertion(keys, now)}).encode()
    return urlencode(
        {
            "grant_type": "refresh_token",
            "client_id": keys.who,
            "client_secret": keys.secret.reveal(),
            "refresh_token": keys.refresh.reveal(),
        }
    ).encode()


def assertion(keys: GoogleKeys, now: int) -> str:
    """A JWT that says who asks (RFC 7523)."""
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": keys.key_id} if keys.key_id else {})
    claims = {"iss": keys.who, "scope": SCOPE, "aud": keys.token_uri, "iat": now, "exp": now + LIFETIME}
    text = f"{_url64(msgspec.json.encode(header))}.{_url64(msgspec.json.encode(claims))}"
    return f"{text}.{rs256(keys.secret.reveal(), text)}"


def rs256(pem: str, text: str) -> str:
    """The signature of `text` by RS256 (RFC 7518, 3.3). Raises `ConfigFault` for a key that is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _unusable("the private key in its credentials is none") from None
    if not isinstance(key, RSAPrivateKey):
        raise _unusable("the private key in its credentials is not of the kind RSA")
    return _url64(key.sign(text.encode(), PKCS1v15(), hashes.SHA256()))


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Answer(Struct):
    access_token: str = ""
    expires_in: float = 0
    error: str = ""
    error_description: str = ""


def read_token(body: bytes) -> Token | str:
    """The token of an answer, or the words of a refusal (empty: it says nothing that can be read)."""
    try:
        said = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if said.access_token and said.access_token.isascii() and said.access_token.isprintable():
        return Token(Secret(said.access_token), said.expires_in or LIFETIME)
    return ": ".join(part for part in (said.error, said.error_description) if part)
