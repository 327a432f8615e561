"""An exchange as a file that may be given away."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.store.bodies import pack
from landbridge.store.location import locate
from landbridge.store.tables import bodies
from tests.fakes.running import Running
from tests.store.rows import ledger
from tests.store.said import converted

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PROVIDER = (
    '[providers.lab]\ndialect = "openai_chat"\nbase_url = "http://127.0.0.1:9/v1"\napi_key = "planted-secret-1"\n'
)


async def test_without_secrets(tmp_path: Path) -> None:
    location = locate("", tmp_path, {})
    said = {"id": "req_a", "key": "k-1", "message": "refused: planted-secret-1 of bob@example.org"}
    async with ledger(location, said, {"id": "req_b"}) as database, database.begin() as connection:
        await connection.execute(bodies.insert().values(id="req_a", at=1.0, size=1, content=pack(converted())))
    async with Running(tmp_path, PROVIDER) as running:
        running.works.ledger.start(location)
        try:
            reply = await running.get("/api/v1/requests/req_a/export")
            assert reply.status == 200
            assert reply.headers["content-disposition"] == 'attachment; filename="landbridge-req_a.json"'
            assert reply.json["exchange"]["message"] == "refused: *** of someone@example.com"
            assert reply.json["said"]["request"]["system"] == "Be very brief."
            assert b"k-1" not in reply.body
            assert (await running.get("/api/v1/requests/req_b/export")).json["said"] is None
            assert (await running.get("/api/v1/requests/none/export")).status == 404
        finally:
            await running.works.ledger.close()
