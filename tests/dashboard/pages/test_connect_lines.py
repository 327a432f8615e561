"""Lines to be copied: what is on the clipboard is what they are when they are copied."""

from __future__ import annotations

import pytest

from landbridge.dashboard.pages import connect_lines as module
from landbridge.dashboard.pages.connect_lines import Lines
from tests.fakes.tab import settled, tab

pytestmark = pytest.mark.anyio


async def test_what_is_done_before_may_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    async def copy(text: str) -> None:
        copied.append(text)

    async def before() -> None:
        lines.set("export B=2")

    monkeypatch.setattr(module, "copy", copy)
    with tab() as there:
        lines = Lines("Variables", before)
        lines.set("export A=1")
        assert "export A=1" in there.texts
        there.click("Copy: Variables")
        await settled()
        plain = Lines("Endpoint")
        plain.set("http://x")
        there.click("Copy: Endpoint")
        await settled()
    assert copied == ["export B=2", "http://x"]
