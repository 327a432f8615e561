"""Pictures of every page of the dashboard for the manual: `python -m tests.pictures [PAGE ...]`.

Starts a router with scripted providers, the real small model and the ledger of a month, visits the pages in both themes
and widths, and writes `docs/images/<page>-<theme>[-narrow].png`, in as few colours as show no difference. It is always
afternoon in them: the month before is the same every time, but for its dates.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from landbridge.dashboard.places import PLACES
from tests.e2e.conftest import VERSIONS, install_claude
from tests.e2e.dashboard.conftest import WIDTHS
from tests.fakes.landbridge import Served
from tests.fakes.month import fill
from tests.fakes.provider import Provider, Received, Reply, Tokens

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
MODELS = ROOT / ".cache" / "data" / "models"
HEIGHTS = {"wide": 900, "narrow": 780}
COLOURS = 128
AFTERNOON = 15
SECONDS = 60_000
"""Milliseconds that a page may take on a machine that does other things."""

ANSWER = """Three things make the second request fast:

1. **The prefix is the same.** The system prompt and the tools come first, and their bytes do not change.
2. **The cache is still warm.** Five minutes, unless you ask for an hour.
3. **Only the end is new**, so only the end is read.

```python
def shared(one: list[int], other: list[int]) -> int:
    \"\"\"How many tokens two prompts begin with alike.\"\"\"
    return next((n for n, pair in enumerate(zip(one, other)) if len(set(pair)) > 1), min(len(one), len(other)))
```

For the conversation you showed me that is **97 %** of the prompt.
"""
LONG = "Refactor the whole package."
QUESTION = "Why was the second request so much faster than the first?"


def script(request: Received) -> Reply:
    """What the providers answer: at length, where something shall be seen under way."""
    if LONG.encode() in request.body:
        return Reply(text="A line of a long answer. " * 4_000, pace=0.12, piece=32)
    return Reply(text=ANSWER, wait=0.7, pace=0.03, piece=12, usage=Tokens(43_940, 212, cached=41_800))


def settings(provider: Provider) -> str:
    """What the router is told; keys stand in no picture."""
    lines = ['default_model = "anthropic/claude-sonnet-5-5"', "[store]", "bodies = true"]
    listed = {
        "anthropic": ("preset", "anthropic", ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5"]),
        "openai": ("preset", "openai", ["gpt-5.4", "gpt-5.4-mini"]),
        "lab": ("dialect", "openai_chat", ["qwen3-coder-480b"]),
    }
    for name, (key, value, models) in listed.items():
        base_url = provider.base_url("anthropic" if value == "anthropic" else "openai_chat")
        lines += [f"[providers.{name}]", f'{key} = "{value}"', f'base_url = "{base_url}"']
        lines += ['api_key = "${PICTURES_KEY}"', f"models = {json.dumps(models)}"]
    lines += ['[prices."anthropic/*"]', "input = 3", "output = 15", "cache_read = 0.3"]
    lines += ["[aliases]", '"claude-*haiku*" = "lab/qwen3-coder-480b"']
    lines += ['"claude-*" = ["anthropic/claude-sonnet-5-5", "smollm2"]']
    return "\n".join(lines) + "\n"


def free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def with_usual_ports(text: str) -> str:
    """The settings with the ports that people will see, where nobody has them."""
    for name, port in (("router", 38080), ("openai", 8000)):
        if free(port):
            text = text.replace(f"[listeners.{name}]\nport = 0", f"[listeners.{name}]\nport = {port}")
    return text


@asynccontextmanager
async def router(folder: Path) -> AsyncIterator[Served]:
    """A router that has worked for a month, and does so now."""
    (folder / "data").mkdir()
    await fill(folder / "data", datetime.now())
    async with Provider(script) as provider:
        programs = [Path(sys.executable).parent, install_claude(VERSIONS[0]).parent, os.environ["PATH"]]
        env = {"PICTURES_KEY": "a-key", "TZ": os.environ["TZ"], "HOME": str(folder)}
        env["PATH"] = os.pathsep.join(map(str, programs))
        served = Served(folder, settings(provider), models=MODELS, env=env, dashboard=True)
        served.config.write_text(with_usual_ports(served.config.read_text()))
        async with served, working(served):
            yield served


@asynccontextmanager
async def working(served: Served) -> AsyncIterator[None]:
    """Some requests have been answered, conversations are kept, and two long answers are under way."""
    own = {"authorization": f"Bearer {(served.data / 'own.key').read_text().strip()}"}
    async with aiohttp.ClientSession(headers=own) as session:

        async def ask(model: str, client: str, text: str = LONG) -> None:
            body = {
                "model": model,
                "max_tokens": 220,
                "temperature": 0,
                "messages": [{"role": "user", "content": text}],
            }
            headers = {"user-agent": client, "x-claude-code-session-id": "3f0c1a52-7be4-4d0e-9a37-51c2f8a7d911"}
            url = f"{served.router}/anthropic/v1/messages"
            async with session.post(url, json={**body, "stream": True}, headers=headers) as answer:
                await answer.read()
                assert answer.status == 200, await answer.text()

        await ask("smollm2", "opencode/1.18", "Write one sentence about rivers.")
        await ask("lab/qwen3-coder-480b", "codex_cli_rs/0.169", "Why is the test slow?")
        await ask("claude-sonnet-5-5", "claude-cli/2.1.330 (external, cli)", QUESTION)
        for id, conversation in conversations():
            url = f"{served.router}/api/v1/conversations/{id}"
            async with session.put(url, json=conversation) as answer:
                assert answer.status == 200, await answer.text()
        async with asyncio.TaskGroup() as group:
            long = [("lab/qwen3-coder-480b", "claude-cli/2.1.330"), ("openai/gpt-5.4", "codex_cli_rs/0.169")]
            tasks = [group.create_task(ask(*each)) for each in long]
            yield
            for task in tasks:
                task.cancel()


def conversations() -> list[tuple[str, dict[str, Any]]]:
    """What the chat has."""
    now = time.time()
    answer = {
        "id": "a1", "model": "anthropic/claude-sonnet-5-5", "text": ANSWER, "at": now - 60, "stop": "end",
        "first": 0.84, "seconds": 4.1, "input": 43_940, "cached": 41_800, "output": 212, "cost": 22_140,
        "thinking": "The two prompts share their beginning. I should say how much, and why that matters.",
    }  # fmt: skip
    turn = {"id": "t1", "text": QUESTION, "at": now - 61, "answers": [answer]}
    found = [("chat-1", {"version": 0, "models": ["anthropic/claude-sonnet-5-5"], "turns": [turn], "leaf": "t1"})]
    for number, title in enumerate(("A name for the release", "Regular expressions for dates", "Rivers of Korea")):
        short = {**turn, "text": title, "answers": [{**answer, "text": "Gladly."}]}
        found.insert(0, (f"chat-{number + 2}", {"version": 0, "models": ["smollm2"], "turns": [short], "leaf": "t1"}))
    return found


async def paths(served: Served) -> dict[str, str]:
    """What there are pictures of, by name."""
    own = {"authorization": f"Bearer {(served.data / 'own.key').read_text().strip()}"}
    _, found = await served.get("/api/v1/requests?client=claude-cli&limit=1", own)
    named = {place.name: place.path for place in PLACES}
    return {
        **named,
        "chat": "/chat/chat-1",
        "request": f"/requests/{found['exchanges'][0]['id']}",
        "model": "/models/smollm2",
    }


async def picture(page: Page, url: str, file: Path) -> None:
    """Keep what a page looks like."""
    await page.goto(url, timeout=SECONDS)
    await page.locator("[data-page]").first.wait_for()
    await expect(page.locator(".lb-loading").locator("visible=true")).to_have_count(0, timeout=SECONDS)
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(2000)  # charts are drawn
    file.write_bytes(small(await page.screenshot()))


def small(png: bytes) -> bytes:
    """The picture with fewer colours."""
    out = BytesIO()
    image = Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(out, "PNG", optimize=True)
    return min(out.getvalue(), png, key=len)


async def visit(browser: Browser, served: Served, wanted: list[str]) -> None:
    """Make the pictures that are wanted."""
    found = await paths(served)
    for width in WIDTHS:
        for theme in ("light", "dark"):
            context = await browser.new_context(
                viewport={"width": WIDTHS[width], "height": HEIGHTS[width]},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
                locale="en-US",
                timezone_id="UTC",
            )
            context.set_default_timeout(SECONDS)
            page = await context.new_page()
            for name in wanted or found:
                file = IMAGES / f"{name}-{theme}{'-narrow' if width == 'narrow' else ''}.png"
                await picture(page, served.dashboard + found[name], file)
                print(file.relative_to(ROOT), f"{file.stat().st_size / 1000:.0f} KB", flush=True)
            await context.close()


async def main(wanted: list[str]) -> None:
    """Make them."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Pictures need chromium: scripts/services installs it."
    IMAGES.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.gettempdir()) / "landbridge"  # its name is in pictures
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    async with router(folder) as served, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        await visit(browser, served, wanted)
        await browser.close()
    shutil.rmtree(folder)


def make_it_afternoon() -> None:
    """This process, and those it starts, live where it is afternoon."""
    ahead = AFTERNOON - datetime.now(UTC).hour
    os.environ["TZ"] = f"LBR{-ahead}"  # POSIX counts westwards
    time.tzset()


if __name__ == "__main__":
    make_it_afternoon()
    asyncio.run(main(sys.argv[1:]))
