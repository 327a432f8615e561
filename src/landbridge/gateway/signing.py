"""What a provider's endpoints do with each request before it leaves: another form, a signature, a token.

Nothing (None) for the many who take a constant header. The clock comes in here; signers themselves are pure.
"""

from __future__ import annotations

import time

import msgspec
from msgspec import Raw

from ..providers import auth
from ..providers.sign_google import GoogleKeys
from ..providers.table import Provider
from ..upstream.client import Client
from ..upstream.place import Outgoing, Sign
from .google_tokens import GoogleTokens

_read_object = msgspec.json.Decoder(dict[str, Raw]).decode
KEEPS_MODEL = "/count-tokens:rawPredict"
"""Vertex counts at an address that names no model: its body has to (platform.claude.com, Claude on Vertex AI)."""


def sign_of(provider: Provider) -> Sign | None:
    """What `provider`'s endpoints do with requests."""
    signer = auth.signer(provider)
    google = GoogleTokens(provider.keys, provider.name) if isinstance(provider.keys, GoogleKeys) else None
    if signer is None and google is None and not (provider.body_without or provider.body_with):
        return None

    async def sign(client: Client, asked: Outgoing) -> Outgoing:
        body = formed(provider, asked)
        headers = asked.headers
        if google is not None:
            headers = {**headers, **await google.headers(client)}
        if signer is not None:
            where = asked.where
            request = auth.Asked(asked.method, where.authority, where.target, headers, body or b"")
            headers = {**headers, **signer(request, time.time())}
        return Outgoing(asked.method, asked.where, headers, body)

    return sign


def formed(provider: Provider, asked: Outgoing) -> bytes | None:
    """The body in the form that `provider` wants: without what its address says already, with what it must name."""
    if asked.body is None or not (provider.body_without or provider.body_with):
        return asked.body
    try:
        fields = _read_object(asked.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return asked.body  # it is no object, and the provider says so
    if not asked.where.target.endswith(KEEPS_MODEL):
        for name in provider.body_without:
            fields.pop(name, None)
    for name, value in provider.body_with.items():
        fields.setdefault(name, Raw(msgspec.json.encode(value)))
    return msgspec.json.encode(fields)
