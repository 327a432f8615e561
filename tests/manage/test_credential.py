"""The key that commands send: a variable's, else that of the router with the same data folder, else any word."""

from __future__ import annotations

import contextvars
from pathlib import Path

import pytest

from landbridge.access.known import OWN_KEY
from landbridge.manage.credential import NO_KEY, is_here, key_to, take_up

pytestmark = pytest.mark.io


def found(folder: Path, env: dict[str, str], url: str = "http://127.0.0.1:38080") -> str:
    def look() -> str:
        take_up(folder, env)
        return key_to(url)

    return contextvars.copy_context().run(look)


def test_which_is_sent(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == NO_KEY
    (tmp_path / OWN_KEY).write_text("lb-local-x\n")
    assert found(tmp_path, {}) == "lb-local-x"
    assert found(tmp_path, {"LANDBRIDGE_KEY": " lb-ann-y "}) == "lb-ann-y"
    assert found(tmp_path, {"LANDBRIDGE_KEY": " "}) == "lb-local-x"


@pytest.mark.parametrize("url", ["http://192.0.2.1:38080", "http://[2001:db8::1]", "http://", "x"])
def test_the_routers_own_key_stays_on_this_machine(tmp_path: Path, url: str) -> None:
    (tmp_path / OWN_KEY).write_text("lb-local-x")
    assert found(tmp_path, {}, url) == NO_KEY
    assert found(tmp_path, {"LANDBRIDGE_KEY": "lb-ann-y"}, url) == "lb-ann-y"


@pytest.mark.parametrize(
    ("host", "here"), [("127.0.0.1", True), ("localhost", True), ("192.0.2.1", False), ("", False)]
)
def test_this_machine(host: str, here: bool) -> None:
    assert is_here(host) is here
