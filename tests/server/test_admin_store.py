"""The ledger over HTTP: added up, looked through and shown, for programs of this machine alone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from landbridge.errors import BadRequest, Forbidden, UnknownPath
from landbridge.gateway.call import Call
from landbridge.server.admin_store import REQUESTS, USAGE, AdminStore
from landbridge.server.asgi import Scope
from landbridge.store.bodies import pack
from landbridge.store.database import Database
from landbridge.store.location import locate
from landbridge.store.tables import bodies
from tests.fakes.sink import ListSink
from tests.store.rows import ledger
from tests.store.said import ASKED, converted

T = TypeVar("T")


class Books:
    """Answers questions at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, question: Callable[[Database], Awaitable[T]]) -> T:
        return await question(self._database)


def scope(path: str, method: str = "GET", client: str = "127.0.0.1", host: bytes = b"127.0.0.1") -> Scope:
    return {"type": "http", "method": method, "path": path, "headers": [(b"host", host)], "client": (client, 1)}


async def ask(admin: AdminStore, url: str) -> Any:
    path, _, query = url.partition("?")
    handler = admin.find(scope(path))
    assert handler is not None
    sink = ListSink()
    await handler(Call("", b"", [], query), sink)
    assert (sink.status, sink.headers["content-type"]) == (200, "application/json")
    return json.loads(sink.body)


@pytest.mark.io
@pytest.mark.anyio
async def test_what_the_ledger_says(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "req_a", "at": 1_700_000_000.0, "cost": 5},
        {"id": "req_b", "at": 1_700_000_001.0, "outcome": "cut", "status": 502},
        {"id": "req_c", "at": 1_700_000_002.0, "target": "other/m"},
    ]
    async with ledger(locate("", tmp_path, {}), *rows) as database:
        async with database.begin() as connection:
            content = pack(converted())
            await connection.execute(bodies.insert().values(id="req_a", at=1.0, size=1, content=content))
        admin = AdminStore(lambda: Books(database))
        used = await ask(admin, f"{USAGE}?since=1700000000&model=lab/*")
        assert [(row["group"], row["requests"], row["cost"]) for row in used["rows"]] == [({"model": "lab/m"}, 2, 5)]
        assert (await ask(admin, f"{USAGE}?by=day,provider"))["by"] == ["day", "provider"]
        assert (await ask(admin, f"{USAGE}?by="))["rows"] == []
        page = await ask(admin, f"{REQUESTS}?limit=2")
        assert [each["id"] for each in page["exchanges"]] == ["req_c", "req_b"]
        rest = await ask(admin, f"{REQUESTS}?limit=2&before={page['more']}")
        assert ([each["id"] for each in rest["exchanges"]], rest["more"]) == (["req_a"], "")
        failed = await ask(admin, f"{REQUESTS}?errors=true&status=502&until=2024-01-01")
        assert [each["id"] for each in failed["exchanges"]] == ["req_b"]
        told = await ask(admin, f"{REQUESTS}/req_a")
        assert (told["exchange"]["id"], told["said"]["request"]) == ("req_a", ASKED)
        assert (await ask(admin, f"{REQUESTS}/req%5Fc"))["said"] is None
        with pytest.raises(BadRequest) as missing:
            await ask(admin, f"{REQUESTS}/nope")
        assert missing.value.status == 404
        for url, said in (
            (f"{USAGE}?by=colour", "'colour'"),
            (f"{USAGE}?modle=x", "no parameter 'modle'"),
            (f"{USAGE}?since=soon", "'soon' is no time"),
            (f"{REQUESTS}?limit=0", "from 1 to 1000"),
            (f"{REQUESTS}?limit=-1", "from 1 to 1000"),
            (f"{REQUESTS}?status=²", "from 0 to 999"),
            (f"{REQUESTS}?before=gone", "'gone'"),
        ):
            with pytest.raises(BadRequest, match=said):
                await ask(admin, url)


def test_who_may_ask() -> None:
    admin = AdminStore(lambda: None)
    assert admin.find(scope("/api/v1/usagex")) is None
    assert admin.find(scope("/api/v1/requests/")) is None
    with pytest.raises(Forbidden):
        admin.find(scope(USAGE, client="10.0.0.7"))
    with pytest.raises(Forbidden):
        admin.find(scope(f"{REQUESTS}/x", host=b"evil.example"))
    assert admin.find(scope(f"{REQUESTS}/x", method="DELETE")) is None


@pytest.mark.anyio
async def test_a_router_without_a_ledger_says_so() -> None:
    with pytest.raises(UnknownPath, match="no ledger"):
        await ask(AdminStore(lambda: None), USAGE)
