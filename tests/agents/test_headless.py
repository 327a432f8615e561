"""What Claude Code prints without a terminal, and what of it is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landbridge.agents.headless import Said, read_said
from landbridge.neutral.events import Usage

RESULT: dict[str, Any] = {
    "type": "result",
    "is_error": False,
    "result": "Hello.",
    "usage": {"input_tokens": 100, "cache_read_input_tokens": 4000, "output_tokens": 3, "service_tier": "standard"},
}


def said(result: object, code: int = 0, complained: bytes = b"") -> Said:
    return read_said(code, result if isinstance(result, bytes) else msgspec.json.encode(result), complained)


def test_what_it_used_is_read() -> None:
    assert said(RESULT) == Said(Usage(input=100, cache_read=4000, output=3))
    assert said({"type": "result"}) == Said(Usage())


@pytest.mark.parametrize(
    ("result", "complained", "fault"),
    [
        ({**RESULT, "is_error": True, "result": "API Error: 500\n"}, b"", "API Error: 500"),
        ({**RESULT, "is_error": True, "result": ""}, b"", "it ended with exit code 1"),
        (b"API Error: 500", b"", "API Error: 500"),
        (b"[]", b"no \xff such file\n", "no \ufffd such file"),
        (b"", b"", "it ended with exit code 1"),
        (b"x" * 9000, b"", "x" * 500),
    ],
)
def test_why_it_did_not_get_through_is_said_in_its_words(result: object, complained: bytes, fault: str) -> None:
    assert said(result, 1, complained).fault == fault
