"""What an error means for a request's way: on to the next target, once more to the same, or to the client."""

from __future__ import annotations

import pytest

from landbridge import errors
from landbridge.errors import GatewayError
from landbridge.routing.faults import goes_on, is_away, is_ill, passes, rest_of, words_of

ON = [
    errors.Unreachable("x"),
    errors.TimedOut("x"),
    errors.Cut("x"),
    errors.Garbled("x"),
    errors.Overloaded("x"),
    errors.ProviderLimit("x"),
    errors.ProviderFault("x"),
    errors.Forbidden("x"),
    errors.UnknownModel("x"),
    errors.Refused("x", status=402),
    errors.Refused("x", code="redirect"),
    errors.Crashed("x"),
    errors.StartFailed("x"),
    errors.NoMemory("x"),
    errors.ModelUnusable("x"),
    errors.EngineMissing("x"),
    errors.RateLimited("x"),
    errors.ConfigFault("x"),
]
STAY = [errors.BadRequest("x"), errors.Refused("x"), errors.Refused("x", status=422), errors.Unauthorized("x")]
LONG = [errors.TooLong(9, 5), errors.TooLarge("x")]
MINOR = (errors.RateLimited,)


def kind(error: GatewayError) -> str:
    return f"{type(error).__name__}-{error.status}"


@pytest.mark.parametrize("error", ON, ids=kind)
def test_what_another_target_may_answer(error: GatewayError) -> None:
    assert goes_on(error, longer=False) and goes_on(error, longer=True)
    assert is_ill(error) is not isinstance(error, MINOR)


@pytest.mark.parametrize("error", STAY, ids=kind)
def test_what_every_target_would_refuse(error: GatewayError) -> None:
    assert not goes_on(error, longer=False) and not goes_on(error, longer=True)
    assert not is_ill(error)


@pytest.mark.parametrize("error", LONG, ids=kind)
def test_what_is_too_long_goes_on_where_that_is_allowed_and_makes_nobody_ill(error: GatewayError) -> None:
    assert not goes_on(error, longer=False) and goes_on(error, longer=True)
    assert not is_ill(error)


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [
        (errors.Unreachable("x"), 0, True),
        (errors.ProviderFault("x"), 502, True),
        (errors.Overloaded("x"), 503, True),
        (errors.Overloaded("x"), 529, True),
        (errors.Overloaded("x", retry_after=2.0), 529, True),
        (errors.Overloaded("x", retry_after=9.0), 529, False),
        (errors.ProviderLimit("x", retry_after=2.0), 429, True),
        (errors.ProviderLimit("x", retry_after=9.0), 429, False),
        (errors.ProviderLimit("x"), 429, False),
        (errors.ProviderFault("x"), 500, False),
        (errors.TimedOut("x"), 504, False),
        (errors.TimedOut("x"), 0, False),
        (errors.Cut("x"), 200, False),
        (errors.Forbidden("x"), 401, False),
        (errors.Refused("x"), 400, False),
        (errors.Crashed("x"), 0, False),
    ],
)
def test_what_passes_by_itself(error: GatewayError, status: int, again: bool) -> None:
    assert passes(error, status, patience=5.0) is again


def test_how_long_a_target_wishes_to_be_left_alone() -> None:
    assert rest_of(errors.ProviderLimit("x", retry_after=7.0)) == 7.0
    assert rest_of(errors.Overloaded("x")) is None
    assert rest_of(errors.ProviderFault("x", retry_after=7.0)) is None


def test_few_words() -> None:
    assert words_of(errors.ProviderLimit("x"), 429) == "429 provider limit"
    assert words_of(errors.TimedOut("x"), 0) == "timed out"
    assert words_of(errors.Garbled("x"), 200) == "garbled"


@pytest.mark.parametrize("error", [errors.Unreachable("x"), errors.TimedOut("x"), errors.Cut("x")], ids=kind)
def test_who_may_not_be_there_at_all(error: GatewayError) -> None:
    assert is_away(error) and not is_away(errors.Overloaded("x"))
