"""Errors are one sentence on stderr, and the exit code says whose fault it is."""

from __future__ import annotations

import json

import pytest

from landbridge.cli import show
from landbridge.errors import ConfigFault, GatewayError, StartFailed, UnknownModel


def test_an_error_is_its_message_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert show.fail(UnknownModel("No model 'x'.", remedy="Pull it.")) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "landbridge: No model 'x'. Pull it.\n")


def test_a_surprise_is_one_line_and_says_how_to_see_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert show.fail(ZeroDivisionError("division by zero")) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "LANDBRIDGE_DEBUG=1" in err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDBRIDGE_DEBUG", "1")
    try:
        raise GatewayError("broken")
    except GatewayError as error:
        show.fail(error)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [(ConfigFault("x"), 2), (StartFailed("x"), 3), (GatewayError("x"), 1), (OSError("x"), 1)],
)
def test_exit_codes(error: Exception, code: int) -> None:
    assert show.exit_code(error) == code


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    show.print_json({"a": [1, "ä"]})
    assert json.loads(capsys.readouterr().out) == {"a": [1, "ä"]}
