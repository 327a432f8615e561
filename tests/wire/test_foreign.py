"""What is no API answer is described, not passed on."""

from __future__ import annotations

import pytest

from landbridge.wire.foreign import describe


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"<html><TITLE >\n Blocked </title>", 403, "answered with HTTP 403 with a web page titled 'Blocked' instead"),
        (b" <h1>no title</h1>", 502, "answered with HTTP 502 with a web page instead of an API answer"),
        (b"", 500, "answered with HTTP 500 with nothing"),
        (b" \n", 0, "answered with nothing"),
        (b"upstream \xff is down ", 0, "answered with what is no API answer: upstream \ufffd is down"),
    ],
)
def test_p100_what_came_instead(body: bytes, status: int, words: str) -> None:
    assert words in describe(body, "provider:lab", status)
    assert describe(body, "provider:lab", status).startswith("provider:lab")


def test_p100_long_answers_are_cut() -> None:
    assert len(describe(b"x" * 100_000, "provider:lab", 500)) < 500
    assert len(describe(b"<title>" + b"y" * 3000 + b"</title>", "provider:lab", 500)) < 300
