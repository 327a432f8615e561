"""Pages are read in a process of their own, which ends when nobody waits for it."""

from __future__ import annotations

import asyncio
import time

import psutil
import pytest

from landbridge.gateway.hosted.apart import read_apart
from landbridge.gateway.hosted.page import Unsupported

pytestmark = [pytest.mark.anyio, pytest.mark.io]

URL = "https://a.example/x"
ENDLESS = b"<meta charset=" * 400_000
"""The converter needs minutes for it."""


async def test_a_page_is_read() -> None:
    title, text = await read_apart(b"<title>T</title><p>Hi <a href='/y'>\xea\xb3\xa0</a>", "text/html", URL, 30)
    assert title == "T"
    assert "Hi" in text and "\uace0" in text and "https://a.example/y" in text


async def test_other_texts_need_no_process() -> None:
    before = psutil.Process().children()  # a fixture of another module may have one
    assert await read_apart(b"plain", "text/plain", URL, 30) == ("", "plain")
    assert psutil.Process().children() == before


@pytest.mark.parametrize("declared", ["image/png", "application/zip"])
async def test_what_is_no_text_is_refused(declared: str) -> None:
    with pytest.raises(Unsupported, match=declared):
        await read_apart(b"\x89PNG", declared, URL, 30)


async def test_a_page_that_keeps_the_converter_busy_ends_with_its_time() -> None:
    began = time.monotonic()
    with pytest.raises(Unsupported, match="cannot be read"):
        await read_apart(ENDLESS, "text/html", URL, 1)
    assert time.monotonic() - began < 20


async def test_nothing_is_left_when_nobody_waits() -> None:
    loop = asyncio.get_running_loop()
    before = psutil.Process().children()
    task = loop.create_task(read_apart(ENDLESS, "text/html", URL, 60))
    while psutil.Process().children() == before:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert time.monotonic() - began < 2
    assert psutil.Process().children() == before
