"""What the ledger answers are plain values, at hand without a database library."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from landbridge.store.report import Amounts, Exchange, Filter, Row


def test_all_tokens_are_counted_once() -> None:
    amounts = Amounts(input=1, output=10, cache_read=100, cache_write=1000, reasoning=5)
    assert amounts.tokens == 1111, "thinking is a part of the answer"


@pytest.mark.parametrize(("outcome", "failed"), [("ok", False), ("cancelled", False), ("cut", True), ("", True)])
def test_who_cancels_has_not_failed(outcome: str, failed: bool) -> None:
    assert Exchange(id="x", at=1.0, seconds=1.0, outcome=outcome).failed is failed


def test_they_come_through_json_as_they_were() -> None:
    row = Row(group={"model": "a/x"}, requests=2, cost=5, first_p50=0.5)
    assert msgspec.json.decode(msgspec.json.encode(row), type=Row) == row
    assert Filter(model="x") == msgspec.convert({"model": "x"}, Filter)


@pytest.mark.io
def test_they_need_no_database_library() -> None:
    code = "import sys, landbridge.store.report; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
