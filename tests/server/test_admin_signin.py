"""The dashboard's links and sessions over the router's own API: for its own user alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.access.known import own_key
from landbridge.server.admin_signin import DASHBOARD, LINKS, SESSIONS
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_a_link_becomes_a_session(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        own = {"authorization": f"Bearer {own_key(tmp_path)}", "content-type": "application/json"}
        closed = await running.post(LINKS, {}, own)
        assert closed.status == 400 and "closed" in closed.json["error"]["message"]
        running.works.signin.address = lambda: ("192.0.2.7", 38090)
        assert (await running.get(DASHBOARD)).json == {"url": "http://192.0.2.7:38090", "sign_in": True, "fault": ""}
        assert (await running.post(LINKS, {}, {"content-type": "application/json"})).status == 401
        link = (await running.post(LINKS, {}, own)).json
        assert link["seconds"] == 600
        token = link["url"].partition("token=")[2]
        assert (await running.post(SESSIONS, {"token": "x"}, own)).status == 401
        begun = (await running.post(SESSIONS, {"token": token}, own)).json
        assert (await running.post(SESSIONS, {"token": token}, own)).status == 401
        known = await running.post(SESSIONS, {"session": begun["session"]}, own)
        assert known.status == 200 and known.json["session"] == "", "it is not repeated"
        async with running.session.delete(running.url + SESSIONS, headers=own) as ended:
            assert await ended.json() == {"sessions": 1}
        assert (await running.post(SESSIONS, {"session": begun["session"]}, own)).status == 401


async def test_on_this_machine_the_address_is_enough(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        own = {"authorization": f"Bearer {own_key(tmp_path)}", "content-type": "application/json"}
        running.works.signin.address = lambda: ("127.0.0.1", 38090)
        assert (await running.post(LINKS, {}, own)).json == {"url": "http://127.0.0.1:38090", "seconds": None}
