"""A kept request is sent again, as it was or to another model, and both answers are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from landbridge.cli.replay import replay, send
from landbridge.errors import BadRequest, Unreachable
from landbridge.store.report import Exchange
from tests.fakes.router import ANSWER, FakeRouter
from tests.manage.test_replay import BODIES, PATH

from .conftest import Home

EXCHANGE = Exchange(id="req_1", at=1.0, seconds=1.0, model="claude-x", target="lab/m", status=200, outcome="ok", cost=5)


def test_what_is_not_kept() -> None:
    with pytest.raises(BadRequest, match="not kept"):
        replay(EXCHANGE, None, "", (None, None, ""), as_json=False)


@pytest.mark.io
def test_nobody_there(free_port: Callable[[], int]) -> None:
    with pytest.raises(Unreachable, match="Nothing listens"):
        send(f"http://127.0.0.1:{free_port()}", PATH, b"{}", {})


@pytest.mark.io
def test_both_answers(home: Home, router: FakeRouter, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(router.port)
    where = (None, None, "")
    assert replay(EXCHANGE, BODIES, "lab/other", where, as_json=False) == 0
    out = capsys.readouterr().out
    assert "THEN" in out and "NOW" in out
    assert "Hi from then." in out and "Hello." in out
    assert "They say different things." in out
    assert json.loads(router.asked[-1][2])["model"] == "lab/other"
    assert replay(EXCHANGE, BODIES, "", where, as_json=True) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["before"]["text"], found["again"]["text"]) == ("Hi from then.", "Hello.")
    assert found["again"]["exchange"]["output"] == ANSWER["usage"]["output_tokens"]
    router.answer(PATH, 529, {"type": "error", "error": {"type": "overloaded_error", "message": "too many"}})
    assert replay(EXCHANGE, BODIES, "", (None, None, router.url), as_json=False) == 1
    assert "too many" in capsys.readouterr().out
