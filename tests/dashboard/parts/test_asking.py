"""Questions are answered by their buttons, and what is copied is there or said to be not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from nicegui import ui

from landbridge.dashboard.parts import asking
from landbridge.dashboard.parts.asking import copyable, sure
from tests.fakes.tab import settled, tab

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("press", "answer"), [("Delete", True), ("Cancel", False)])
async def test_a_question(press: str, answer: bool) -> None:
    with tab() as there:

        async def ask() -> bool:
            with there.client.content:
                return await sure("Delete it?", "It is gone then.", "Delete")

        asked = asyncio.ensure_future(ask())
        await there.until("It is gone then.")
        assert there.button("Cancel").props.get("autofocus")
        there.click(press)
        assert await asked is answer
        assert "It is gone then." not in there.texts, "nothing is left of it"


@pytest.mark.parametrize("outcome", [True, False, None])
async def test_copying_says_whether_it_is_there(outcome: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    told: list[str] = []

    async def run(code: str, timeout: float) -> Any:
        ran.append(code)
        if outcome is None:
            raise TimeoutError
        return outcome

    monkeypatch.setattr(ui, "run_javascript", run)
    monkeypatch.setattr(asking, "say", told.append)
    monkeypatch.setattr(asking, "complain", told.append)
    text = 'it\'s </script> "a"\n${b}'
    with tab() as there:
        copyable(text, "The line")
        assert text in there.texts
        there.click("The line")
        await settled()
    (code,) = ran
    assert code.endswith(f"({json.dumps(text)})")
    assert told == (["Copied"] if outcome else [told[0]])
    assert outcome or "by hand" in told[0]
