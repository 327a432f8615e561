"""Pictures at addresses, for targets that must not fetch them themselves."""

from __future__ import annotations

import pytest

from landbridge.config import FetchSettings, MediaSettings
from landbridge.gateway.call import Call
from landbridge.gateway.media.media import Media
from landbridge.neutral.parts import Document, Image, Message, Part, Text, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from tests.fakes import papers
from tests.fakes.script import Answer
from tests.fakes.site import Site

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ENGINE = Traits(documents=False, fetches_images=False)
CALL = Call("anthropic", b"", [])
INLINE = Image(data=papers.b64(papers.png()), media_type="image/png", detail="low")


def ask(*parts: Part) -> Request:
    return Request("m", (Message("user", (Text("Look:"), *parts)),))


async def test_they_are_fetched_once_wherever_they_stand() -> None:
    async with Site({"/a.png": Answer(body=papers.png())}) as site:
        media = Media()
        media.fetching = lambda: FetchSettings(private_hosts=[site.place])
        picture = Image(url=f"{site.url}/a.png", detail="low")
        request = ask(picture, ToolResult("1", (Text("shot"), picture)), Document(parts=(picture,)))
        for _ in range(2):
            prepared = await media.prepare(request, ENGINE, MediaSettings(), CALL)
            _, first, result, inside = prepared.request.messages[0].parts
            assert first == INLINE and inside == INLINE
            assert isinstance(result, ToolResult) and result.parts[1] == INLINE
            assert prepared.losses == ()
        assert site.paths == ["/a.png"]


async def test_a_place_that_may_not_be_fetched_is_a_note_and_a_loss() -> None:
    async with Site({"/a.png": Answer(body=papers.png())}) as site:
        prepared = await Media().prepare(ask(Image(url=f"{site.url}/a.png")), ENGINE, MediaSettings(), CALL)
        assert site.paths == []
    note = prepared.request.messages[0].parts[1]
    assert isinstance(note, Text) and note.text.startswith("[An image stood here. It could not be fetched: ")
    assert "could not be fetched" in prepared.losses[0].why


async def test_who_fetches_gets_the_address_and_who_is_blind_gets_nothing_new() -> None:
    request = ask(Image(url="http://127.0.0.1:9/a.png"))
    for traits in (Traits(), Traits(images=False, fetches_images=False)):
        assert (await Media().prepare(request, traits, MediaSettings(), CALL)).request == request
