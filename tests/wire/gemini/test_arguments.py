"""Arguments as an object."""

from __future__ import annotations

import pytest
from msgspec import Raw
from msgspec.json import encode

from landbridge.wire.gemini.arguments import as_object


def test_an_object_stays_byte_for_byte() -> None:
    args = Raw(b'{ "b": 1.50, "a": 100000000000000000000 }')
    assert as_object(args) is args


@pytest.mark.parametrize("nothing", [b"", b"  \n"])
def test_p26_nothing_is_an_empty_object(nothing: bytes) -> None:
    assert encode(as_object(Raw(nothing))) == b"{}"


def test_p29_what_is_no_object_stands_where_the_model_sees_it() -> None:
    assert encode(as_object(Raw(b"[1, 2]"))) == b'{"input":[1, 2]}'
    assert encode(as_object(Raw(b'{"a":'))) == b'{"input":"{\\"a\\":"}'
    assert encode(as_object(Raw(b"\xff"))) == '{"input":"\ufffd"}'.encode()
