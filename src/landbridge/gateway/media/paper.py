"""A PDF as it was read: its pages, and why there are not more of them. Read in a child process with limits.

`read_paper` gives the same paper for the same bytes and limits, as long as time and memory suffice.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

import msgspec
from msgspec import Struct

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables the child gets; keys of providers are none of its business."""
START_SECONDS = 5
"""Of CPU time, for the interpreter and the library."""


class Limits(Struct, frozen=True):
    """What reading one PDF may give and cost."""

    pages: int
    characters: int
    pictures: int
    """Pages without text that are drawn."""
    seconds: float


class Page(Struct, frozen=True, omit_defaults=True):
    """One page."""

    text: str = ""
    shows: bool = False
    """Whether it shows something that is no text: a scan."""
    picture: str = ""
    """The page as a PNG in base64, where it was drawn."""
    unreadable: bool = False


class Paper(Struct, frozen=True):
    """What was read."""

    total: int
    """Pages it has; 0 also where nobody can know."""
    pages: tuple[Page, ...]
    fault: str = ""
    """`locked`, `broken`, `slow` (the time was up), `crashed`, or empty."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes to remember it."""
        return 500 + sum(100 + 2 * len(page.text) + len(page.picture) for page in self.pages)


class _Record(Page, frozen=True):
    """A line of the child's output: a page, or one of these."""

    total: int = -1
    done: bool = False
    fault: str = ""


_decode = msgspec.json.Decoder(_Record).decode


async def read_paper(data: str, limits: Limits) -> Paper:
    """The PDF in base64 `data`."""
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", f"{__package__}.pages"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(os.environ),
            start_new_session=True,
        )
    except OSError:
        return Paper(0, (), "crashed")
    output = bytearray()
    late = False
    try:
        async with asyncio.timeout(limits.seconds), asyncio.TaskGroup() as group:
            group.create_task(_order(child, data, limits))
            group.create_task(_listen(child, output))
    except TimeoutError:
        late = True
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        # What waits in the pipe keeps it open, and with it the transport.
        await _listen(child, output if late else bytearray())
        await child.wait()
    return understand(bytes(output), late=late)


async def _order(child: asyncio.subprocess.Process, data: str, limits: Limits) -> None:
    assert child.stdin is not None, "it is a pipe"
    order = {
        "pages": limits.pages,
        "characters": limits.characters,
        "pictures": limits.pictures,
        "seconds": round(limits.seconds) + START_SECONDS,
    }
    with suppress(ConnectionError):  # it ended already; its output says why
        child.stdin.write(msgspec.json.encode(order) + b"\n" + data.encode("ascii", "replace"))
        await child.stdin.drain()
    child.stdin.close()


async def _listen(child: asyncio.subprocess.Process, output: bytearray) -> None:
    assert child.stdout is not None, "it is a pipe"
    while chunk := await child.stdout.read(1 << 16):
        output += chunk


def understand(output: bytes, *, late: bool) -> Paper:
    """The paper in the child's output, as far as that came."""
    total, pages, fault = 0, [], "slow" if late else "crashed"
    for line in output.split(b"\n")[:-1]:
        try:
            record = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            break
        if record.total >= 0:
            total = record.total
        elif record.done or record.fault:
            fault = record.fault
        else:
            pages.append(Page(record.text, record.shows, record.picture, record.unreadable))
    return Paper(total, tuple(pages), fault)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: ours[name] for name in KEPT if name in ours}
