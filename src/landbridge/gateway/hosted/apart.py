"""Reads a page in a child process: nothing else can be stopped when a hostile page keeps a converter busy."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress

import msgspec
from msgspec import Struct

from ..media.paper import KEPT
from .page import HTML, Order, Unsupported, kind_of, read_page


class _Read(Struct):
    title: str = ""
    text: str = ""
    unsupported: str = ""


_decode = msgspec.json.Decoder(_Read).decode


async def read_apart(data: bytes, content_type: str, url: str, seconds: float) -> tuple[str, str]:
    """Title and text of a page. `seconds` bound the child's work. Raises `Unsupported`."""
    if kind_of(content_type, data) not in HTML:
        return read_page(data, content_type, url)  # no more than decoding it
    order: Order = {"content_type": content_type, "url": url, "seconds": max(1, round(seconds))}
    output = await _run(json.dumps(order).encode() + b"\n" + data)
    try:
        read = _decode(output)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unsupported("HTML that cannot be read") from None
    if read.unsupported:
        raise Unsupported(read.unsupported)
    return read.title, read.text


async def _run(given: bytes) -> bytes:
    """What the child makes of it; nothing where it ended too early."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", f"{__package__}.page"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in KEPT if name in os.environ},
        start_new_session=True,
    )
    try:
        output, _ = await child.communicate(given)
    except BaseException:
        with suppress(ProcessLookupError):
            child.kill()
        assert child.stdout is not None, "it is a pipe"
        await child.stdout.read()  # what waits in the pipe keeps it open, and with it the transport
        await child.wait()
        raise
    return output if child.returncode == 0 else b""
