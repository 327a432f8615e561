"""Every dialect has a face, and what it shows can be written in its dialect."""

from __future__ import annotations

import pytest
from msgspec import Raw

from landbridge.neutral.events import Extra, Finish, Reason
from landbridge.neutral.parts import Part, Text
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, replay
from landbridge.wire.dialects import DIALECTS, dialect
from landbridge.wire.hosted.faces import READERS, face
from tests.wire.hosted.outcomes import PAIRS


@pytest.mark.parametrize("name", DIALECTS)
def test_what_is_shown_can_be_written(name: str) -> None:
    shown = face(name)
    parts: list[Part] = [Text("Hm.")]
    for use, outcome in PAIRS:
        parts += [part for part in (shown.asked(use), shown.answered(use, outcome)) if part is not None]
    extras = tuple(Extra(-1, name, record, raw) for record, raw in shown.closing(PAIRS))
    response = Response(tuple(parts), Finish(Reason.END), id="x", model="m", extras=extras)
    assert not dialect(name).write_response(response, 1, Request("m", ())).losses
    writer = dialect(name).writer("x", "m", 1, Request("m", (), stream=True))
    written = b"".join(map(writer.feed, replay(response)))
    assert not writer.losses
    for record, _ in shown.closing(PAIRS):
        assert record.encode() in written


@pytest.mark.parametrize("name", ["openai_chat", "unknown"])
def test_chat_completions_show_nothing(name: str) -> None:
    shown = face(name)
    for use, outcome in PAIRS:
        assert shown.asked(use) is None and shown.answered(use, outcome) is None
    assert shown.closing(PAIRS) == []


@pytest.mark.parametrize("name", READERS)
def test_what_was_shown_is_known_again(name: str) -> None:
    shown = face(name)
    for use, outcome in PAIRS:
        for part in (shown.asked(use), shown.answered(use, outcome)):
            assert part is None or READERS[name](part, own=True) != (None, None)
    assert isinstance(Raw(b""), Raw)
