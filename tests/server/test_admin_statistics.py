"""Statistics over HTTP: what is asked for, in words that say what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.server.admin_statistics import SESSIONS, STATISTICS
from landbridge.store.location import locate
from tests.fakes.running import Reply, Running
from tests.store.rows import ledger

pytestmark = [pytest.mark.io, pytest.mark.anyio]

AT = 1_700_000_000.0
ROWS: tuple[dict[str, Any], ...] = (
    {"id": "req_a", "at": AT, "cost": 5, "session": "one", "agent": "", "key": "k1"},
    {"id": "req_b", "at": AT + 4000, "outcome": "cut", "status": 502, "message": "gone", "session": "one"},
    {"id": "req_c", "at": AT + 8000, "target": "other/m", "session": "two", "client": "codex"},
)


async def test_what_the_ledger_says(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    async with ledger(location, *ROWS):
        pass
    async with Running(tmp_path) as running:
        running.works.ledger.start(location)
        try:
            asked = f"?since={AT - 100:.0f}&until={AT + 9000:.0f}"
            found = (await running.get(f"{STATISTICS}{asked}&by=model&step=hour")).json
            assert (found["step"], [part["value"] for part in found["parts"]]) == ("hour", ["lab/m", "other/m"])
            assert sum(found["total"]["line"]["requests"]) == 3
            assert [(kind["outcome"], kind["message"]) for kind in found["errors"]] == [("cut", "gone")]
            narrow = (await running.get(f"{STATISTICS}{asked}&client=codex")).json
            assert (narrow["total"]["requests"], narrow["parts"]) == (1, [])
            told = (await running.get(f"{SESSIONS}{asked}&limit=1")).json
            assert ([each["session"] for each in told["sessions"]], told["more"]) == (["two"], 1)
            for url, said in (
                (f"{STATISTICS}?by=model,key", "one of model"),
                (f"{STATISTICS}?by=day", "one of model"),
                (f"{STATISTICS}?step=year", "'year'"),
                (f"{STATISTICS}?since=today&until=2020-01-01", "not after"),
                (f"{STATISTICS}?limit=3", "no parameter 'limit'"),
                (f"{SESSIONS}?limit=0", "from 1 to 500"),
            ):
                reply: Reply = await running.get(url)
                assert (reply.status, said in reply.json["error"]["message"]) == (400, True), reply.body
        finally:
            await running.works.ledger.close()
