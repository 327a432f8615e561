"""The API page: what is clicked there is what programs find at the ports, now and after a restart."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.dashboard.conftest import WIDTHS, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Reply

pytestmark = pytest.mark.anyio

ASK = {"model": "lab/m", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]}
ANSWER = "Hello from the lab."
EVERY = ("Anthropic Messages", "OpenAI Chat Completions", "OpenAI Responses", "Gemini", "List of models")


def settings(provider: Provider) -> str:
    return f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """


def lab() -> Provider:
    return Provider(Reply(text=ANSWER), models=["m"])


def ask(base: str, key: str = "", path: str = "/anthropic/v1/messages", body: Any = ASK) -> int:
    """The status of what a client gets there; 0: nobody listens."""
    headers = {"content-type": "application/json", **({"x-api-key": key} if key else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(base + path, data, headers), timeout=20) as answer:
            assert body is None or ANSWER.encode() in answer.read()
            status: int = answer.status
            return status
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
    except urllib.error.URLError as error:
        assert isinstance(error.reason, ConnectionRefusedError), error
        return 0


async def asked(base: str, key: str = "") -> int:
    return await asyncio.to_thread(ask, base, key)


async def run(command: str, key: str) -> str:
    """What a command of the page prints in a terminal."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", command.replace("curl ", "curl -sS --fail-with-body ", 1),
        env={"PATH": "/usr/bin:/bin", "LANDBRIDGE_KEY": key}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, (command, output)
    return output.decode()


def card(page: Page, name: str = "router") -> Locator:
    return page.locator(f"[data-listener={name}]")


async def url(page: Page, name: str = "router") -> str:
    """Where the page says that a listener is."""
    label = card(page, name).locator(".lb-listener-url .lb-code")
    await expect(label).to_have_text(re.compile("^http://"))
    return (await label.text_content()) or ""


async def apply(page: Page, port: int) -> None:
    await card(page).get_by_label("Port").fill(str(port))
    await card(page).get_by_role("button", name="Apply").click()


async def sure(page: Page, verb: str) -> None:
    """Answer what the page asks before it does something."""
    await page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()


async def menu(page: Page, name: str, item: str) -> None:
    await page.get_by_role("button", name=f"What to do with the key {name}").click()
    await page.get_by_role("menuitem", name=item).click()


async def make_key(page: Page, name: str, **fields: str) -> str:
    """Fill in the form that is open, and take the key from the page."""
    dialog = page.get_by_role("dialog", name="New access key")
    await dialog.get_by_label("Name").fill(name)
    for label, text in fields.items():
        await dialog.get_by_label(label.replace("_", " "), exact=True).fill(text)
    await dialog.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name=f"The key of '{name}'")
    key = (await shown.locator("[data-key] .lb-code").text_content()) or ""
    await shown.get_by_role("button", name="I have copied it").click()
    await expect(shown).to_have_count(0)
    assert key.startswith("lb-") and key not in await page.content(), "it is shown once"
    return key


async def test_listeners_and_commands(tmp_path: Path, visit: Visiting) -> None:
    async with lab() as provider, Served(tmp_path, settings(provider), dashboard=True) as served:
        tab = await visit(served.dashboard)
        page = await tab.open("/api")
        first = await url(page)
        assert first == served.router and await asked(first) == 200
        await the_commands_work(page, key="")
        await tab.check()

        switch = card(page).get_by_role("switch")
        await switch.click()
        await sure(page, "Cancel")
        await expect(switch).to_be_checked()
        assert await asked(first) == 200
        await switch.click()
        await sure(page, "Turn off")
        await expect(card(page).get_by_text("Off", exact=True)).to_be_visible()
        assert await asked(first) == 0
        await switch.click()
        second = await url(page)
        assert await asked(second) == 200

        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            await apply(page, taken)
            alert = card(page).get_by_role("alert")
            await expect(alert).to_contain_text(f"Port {taken} on 127.0.0.1 is in use by another program.")
            await expect(alert).to_contain_text(f"It stays at {second}.")
            assert await asked(second) == 200
            await tab.check()
        await apply(page, taken)  # which is free now
        await expect(card(page).locator(".lb-code")).to_have_text(f"http://127.0.0.1:{taken}")
        await expect(alert).to_be_hidden()
        assert (await asked(f"http://127.0.0.1:{taken}"), await asked(second)) == (200, 0)
        await expect(page.locator("[data-face=anthropic]")).to_contain_text(f":{taken}/anthropic")

        await card(page, "openai").get_by_role("switch").click()
        await sure(page, "Turn off")
        await expect(page.locator("[data-face=endpoint]")).to_contain_text("The OpenAI endpoint is off")
        narrow = await visit(served.dashboard, width=WIDTHS["narrow"], dark=True)
        await narrow.open("/api")
        await expect(card(narrow.page, "openai").get_by_text("Off", exact=True)).to_be_visible()
        await card(narrow.page, "openai").get_by_role("switch").click()
        await expect(card(page, "openai").get_by_text("Listening")).to_be_visible()
        await narrow.check()
        for each in (narrow, tab):
            each.well()
            await each.page.close()

        await served.stop()
        assert tomllib.loads(served.config.read_text())["listeners"]["router"]["port"] == taken
        await served.__aenter__()
        assert served.router == f"http://127.0.0.1:{taken}" and await asked(served.router) == 200


async def the_commands_work(page: Page, key: str, *names: str) -> None:
    """Each that the page has to copy is run."""
    for name in names or EVERY:
        await page.get_by_label("API", exact=True).click()
        await page.get_by_role("option", name=name).click()
        shown = page.locator("[data-command]")
        path = {"Gemini": "generateContent", "List of models": "/v1/models"}.get(name, name.rpartition(" ")[2].lower())
        await expect(shown).to_contain_text(path)
        await page.get_by_role("button", name="Copy the command").click()
        command = (await shown.text_content()) or ""
        await page.wait_for_function("async text => await navigator.clipboard.readText() === text", arg=command)
        assert (ANSWER if "models" not in name else "lab/m") in await run(command, key)


async def test_keys_and_what_a_variable_decides(tmp_path: Path, visit: Visiting) -> None:
    variable = {"LANDBRIDGE_LISTENERS__OPENAI__ENABLED": "true"}
    async with lab() as provider, Served(tmp_path, settings(provider), dashboard=True, env=variable) as served:
        tab = await visit(served.dashboard)
        page = await tab.open("/api")
        await expect(card(page, "openai")).to_contain_text("decided by LANDBRIDGE_LISTENERS__OPENAI__ENABLED")
        await expect(card(page, "openai").get_by_role("switch")).to_be_disabled()
        await expect(card(page).get_by_role("switch")).to_be_enabled()
        await page.get_by_text("No access keys yet").wait_for()
        await page.get_by_role("button", name="New key").click()
        await tab.check()
        dialog = page.get_by_role("dialog", name="New access key")
        await dialog.get_by_label("Name").fill("a b")
        await dialog.get_by_role("button", name="Make the key").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("'a b' is no name for a key")
        key = await make_key(page, "ann", Requests_a_minute="60", Budget="2.5")
        row = page.get_by_role("row", name="ann")
        await expect(row).to_contain_text("60 requests a minute")
        await expect(row).to_contain_text("$0.00 of $2.50 in all")
        await expect(row).to_contain_text("Every model")
        assert (await asked(served.router), await asked(served.router, key)) == (401, 200)
        await the_commands_work(page, key, "Anthropic Messages", "Gemini")
        await expect(row).to_contain_text("Just now")
        await tab.check()

        await menu(page, "ann", "Change")
        change = page.get_by_role("dialog", name="Change the key 'ann'")
        await change.get_by_label("Requests a minute").fill("30")
        await change.get_by_label("Models it may use").fill("lab/*")
        await page.keyboard.press("Enter")
        await change.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("30 requests a minute")
        await expect(row).to_contain_text("lab/*")
        await menu(page, "ann", "New secret")
        await sure(page, "Make a new secret")
        shown = page.get_by_role("dialog", name="The key of 'ann'")
        renewed = (await shown.locator("[data-key] .lb-code").text_content()) or ""
        await shown.get_by_role("button", name="I have copied it").click()
        assert (await asked(served.router, key), await asked(served.router, renewed)) == (401, 200)
        await menu(page, "ann", "Revoke")
        await sure(page, "Revoke")
        await expect(row).to_contain_text("Revoked")
        assert await asked(served.router, renewed) == 401
        await menu(page, "ann", "Delete")
        await sure(page, "Delete")
        await page.get_by_text("No access keys yet").wait_for()
        assert await asked(served.router) == 200, "no key is needed any more"

        outside = page.locator("[data-external=router]")
        await outside.get_by_role("switch").click()
        await tab.check()
        await sure(page, "Make a key first")
        bob = await make_key(page, "bob")
        await expect(outside).to_contain_text("Other machines, too")
        await expect(page.get_by_role("status").filter(has_text="Every request needs a key")).to_be_visible()
        told = tomllib.loads(served.config.read_text())["listeners"]
        assert (told["router"]["host"], told["openai"].get("host")) == ("0.0.0.0", None)
        there = await url(page)
        assert (await asked(there), await asked(there, bob)) == (401, 200)
        await tab.check()
        await outside.get_by_role("switch").click()
        await expect(outside).to_contain_text("This machine only")
        assert tomllib.loads(served.config.read_text())["listeners"]["router"]["host"] == "127.0.0.1"
        await expect(page.locator("#health")).to_contain_text("All is well")
        await page.close()
