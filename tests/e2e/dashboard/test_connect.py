"""The Connect page: what is copied there works in a shell, and the test tells what is wrong where it does not."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import VERSIONS, Claude
from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Received, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

KEY = "secret-of-the-lab"
expect.set_options(timeout=20_000)


def script(request: Received) -> Reply:
    return Reply(text=f"Hello from {request.model}.")


async def test_claude_code_is_connected(tmp_path: Path, visit: Visiting) -> None:
    """One router for all of it: each takes a second to start, and its pages three more."""
    claude = Claude(VERSIONS[0], tmp_path / "home")
    async with Provider(script, models=["m", "large"]) as provider:
        settings = f"""
            default_model = "lab/m"
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            api_key = "${{LAB_KEY}}"
            models = ["m", "large"]
        """
        env = {"LAB_KEY": KEY, "PATH": f"{claude.program.parent}:{os.environ['PATH']}"}
        async with Served(tmp_path / "served", settings, env=env, dashboard=True) as served:
            tab = await visit(served.dashboard)
            page = await tab.open("/connect")
            card = page.locator("[data-client=claude]")
            await card.get_by_text(f"Installed, {claude.version}").wait_for()
            await expect(card.get_by_label("Endpoint of Claude Code", exact=True)).to_have_text(
                f"{served.router}/anthropic"
            )
            await copied_lines_work(page, claude, "lab/m")
            await steps_succeed(page)
            await tiers_take_effect(page, served, provider)
            await other_shells_and_models(page)
            await checks_find_what_is_wrong(page)
            assert KEY not in await page.content()
            await tab.check()
            narrow = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
            await (await narrow.open("/connect")).locator(".lb-fine").wait_for()
            await narrow.page.locator("[data-client=gemini] .lb-by-hand .q-item").click()
            await expect(narrow.page.get_by_label("Variables for Gemini CLI", exact=True)).to_contain_text("GEMINI")
            await narrow.check()
            await narrow.page.close()
            await without_a_server_the_first_step_fails(page, served)
            await page.close()


async def copied(page: Page, button: str) -> str:
    await page.get_by_role("button", name=f"Copy: {button}").click()
    await page.get_by_text("Copied").last.wait_for()
    text = await page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


async def copied_lines_work(page: Page, claude: Claude, model: str) -> None:
    lines = await copied(page, "Variables for Claude Code")
    assert lines.startswith("export ANTHROPIC_BASE_URL=")
    quiet = "\n".join(
        f"export {name}={value}"
        for name, value in claude.environment("").items()
        if name.startswith(("DISABLE_", "CLAUDE_CODE_TMPDIR", "CLAUDE_CODE_MAX_RETRIES"))
    )
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f"{lines}\n{quiet}\nclaude -p 'Hi' --tools ''",
        env={"HOME": str(claude.home), "PATH": f"{claude.program.parent}:{os.environ['PATH']}"},
        cwd=claude.project, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 120)
    assert (process.returncode, output.decode().strip()) == (0, f"Hello from {model.rpartition('/')[2]}."), errors


async def steps_succeed(page: Page) -> None:
    card = page.locator("[data-client=claude]")
    await card.get_by_role("button", name="Test the connection").click()
    for name, words in (
        ("reach", "127.0.0.1"),
        ("key", "No key is needed"),
        ("model", "lab/m: a model of 'lab'."),
        ("first", ""),
        ("whole", "Hello from m."),
    ):
        await expect(card.locator(f".lb-step-ok[data-step={name}]")).to_contain_text(words)
    codex = page.locator("[data-client=codex]")
    await codex.get_by_role("button", name="Test the connection").click()
    await expect(codex.locator(".lb-step-ok[data-step=whole]")).to_contain_text("Hello from m.")


async def tiers_take_effect(page: Page, served: Served, provider: Provider) -> None:
    tiers = page.locator("[data-part=tiers]")
    save = tiers.get_by_role("button", name="Save the tiers")
    await expect(save).to_be_disabled()
    await tiers.get_by_label("opus").click()
    await page.get_by_role("option", name="lab/large", exact=True).click()
    await save.click()
    await page.get_by_text("the tiers lead there").wait_for()
    assert 'opus = "lab/large"' in served.config.read_text()
    body = {"model": "claude-opus-9", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    status, answer = await served.post("/anthropic/v1/messages", body, {"content-type": "application/json"})
    assert (status, answer["content"][0]["text"]) == (200, "Hello from large.")
    await expect(save).to_be_disabled()


async def other_shells_and_models(page: Page) -> None:
    model = page.get_by_label("Model", exact=True)
    await model.click()
    await page.get_by_role("option", name="opus: by Claude's tiers").click()
    await page.get_by_role("button", name="fish", exact=True).click()
    lines = page.get_by_label("Variables for Claude Code", exact=True)
    await expect(lines).to_contain_text("set -gx ANTHROPIC_DEFAULT_HAIKU_MODEL haiku")
    await expect(page.get_by_label("One command for Codex", exact=True)).to_contain_text("launch codex --model opus")
    await page.reload()
    await expect(lines).to_contain_text("set -gx ANTHROPIC_MODEL lab/m")


async def checks_find_what_is_wrong(page: Page) -> None:
    await page.locator(".lb-fine").click()
    await expect(page.locator("[data-part=checks]")).to_contain_text("claude points")


async def without_a_server_the_first_step_fails(page: Page, served: Served) -> None:
    text = served.config.read_text()
    served.config.write_text(text.replace("[listeners.router]", "[listeners.router]\nenabled = false"))
    await page.get_by_text("The TCP Server is off").first.wait_for()
    card = page.locator("[data-client=claude]")
    await card.get_by_role("button", name="Test the connection").click()
    failed = card.locator(".lb-step-failed[data-step=reach]")
    await expect(failed).to_contain_text("switched off")
    await expect(failed).to_contain_text("listeners.router.enabled true")
    await expect(card.locator(".lb-step-waiting")).to_have_count(4)
    await page.get_by_role("button", name="Check again").click()
    await expect(page.locator("[data-part=checks] [data-verdict=warn]").first).to_contain_text("switched off")
