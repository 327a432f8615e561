"""Errors of the Messages API: an upstream's answer to ours, and ours to the dialect's JSON.

Status and type decide first, wording last. A provider that refuses its key becomes 403, never 401: clients retry a 401
for minutes (CLIENTS.md 9).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct

from ...errors import (
    Forbidden,
    Garbled,
    GatewayError,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    Refused,
    TimedOut,
    TooLarge,
    TooLong,
    UnknownModel,
)
from ...neutral.parts import NONE
from ..foreign import describe
from ..overflow import find_overflow
from .types import decode_error, encode, word

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_SHOWN = 600
"""Characters of an upstream's words that are passed on."""


class _Body(Struct):
    error: Raw = NONE
    message: object = None


_decode_body = msgspec.json.Decoder(_Body).decode

_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def read_error(status: int, body: bytes, origin: str, headers: Mapping[str, str]) -> GatewayError:
    """The error that an upstream's answer means. Never raises; `headers` have lower-case names."""
    try:
        found = _decode_body(body)
        error = decode_error(found.error) if bytes(found.error)[:1] == b"{" else None
    except _FAULTS:
        words = describe(body, origin, status)
        if status < 400:
            return Garbled(words, origin=origin)
        return _classify(status, words, "", origin, _retry_after(headers))
    kind = word(error.type) if error is not None else ""
    words = word(error.message) if error is not None else word(found.message)
    if status < 400 and error is None:
        return Garbled(f"{origin} answered with JSON that is no message.", origin=origin)
    return _classify(
        _STATUS_OF_TYPE.get(kind, status) if status < 400 else status, words, kind, origin, _retry_after(headers)
    )


def read_error_object(raw: bytes, origin: str) -> GatewayError:
    """The error of an `error` event."""
    return read_error(0, b'{"error":' + (raw or b'{"type":"api_error"}') + b"}", origin, {})


def _classify(status: int, said: str, kind: str, origin: str, retry_after: float | None) -> GatewayError:
    words = said[:_SHOWN] or "it gave no reason."
    if status in (400, 413) and (too_long := _too_long(said, kind, origin)) is not None:
        return too_long
    match status:
        case 401:
            remedy = "Check this provider's api_key in the settings."
            return Forbidden(f"{origin} refused its API key: {words}", remedy=remedy, origin=origin, code=kind)
        case 403:
            remedy = "Check that this provider's api_key may use this model."
            return Forbidden(f"{origin} refused access: {words}", remedy=remedy, origin=origin, code=kind)
        case 404:
            return UnknownModel(f"{origin} does not know this model or path: {words}", origin=origin, code=kind)
        case 413:
            return TooLarge(f"{origin} refused the request as too large: {words}", origin=origin, code=kind)
        case 429:
            text = f"{origin} limits the rate: {words}"
            return ProviderLimit(text, origin=origin, code=kind, retry_after=retry_after)
        case 408 | 504:
            return TimedOut(f"{origin} timed out: {words}", origin=origin, code=kind)
        case 503 | 529:
            return Overloaded(f"{origin} is overloaded: {words}", origin=origin, code=kind, retry_after=retry_after)
        case _ if 400 <= status < 500:
            return Refused(f"{origin} refused the request: {words}", origin=origin, status=status, code=kind)
    shown = f" (HTTP {status})" if status else ""
    return ProviderFault(f"{origin} failed{shown}: {words}", origin=origin, code=kind, retry_after=retry_after)


def _too_long(said: str, kind: str, origin: str) -> GatewayError | None:
    """An overflow, in the words at which clients compact; servers of this dialect have words of their own (P65)."""
    overflow = find_overflow(said, (kind,))
    if overflow is None:
        return None
    if overflow.prompt_fits:
        # The wording at which Claude Code asks again with a smaller max_tokens instead of compacting.
        numbers = f"{overflow.prompt} + {overflow.output} > {overflow.limit}"
        text = f"input length and `max_tokens` exceed context limit: {numbers}"
        remedy = "Decrease input length or `max_tokens` and try again."
        return Refused(text, remedy=remedy, origin=origin, code="context_length_exceeded")
    total = None if overflow.prompt is None else overflow.prompt + (overflow.output or 0)
    return TooLong(total, overflow.limit, origin=origin)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after` (in seconds; a date would need a clock)."""
    try:
        seconds = float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def write_error(error: GatewayError, request_id: str) -> bytes:
    """The error as `{"type": "error", "error": {...}}`; the data of an `error` event too."""
    kind = _TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    body: dict[str, object] = {"type": "error", "error": {"type": kind, "message": error.text}}
    if request_id:
        body["request_id"] = request_id
    return encode(body)
