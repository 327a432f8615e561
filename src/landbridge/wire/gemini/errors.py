"""Errors of Gemini: an upstream's answer to ours, and ours to `{"error": {"code", "message", "status", "details"}}`.

Status and code decide first, wording last. A provider that refuses its key becomes 403, never 401: clients retry a
401 for minutes (CLIENTS.md 9). Google says a wrong key with 400 and the reason `API_KEY_INVALID`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ...errors import (
    Forbidden,
    Garbled,
    GatewayError,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    Refused,
    TimedOut,
    TooLong,
    UnknownModel,
)
from ..foreign import describe
from ..overflow import find_overflow
from .types import encode, word

_decode = msgspec.json.Decoder().decode
_SHOWN = 600
"""Characters of an upstream's words that are passed on."""

_STATUS_OF_WORD = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNKNOWN": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""Statuses for errors inside a stream, which have none of their own."""
_KEY_REASONS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED"})


class Complaint(Struct, frozen=True):
    """What an upstream's error says."""

    message: str = ""
    code: str = ""
    """Google's word for the status."""
    status: int = 0
    reasons: tuple[str, ...] = ()
    """Reasons and quotas its details name."""
    delay: float | None = None


def read_error(status: int, body: bytes, origin: str, headers: Mapping[str, str]) -> GatewayError:
    """The error that an upstream's answer means. Never raises; `headers` have lower-case names."""
    try:
        said = _said(_decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = Complaint(describe(body, origin, status))
        if status < 400:
            return Garbled(said.message, origin=origin)
    if status < 400 and not said.message:
        return Garbled(f"{origin} answered with JSON that is no Gemini answer.", origin=origin)
    delay = said.delay if said.delay is not None else _seconds(headers.get("retry-after", ""))
    return _classify(said, status if status >= 400 else _status_of(said), origin, delay)


def read_error_object(raw: bytes, origin: str) -> GatewayError:
    """The error in a chunk's `error` field; its own code stands for the status."""
    try:
        said = _said({"error": _decode(raw)})
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = Complaint(describe(raw, origin, 0))
    return _classify(said, _status_of(said), origin, said.delay)


def _status_of(said: Complaint) -> int:
    return said.status or _STATUS_OF_WORD.get(said.code, 0)


def _said(body: Any) -> Complaint:
    """Find what it says: `{"error": {...}}`, a list of one of these, or something less."""
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return Complaint(str(error) if error else "")
    message = error.get("message") or error.get("detail") or ""
    code = error.get("code")
    details = [each for each in _listed(error.get("details")) if isinstance(each, dict)]
    delays = [_seconds(word(each.get("retryDelay")).removesuffix("s")) for each in details]
    return Complaint(
        message=message if isinstance(message, str) else encode(message).decode(),
        code=word(error.get("status")),
        status=code if isinstance(code, int) and 400 <= code < 600 else 0,
        reasons=tuple(reason for each in details for reason in _reasons(each)),
        delay=next((delay for delay in delays if delay is not None), None),
    )


def _reasons(detail: dict[Any, Any]) -> Iterator[str]:
    yield word(detail.get("reason"))
    for violation in _listed(detail.get("violations")):
        if isinstance(violation, dict):
            yield word(violation.get("quotaId"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _classify(said: Complaint, status: int, origin: str, retry_after: float | None) -> GatewayError:
    words = said.message[:_SHOWN] or "it gave no reason."
    code = said.code
    if status in (0, 400, 413, 500) and (error := _too_long(said, origin)):
        return error
    if status == 401 or _KEY_REASONS.intersection(said.reasons):
        return Forbidden(
            f"{origin} refused its API key: {words}",
            remedy="Check this provider's api_key in the settings.",
            origin=origin,
            code=code,
        )
    match status:
        case 403:
            remedy = "Check that this provider's api_key may use this model."
            return Forbidden(f"{origin} refused access: {words}", remedy=remedy, origin=origin, code=code)
        case 404:
            return UnknownModel(f"{origin} does not know this model or path: {words}", origin=origin, code=code)
        case 429:
            return _limit(said, words, origin, retry_after)
        case 408 | 504:
            return TimedOut(f"{origin} timed out: {words}", origin=origin, code=code)
        case 503 | 529:
            text = f"{origin} is overloaded or still loading: {words}"
            return Overloaded(text, origin=origin, code=code, retry_after=retry_after)
        case _ if 400 <= status < 500:
            return Refused(f"{origin} refused the request: {words}", origin=origin, status=status, code=code)
    shown = f" (HTTP {status})" if status else ""
    return ProviderFault(f"{origin} failed{shown}: {words}", origin=origin, retry_after=retry_after, code=code)


def _limit(said: Complaint, words: str, origin: str, retry_after: float | None) -> GatewayError:
    spent = any("PerDay" in reason for reason in said.reasons)
    remedy = "The day's quota of this model is used up: check the plan, or use another model." if spent else ""
    text = f"{origin} limits the rate: {words}"
    return ProviderLimit(text, remedy=remedy, origin=origin, retry_after=retry_after, code=said.code)


def _too_long(said: Complaint, origin: str) -> GatewayError | None:
    overflow = find_overflow(said.message, (said.code,))
    return None if overflow is None else TooLong(overflow.prompt, overflow.limit, origin=origin)


def _seconds(text: str) -> float | None:
    """Seconds to wait (a date would need a clock)."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
_RPC = "type.googleapis.com/google.rpc."


def write_error(error: GatewayError, request_id: str) -> bytes:
    """The error as Google says it, with the seconds to wait and the request's id in its details."""
    details: list[dict[str, str]] = []
    if error.retry_after is not None:
        details.append({"@type": f"{_RPC}RetryInfo", "retryDelay": f"{error.retry_after:g}s"})
    if request_id:
        details.append({"@type": f"{_RPC}RequestInfo", "requestId": request_id})
    known = _WORDS.get(error.status, "INVALID_ARGUMENT" if error.status < 500 else "INTERNAL")
    wire: dict[str, object] = {"code": error.status, "message": _text(error), "status": known}
    if details:
        wire["details"] = details
    return encode({"error": wire})


def _text(error: GatewayError) -> str:
    """Our text; an overflow also in Google's words."""
    if isinstance(error, TooLong) and error.limit is not None and error.prompt_tokens is not None:
        said = f"The input token count ({error.prompt_tokens}) exceeds the maximum number of tokens allowed"
        return f"{error.message}. {said} ({error.limit}). {error.remedy}".strip()
    return error.text
