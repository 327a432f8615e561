"""Doctor's findings as a list: what is wrong first, what is well folded behind it."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui import ui

from landbridge.dashboard.pages.connect_checks import Checks, sorted_out
from landbridge.dashboard.pages.connect_choice import Choice
from landbridge.manage.findings import fail, ok, warn
from landbridge.server.admin_clients import Clients
from tests.fakes.tab import FakeRouter, desk, tab

GOOD, ODD, BAD = ok("disk", "enough"), warn("memory", "little", "Close something."), fail("router", "refused", "Start")


def test_the_worst_comes_first() -> None:
    assert sorted_out([ODD, GOOD, BAD]) == ([BAD, ODD], [GOOD])


@pytest.mark.anyio
async def test_it_looks_and_looks_again() -> None:
    router: Any = FakeRouter({"/api/v1/checks": {"findings": [GOOD, ODD, BAD]}})
    with tab() as there:
        choice = Choice(Clients([], "", True, False, "sh", "lab/m"))
        Checks(desk(router), choice)
        await there.until("1 is wrong · 1 to look at · 1 fine")
        assert {"Close something.", "refused", "Start"} <= set(there.texts)
        assert [each.value for each in there.all(ui.expansion)] == [False]
        router.answers["/api/v1/checks"] = {"findings": [GOOD]}
        there.click("Check again")
        await there.until("Nothing is wrong.")
        assert "refused" not in there.texts
        router.answers["/api/v1/checks"] = "The router did not answer."
        there.click("Check again")
        await there.until("The router did not answer.")
        assert [body for _, _, body in router.asked] == [{"model": "lab/m"}] * 3
