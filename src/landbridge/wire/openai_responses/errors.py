"""Errors of Responses: OpenAI's own forms, which Chat Completions shares, and the one inside a failed response.

A failed response has no status, only a code; some codes say that the request itself is at fault. Codex looks at the
code of what we write to decide whether it asks again, compacts or gives up.
"""

from __future__ import annotations

from ...errors import ClientFault, GatewayError, ProviderLimit, RateLimited, Refused, TooLong
from ..openai_chat.errors import read_error, read_error_object, write_error
from .types import FAULTS, decode_error

__all__ = ["failure_code", "failure_text", "read_error", "read_failure", "write_error"]

_REFUSALS = ("invalid_", "image_", "empty_image", "unsupported_image", "failed_to_download", "bio_", "misalignment_")
"""How codes begin that mean the same request will be refused again."""


def read_failure(raw: bytes, origin: str) -> GatewayError:
    """The error of a failed response, or of an `error` event. Never raises."""
    try:
        code = decode_error(raw).code
    except FAULTS:
        code = None
    refused = isinstance(code, str) and code.startswith(_REFUSALS) and code != "invalid_api_key"
    return read_error_object(raw, origin, 400 if refused else 0)


def failure_code(error: GatewayError) -> str:
    """The code of a failed response, in the words clients act on."""
    if isinstance(error, TooLong):
        return "context_length_exceeded"
    if error.code == "insufficient_quota":
        return error.code
    if isinstance(error, RateLimited | ProviderLimit):
        return "rate_limit_exceeded"
    return "invalid_prompt" if isinstance(error, ClientFault | Refused) else "server_error"


def failure_text(error: GatewayError) -> str:
    """Its message; Codex reads from it how long to wait."""
    if failure_code(error) == "rate_limit_exceeded" and error.retry_after is not None:
        return f"{error.text} Please try again in {error.retry_after:g}s."
    return error.text
