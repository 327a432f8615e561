"""What an error means for the way of a request: may another target answer it, may the same one a moment later, and does
it speak against the target's health?

What the client itself got wrong never goes on: the next target would refuse it, too.
"""

from __future__ import annotations

from ..errors import (
    ConfigFault,
    Cut,
    EngineFault,
    Forbidden,
    GatewayError,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    RateLimited,
    Refused,
    TimedOut,
    TooLarge,
    TooLong,
    UnknownModel,
    Unreachable,
)

PAYMENT = 402
REDIRECT = "redirect"
"""Code of the error for an address where the API is no more."""
PASSING = (502, 503, 529)
"""Statuses of an upstream that may be gone in a moment. A 500 mostly comes again."""
LIMIT = 429


def goes_on(error: GatewayError, *, longer: bool) -> bool:
    """Whether another target may be asked. `longer`: also for what does not fit here."""
    match error:
        case TooLong() | TooLarge():
            return longer
        case Refused():
            return error.status == PAYMENT or error.code == REDIRECT
        case Forbidden() | UnknownModel() | RateLimited() | ProviderFault() | EngineFault() | ConfigFault():
            return True
        case _:
            return False


def passes(error: GatewayError, status: int, patience: float) -> bool:
    """Whether the same target may answer in a moment. `status` is the upstream's own; 0 where it gave none."""
    if isinstance(error, Unreachable):
        return True
    if status == LIMIT and isinstance(error, ProviderLimit):
        return error.retry_after is not None and error.retry_after <= patience
    return status in PASSING and isinstance(error, ProviderFault) and (error.retry_after or 0.0) <= patience


def is_ill(error: GatewayError) -> bool:
    """Whether it speaks against the target, and not against this request or this moment."""
    return not isinstance(error, TooLong | TooLarge | RateLimited) and goes_on(error, longer=False)


def is_away(error: GatewayError) -> bool:
    """Whether there may be nobody at all: whoever tries it again may wait for long."""
    return isinstance(error, Unreachable | TimedOut | Cut)


def rest_of(error: GatewayError) -> float | None:
    """Seconds that the target itself wishes to be left alone; None where it says nothing."""
    return error.retry_after if isinstance(error, ProviderLimit | Overloaded) else None


def words_of(error: GatewayError, status: int) -> str:
    """The error in as few words as can be: `429 provider limit`, `unreachable`."""
    kind = error.kind.replace("_", " ")
    return f"{status} {kind}" if status >= 400 else kind
