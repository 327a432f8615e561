"""Every kind of error says whose fault it is, what status it has and whether trying again makes sense."""

from __future__ import annotations

import pytest

from landbridge import errors
from landbridge.errors import BadRequest, GatewayError, ProviderLimit, Refused, TooLong


def kinds(base: type[GatewayError] = GatewayError) -> list[type[GatewayError]]:
    direct = base.__subclasses__()
    return direct + [kind for each in direct for kind in kinds(each)]


def make(kind: type[GatewayError]) -> GatewayError:
    return TooLong(9, 5) if kind is TooLong else kind("It broke.")


@pytest.mark.parametrize("kind", kinds())
def test_the_tree_in_the_docstring_is_the_tree_of_the_classes(kind: type[GatewayError]) -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if f"-- {kind.__name__} " in f"{line} "]
    assert len(drawn) == 1
    numbers = [int(word) for word in drawn[0].split() if word.isdigit()]
    assert numbers in ([], [kind.default_status])
    assert drawn[0].startswith("    |") == (kind.__base__ is not GatewayError)


@pytest.mark.parametrize("kind", kinds())
def test_leaves_have_a_name_of_their_own(kind: type[GatewayError]) -> None:
    if kind.__base__ is not GatewayError and kind is not errors.BadRequest:
        assert kind.kind not in {other.kind for other in kinds() if other is not kind}


@pytest.mark.parametrize("kind", kinds())
def test_statuses_are_errors_and_401_is_only_for_our_own_keys(kind: type[GatewayError]) -> None:
    assert 400 <= kind.default_status < 600
    assert (kind.default_status == 401) == (kind is errors.Unauthorized)


def test_client_faults_are_not_retried_except_limits() -> None:
    retried = {kind for kind in kinds(errors.ClientFault) if make(kind).retryable}
    assert retried == {errors.RateLimited}


def test_provider_faults_are_retried_except_refusals() -> None:
    kept = {kind for kind in kinds(errors.ProviderFault) if not make(kind).retryable}
    assert kept == {Refused}


def test_what_was_said_is_kept() -> None:
    error = ProviderLimit("Too fast.", remedy="Wait.", origin="provider:lab", status=430, retry_after=2.5, code="slow")
    assert (error.message, error.text, str(error)) == ("Too fast.", "Too fast. Wait.", "Too fast.")
    assert (error.origin, error.status, error.retry_after, error.code) == ("provider:lab", 430, 2.5, "slow")
    assert error.kind == "provider_limit"


def test_a_field_at_fault_begins_the_message_and_stands_apart() -> None:
    error = BadRequest.at("messages[2].content", " is missing.", remedy="Send it.")
    assert (error.message, error.remedy, error.param) == ("messages[2].content is missing.", "Send it.", error.param)
    assert error.param == "messages[2].content"
    assert error != BadRequest(error.message, remedy="Send it."), "the path is a part of it"


def test_defaults() -> None:
    error = GatewayError("It broke.")
    assert error.param == ""
    assert (error.text, error.status, error.kind, error.origin) == ("It broke.", 500, "internal", "landbridge")
    assert not error.retryable


def test_errors_are_values() -> None:
    assert Refused("No.") == Refused("No.")
    assert Refused("No.") != Refused("No.", status=422)
    assert Refused("No.") != ProviderLimit("No.", status=400)
    assert Refused("No.") != "No."
    assert len({Refused("No."), Refused("No.")}) == 1
    assert repr(Refused("No.")) == "Refused('No.', status=400, origin='landbridge')"


@pytest.mark.parametrize("prompt_tokens", [None, 9])
@pytest.mark.parametrize("limit", [None, 5])
def test_p65_too_long_begins_with_the_words_clients_look_for(prompt_tokens: int | None, limit: int | None) -> None:
    error = TooLong(prompt_tokens, limit, origin="engine:m")
    assert error.text.startswith("prompt is too long:")
    assert (error.status, error.code, error.origin) == (400, "context_length_exceeded", "engine:m")
    assert (error.prompt_tokens, error.limit) == (prompt_tokens, limit)


def test_too_long_gives_both_numbers() -> None:
    assert TooLong(9, 5).message == "prompt is too long: 9 tokens > 5 maximum"
