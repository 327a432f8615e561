"""Pictures at addresses: fetched under the same guard as pages, known by what they are."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.config import Config, FetchSettings
from landbridge.gateway.hosted.fetch import Fetcher
from landbridge.neutral.parts import Image
from landbridge.wire.hosted.outcome import Fault
from tests.fakes import papers
from tests.fakes.script import Answer
from tests.fakes.site import HTML, Site, moved

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PNG = papers.png()
DEFAULTS = FetchSettings()


async def picture(url: str, private_hosts: Sequence[str] = (), **settings: Any) -> Image | Fault:
    chosen = replace(DEFAULTS, private_hosts=list(private_hosts), **settings)
    return await Fetcher(chosen, Config().media).picture(url)


async def code(url: str, private_hosts: Sequence[str] = (), **settings: Any) -> str:
    found = await picture(url, private_hosts, **settings)
    assert isinstance(found, Fault), found
    return found.code


async def test_a_picture_is_known_by_its_bytes() -> None:
    bodies = {
        "/png": PNG,
        "/jpeg": b"\xff\xd8\xff\xe0rest",
        "/gif": b"GIF89a rest",
        "/webp": b"RIFF\x10\0\0\0WEBPVP8 rest",
    }
    async with Site({path: Answer(headers=HTML, body=body) for path, body in bodies.items()}) as site:
        for path, body in bodies.items():
            found = await picture(site.url + path, [site.place])
            assert found == Image(data=base64.b64encode(body).decode(), media_type=f"image/{path[1:]}")


async def test_what_is_no_picture_too_large_or_away_is_a_fault() -> None:
    pages = {"/": Answer(headers={"content-type": "image/png"}, text="<html>secret</html>"), "/large": Answer(body=PNG)}
    async with Site(pages) as site:
        assert await code(f"{site.url}/", [site.place]) == "unsupported_content_type"
        assert await code(f"{site.url}/large", [site.place], max_bytes=len(PNG) - 1) == "content_too_large"
        assert await code(f"{site.url}/none", [site.place]) == "url_not_accessible"
        assert await code(f"{site.url}/large", [site.place], enabled=False) == "unavailable"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.png", "http://localhost/a.png", "http://2130706433/a.png", "http://0x7f.1/a.png",
        "http://[::ffff:127.0.0.1]/a.png", "http://[::1]/a.png", "http://0.0.0.0/a.png", "http://10.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data", "http://[fd00:ec2::254]/", "file:///etc/passwd", "ftp://h.example/",
        "http://h.example:22/", "http://user:pass@h.example/a.png", "data:image/png,x", "/etc/passwd", "",
    ],
)  # fmt: skip
async def test_places_that_are_nobodys_business(url: str) -> None:
    assert await code(url) in ("url_not_allowed", "url_not_accessible", "invalid_tool_input")


async def test_nothing_is_asked_of_a_private_place_not_even_after_a_redirect() -> None:
    async with Site({"/a.png": Answer(body=PNG)}) as inside:
        assert await code(f"{inside.url}/a.png") == "url_not_allowed"
        async with Site(lambda request: moved(f"{inside.url}/a.png")) as outside:
            assert await code(f"{outside.url}/x", [outside.place]) == "url_not_allowed"
        assert inside.paths == []
