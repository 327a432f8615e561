"""Reading a PDF in a child: all of it, or as far as time and memory went, and never anything left running."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from landbridge.gateway.media.paper import Limits, Page, Paper, read_paper, understand
from tests.fakes import papers

pytestmark = [pytest.mark.anyio, pytest.mark.io]

LIMITS = Limits(1000, 2_000_000, 0, 20.0)


async def read(data: bytes, limits: Limits = LIMITS) -> Paper:
    return await read_paper(papers.b64(data), limits)


async def test_p58_a_paper_is_read() -> None:
    assert await read(papers.paper(["one", "two"])) == Paper(2, (Page("one"), Page("two")))


async def test_the_same_bytes_are_the_same_paper() -> None:
    data = papers.scan(2, "stamp")
    drawn = Limits(1000, 2_000_000, 5, 20.0)
    assert await read(data, drawn) == await read(data, drawn)


@pytest.mark.parametrize(
    ("data", "fault"),
    [(papers.locked("x"), "locked"), (b"no pdf", "broken"), (papers.paper([]), "broken"), (papers.bomb(), "crashed")],
    ids=["locked", "no pdf", "no pages", "bomb"],
)
async def test_p58_what_cannot_be_read_has_its_reason(data: bytes, fault: str) -> None:
    paper = await read(data)
    assert (paper.pages, paper.fault) == ((), fault)


async def test_signs_that_no_base64_has_are_no_reason_to_fail() -> None:
    assert (await read_paper("JVBERi한글\ud800", LIMITS)).fault == "broken"


async def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    slow_child(monkeypatch, 'print(\'{"total": 2}\\n{"text": "one"}\\n{"te\', end="", flush=True); time.sleep(600)')
    began = time.monotonic()
    paper = await read(papers.paper(["one", "two"]), Limits(1000, 1000, 0, 1.0))
    assert time.monotonic() - began < 5
    assert paper == Paper(2, (Page("one"),), "slow"), "what was read until then is kept"


async def test_who_leaves_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    slow_child(monkeypatch, "time.sleep(600)")
    before = psutil.Process().children()  # a fixture of another module may have one
    async with asyncio.TaskGroup() as group:
        task = group.create_task(read(papers.paper(["one"])))
        async with asyncio.timeout(10):
            while psutil.Process().children() == before:
                await asyncio.sleep(0.01)
        task.cancel()
    assert task.cancelled()
    assert psutil.Process().children() == before


async def test_a_child_that_cannot_be_started_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert (await read(papers.paper(["one"]))).fault == "crashed"


async def test_the_child_gets_no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    seen = tmp_path / "environment"
    slow_child(monkeypatch, f"import os; open({str(seen)!r}, 'w').write(' '.join(os.environ))")
    await read(b"")
    assert "OPENAI_API_KEY" in os.environ and "OPENAI_API_KEY" not in seen.read_text()
    assert "PATH" in seen.read_text()


def slow_child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Run `code` instead of the reader."""
    spawn = asyncio.create_subprocess_exec

    async def instead(*command: str, **options: object) -> asyncio.subprocess.Process:
        return await spawn(command[0], "-c", f"import sys, time; sys.stdin.buffer.read(); {code}", **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", instead)


def test_output_that_breaks_off_is_a_crash() -> None:
    whole = b'{"total": 3}\n{"text": "one", "shows": false}\n{"unreadable": true}\n{"done": true}\n'
    assert understand(whole, late=False) == Paper(3, (Page("one"), Page(unreadable=True)))
    for end in range(len(whole)):
        paper = understand(whole[:end], late=False)
        assert paper.fault == "crashed"
        assert paper.pages == Paper(3, (Page("one"), Page(unreadable=True))).pages[: len(paper.pages)]
    assert understand(b"", late=True) == Paper(0, (), "slow")
    assert understand(b"Fatal Python error\n", late=False) == Paper(0, (), "crashed")


def test_large_papers_weigh_more() -> None:
    small, large = Paper(1, (Page("a"),)), Paper(1, (Page("a" * 1000, picture="b" * 1000),))
    assert large.weight - small.weight >= 2000
