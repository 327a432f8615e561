"""The key that commands send: a variable's, else that of the router with the same data folder, else any word."""

from __future__ import annotations

import contextvars
from pathlib import Path

import pytest

from landbridge.access.known import OWN_KEY
from landbridge.cli.credential import NO_KEY, key, take_up

pytestmark = pytest.mark.io


def found(folder: Path, env: dict[str, str]) -> str:
    def look() -> str:
        take_up(folder, env)
        return key()

    return contextvars.copy_context().run(look)


def test_which_is_sent(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == NO_KEY
    (tmp_path / OWN_KEY).write_text("lb-local-x\n")
    assert found(tmp_path, {}) == "lb-local-x"
    assert found(tmp_path, {"LANDBRIDGE_KEY": " lb-ann-y "}) == "lb-ann-y"
    assert found(tmp_path, {"LANDBRIDGE_KEY": " "}) == "lb-local-x"
