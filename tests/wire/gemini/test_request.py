"""Both ways of a request."""

from __future__ import annotations

from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.request import read_request, write_request


def test_a_plain_request_is_written_as_it_was_read() -> None:
    body = b'{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{"temperature":0.5}}'
    assert write_request(read_request(body), "gemini-3-pro", Traits()).body == body
