"""What bytes look like that hold something."""

from __future__ import annotations

import json

import pytest

from landbridge.wire.marks import may_hold_document, may_hold_image, may_hold_web_tool


@pytest.mark.parametrize(
    ("part", "looks"),
    [
        ({"type": "image", "source": {}}, may_hold_image),
        ({"type": "image_url", "image_url": {}}, may_hold_image),
        ({"type": "input_image"}, may_hold_image),
        ({"inlineData": {}}, may_hold_image),
        ({"inline_data": {}}, may_hold_document),
        ({"type": "document"}, may_hold_document),
        ({"type": "file"}, may_hold_document),
        ({"type": "input_file"}, may_hold_document),
        ({"type": "web_search_20250305"}, may_hold_web_tool),
        ({"type": "web_fetch_20250910"}, may_hold_web_tool),
        ({"type": "web_search"}, may_hold_web_tool),
        ({"googleSearch": {}}, may_hold_web_tool),
        ({"google_search": {}}, may_hold_web_tool),
        ({"urlContext": {}}, may_hold_web_tool),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (" , ", " : ")])
def test_each_dialect_s_own_form(part: dict[str, object], looks: object, separators: tuple[str, str]) -> None:
    assert callable(looks)
    assert looks(json.dumps({"parts": [part]}, separators=separators).encode())
    assert not looks(json.dumps({"text": json.dumps(part)}).encode()), "a text that shows one"
    assert not looks(b'{"type":"text"}')
