"""Gemini's metadata, as Google's documentation has it."""

from __future__ import annotations

from typing import Any

import msgspec

from landbridge.wire.hosted.gemini import Metadata
from landbridge.wire.hosted.outcome import Fault, Outcome
from landbridge.wire.hosted.use import Use
from tests.wire.hosted.outcomes import FETCH, FOUND, PAGE, SEARCH


def closing(*pairs: tuple[Use, Outcome]) -> dict[str, Any]:
    return {name: msgspec.json.decode(raw, type=dict[str, Any]) for name, raw in Metadata().closing(list(pairs))}


def test_calls_have_no_parts() -> None:
    assert Metadata().asked(SEARCH) is None
    assert Metadata().answered(SEARCH, FOUND) is None


def test_what_grounds_the_answer_stands_at_its_end() -> None:
    records = closing((SEARCH, FOUND), (SEARCH, Fault("unavailable")), (FETCH, PAGE), (FETCH, Fault("unavailable")))
    assert records == {
        "groundingMetadata": {
            "webSearchQueries": ["한글 cats", "한글 cats"],
            "groundingChunks": [
                {"web": {"uri": "https://a.example/", "title": "A"}},
                {"web": {"uri": "https://b.example/", "title": "B"}},
            ],
        },
        "urlContextMetadata": {
            "urlMetadata": [
                {"retrievedUrl": "https://a.example/", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"},
                {"retrievedUrl": "https://a.example/", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_ERROR"},
            ]
        },
    }


def test_what_was_not_done_is_not_there() -> None:
    assert list(closing((SEARCH, FOUND))) == ["groundingMetadata"]
    assert list(closing((FETCH, PAGE))) == ["urlContextMetadata"]
    assert closing() == {}
