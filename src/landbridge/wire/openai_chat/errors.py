"""Errors of Chat Completions: an upstream's answer to ours, and ours to the dialect's JSON.

Status and code decide first, wording last. A provider that refuses its key becomes 403, never 401: clients retry a
401 for minutes (CLIENTS.md 9).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from .types import encode

_decode = msgspec.json.Decoder().decode
_SHOWN = 600
"""Characters of an upstream's words that are passed on."""


class Complaint(Struct, frozen=True):
    """What an upstream's error says, wherever in its JSON it stood."""

    message: str = ""
    code: str = ""
    type: str = ""
    status: int = 0
    prompt: int | None = None
    limit: int | None = None


def read_error(status: int, body: bytes, origin: str, headers: Mapping[str, str]) -> GatewayError:
    """The error that an upstream's answer means. Never raises; `headers` have lower-case names."""
    try:
        said = _said(_decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = Complaint(describe(body, origin, status))
        if status < 400:
            return Garbled(said.message, origin=origin)
    if status < 400 and not said.message:
        return Garbled(f"{origin} answered with JSON that is no chat answer.", origin=origin)
    return _classify(said, status, origin, _retry_after(headers))


def read_error_object(raw: bytes, origin: str, status: int = 0) -> GatewayError:
    """The error in a stream's `error` field (an object or a string); its own code stands for the status."""
    try:
        said = _said({"error": _decode(raw)})
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = Complaint(describe(raw, origin, status))
    return _classify(said, status or said.status or _STATUS_OF_WORD.get(said.code or said.type, 0), origin, None)


_STATUS_OF_WORD = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "overloaded_error": 529,
    "unavailable_error": 503,
    "timeout": 504,
}
"""Statuses for errors inside a stream, which have none of their own."""


def _said(body: Any) -> Complaint:
    """Find message and codes: OpenAI's `error` object, a text, `detail` or `title` (RFC 9457), a list of one."""
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return Complaint(str(error) if error else "")
    message = error.get("message") or error.get("detail") or error.get("msg") or error.get("title") or ""
    code, kind = error.get("code"), error.get("type") or error.get("status")
    # OpenRouter wraps the upstream's own words.
    inner = metadata.get("raw") if isinstance(metadata := error.get("metadata"), dict) else None
    words = message if isinstance(message, str) else encode(message).decode()
    if isinstance(inner, str) and inner not in words:
        words = f"{words}: {inner}"
    return Complaint(
        message=words,
        code=str(code) if isinstance(code, str | int) else "",
        type=kind if isinstance(kind, str) else "",
        status=code if isinstance(code, int) and 400 <= code < 600 else 0,
        prompt=_integer(error.get("n_prompt_tokens")),
        limit=_integer(error.get("n_ctx")),
    )


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _classify(said: Complaint, status: int, origin: str, retry_after: float | None) -> GatewayError:
    words = said.message[:_SHOWN] or "it gave no reason."
    code = said.code if said.code and not said.code.isdecimal() else said.type
    if status not in (401, 403, 404, 429) and (error := _too_long(said, origin)):
        return error
    match status:
        case 401:
            return Forbidden(
                f"{origin} refused its API key: {words}",
                remedy="Check this provider's api_key in the settings.",
                origin=origin,
                code=code,
            )
        case 403:
            remedy = "Check that this provider's api_key may use this model."
            return Forbidden(f"{origin} refused access: {words}", remedy=remedy, origin=origin, code=code)
        case 404:
            return UnknownModel(f"{origin} does not know this model or path: {words}", origin=origin, code=code)
        case 429:
            return _limit(said, words, code, origin, retry_after)
        case 408 | 504:
            return TimedOut(f"{origin} timed out: {words}", origin=origin, code=code)
        case 503 | 529:
            text = f"{origin} is overloaded or still loading: {words}"
            return Overloaded(text, origin=origin, code=code, retry_after=retry_after)
        case _ if 400 <= status < 500:
            return Refused(f"{origin} refused the request: {words}", origin=origin, status=status, code=code)
    shown = f" (HTTP {status})" if status else ""
    return ProviderFault(f"{origin} failed{shown}: {words}", origin=origin, retry_after=retry_after, code=code)


def _limit(said: Complaint, words: str, code: str, origin: str, retry_after: float | None) -> GatewayError:
    spent = "insufficient_quota" in (said.code, said.type)
    remedy = "The account's quota is used up: check its plan and billing." if spent else ""
    text = f"{origin} limits the rate: {words}"
    return ProviderLimit(text, remedy=remedy, origin=origin, retry_after=retry_after, code=code)


def _too_long(said: Complaint, origin: str) -> GatewayError | None:
    overflow = find_overflow(said.message, (said.code, said.type))
    if overflow is None:
        return None
    if overflow.prompt_fits:
        # The wording at which Claude Code asks again with a smaller max_tokens instead of compacting.
        numbers = f"{overflow.prompt} + {overflow.output} > {overflow.limit}"
        text = f"input length and `max_tokens` exceed context limit: {numbers}"
        remedy = "Decrease input length or `max_tokens` and try again."
        return Refused(text, remedy=remedy, origin=origin, code="context_length_exceeded")
    total = None if overflow.prompt is None else overflow.prompt + (overflow.output or 0)
    return TooLong(said.prompt or total, said.limit or overflow.limit, origin=origin)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (in seconds; a date would need a clock)."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) / scale
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}
_CODES = {
    "unauthorized": "invalid_api_key",
    "unknown_model": "model_not_found",
    "rate_limited": "rate_limit_exceeded",
    "budget_spent": "insufficient_quota",
    "provider_limit": "rate_limit_exceeded",
}


def write_error(error: GatewayError, request_id: str) -> bytes:
    """The error as `{"error": {...}}`. The dialect has no place for `request_id` but the header the server sets."""
    kind = _TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    return encode(
        {
            "error": {
                "message": _text(error),
                "type": kind,
                "param": error.param or None,
                "code": error.code or _CODES.get(error.kind) or None,
            }
        }
    )


def _text(error: GatewayError) -> str:
    """Our text; an overflow also in the words OpenAI's clients look for."""
    if isinstance(error, TooLong) and error.limit is not None and error.prompt_tokens is not None:
        said = f"This model's maximum context length is {error.limit} tokens."
        return f"{error.message}. {said} {error.remedy}".strip()
    return error.text
