"""The page of requests is the list, or one exchange."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui import ui

from landbridge.dashboard.pages import requests, requests_list, requests_one

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("id", "shown"), [("", "list"), ("req_1", "req_1")])
async def test_what_stands_behind_the_path(monkeypatch: pytest.MonkeyPatch, id: str, shown: str) -> None:
    built: list[str] = []

    async def one(desk: Any, id: str) -> None:
        built.append(id)

    async def many(desk: Any) -> None:
        built.append("list")

    monkeypatch.setattr(requests_one, "build_one", one)
    monkeypatch.setattr(requests_list, "build_list", many)
    monkeypatch.setattr(ui, "add_head_html", lambda html: None)
    desk: Any = None
    await requests.build(desk, id)
    assert built == [shown]
