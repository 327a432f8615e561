"""The copy of the keys: for its owner alone, whole or not at all, and never in the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from landbridge.access.grant import Grant
from landbridge.access.known import FILE, Known, keep_copy, read_copy

pytestmark = pytest.mark.io

ANN = Known(Grant(id="abcd2345", name="ann", models=("lab/*",), budget=5, expires=9.5), "ab" * 32, 3.0)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    keep_copy(tmp_path, [ANN])
    assert read_copy(tmp_path) == [ANN]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    keep_copy(tmp_path, [ANN, ANN])
    assert len(read_copy(tmp_path)) == 2


def test_no_keys_no_file(tmp_path: Path) -> None:
    keep_copy(tmp_path, [])
    keep_copy(tmp_path, [ANN])
    keep_copy(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b'[{"grant": 1}]', b"\xff"])
def test_what_cannot_be_read_is_no_key(tmp_path: Path, content: bytes) -> None:
    assert read_copy(tmp_path) == []
    (tmp_path / FILE).write_bytes(content)
    assert read_copy(tmp_path) == []
