"""A finding is a check, a verdict, what was found and what to do."""

from __future__ import annotations

import msgspec

from landbridge.manage.findings import Finding, fail, ok, warn


def test_verdicts() -> None:
    assert [made.verdict for made in (ok("a", "b"), warn("a", "b"), fail("a", "b"))] == ["ok", "warn", "fail"]


def test_json_has_every_field() -> None:
    assert msgspec.to_builtins(Finding("disk", "warn", "little", "free some")) == {
        "check": "disk",
        "verdict": "warn",
        "finding": "little",
        "remedy": "free some",
    }
