"""A router with two models of a scripted provider, and a tab with its chat."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page

from tests.e2e.dashboard.conftest import Visit, Visiting
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Script

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGNgYPiPFZFnKFYSAFWQP8GJr0FuAAAAAElFTkSuQmCC"
)


class Chat:
    """One tab."""

    def __init__(self, tab: Visit, provider: Provider) -> None:
        self.tab, self.page, self.provider = tab, tab.page, provider

    @property
    def field(self) -> Locator:
        """Where a question is written."""
        return self.page.get_by_label("Your question")

    @property
    def answers(self) -> Locator:
        """All answers that are to be seen."""
        return self.page.locator(".lb-answer")

    @property
    def items(self) -> Locator:
        """The conversations of the list."""
        return self.page.locator(".lb-chat-item")

    async def ask(self, text: str) -> None:
        """Write a question, and send it."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def figures(self, number: int = 0) -> str:
        """What is said below an answer, once it is whole."""
        place = self.page.locator(".lb-figures").nth(number)
        await place.wait_for()
        return (await place.inner_text()).replace("\u00a0", " ")

    def body(self, number: int = -1) -> dict[str, Any]:
        """What a model was asked."""
        return self.provider.requests[number].json


@asynccontextmanager
async def chatting(folder: Path, script: Script, settings: str = "") -> AsyncIterator[tuple[Served, Provider]]:
    """The router."""
    async with Provider(script, models=["large", "small"]) as provider:
        said = f"""
[providers.lab]
dialect = "openai_chat"
base_url = {json.dumps(provider.base_url("openai_chat"))}
models = ["large", "small"]
{settings}
"""
        async with Served(folder, said, dashboard=True) as served:
            yield served, provider


async def chat(visit: Visiting, served: Served, provider: Provider, path: str = "/chat", **given: Any) -> Chat:
    """A tab with the chat."""
    tab = await visit(served.dashboard, **given)
    page: Page = await tab.open(path)
    found = Chat(tab, provider)
    await found.field.wait_for()
    await page.get_by_text("Running").wait_for()
    return found


async def leave(*tabs: Chat) -> None:
    """Close tabs before their router ends: they would say that it is gone."""
    for tab in tabs:
        await tab.page.context.close()
