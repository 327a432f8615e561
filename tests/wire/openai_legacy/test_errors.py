"""Errors of completions are those of chats."""

from __future__ import annotations

import json

from landbridge.errors import BadRequest, Forbidden
from landbridge.wire.openai_legacy.errors import read_error, write_error


def test_both_ways() -> None:
    read = read_error(401, b'{"error": {"message": "bad key"}}', "provider:lab", {})
    assert isinstance(read, Forbidden) and "bad key" in read.message
    assert json.loads(write_error(BadRequest("no"), "req_1"))["error"]["message"] == "no"
