"""`/api/v1/keys`: what changes holds at once, a secret is told once, and nobody changes keys but the router's owner."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

KEYS = "/api/v1/keys"
JSON = {"content-type": "application/json"}


def owner(folder: Path) -> dict[str, str]:
    """Headers of whoever may change the router."""
    return {**JSON, "authorization": f"Bearer {(folder / 'own.key').read_text()}"}


async def test_a_key_from_its_making_to_its_end(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        own = owner(tmp_path)
        assert (await running.get(KEYS)).json == {"keys": []}
        terms = {"models": ["lab/*"], "rpm": 60, "budget": 2.5, "per": "month", "expires": "30d"}
        made = (await running.post(KEYS, {"name": "ann", **terms}, own)).json
        assert made["first"] and made["info"]["budget"] == 2.5
        bearer = {"authorization": f"Bearer {made['key']}"}
        assert (await running.get("/v1/models", bearer)).status == 200, "it holds at once"
        assert (await running.get("/v1/models")).status == 401, "and so does that one is needed"
        listed = await running.get(KEYS, own)
        assert [each["name"] for each in listed.json["keys"]] == ["ann"]
        assert made["key"].encode() not in listed.body
        changed = await _ask(running, "PATCH", f"{KEYS}/ann", b'{"rpm": null, "name": "anna"}', own)
        assert (changed["rpm"], changed["name"], changed["models"]) == (None, "anna", ["lab/*"])
        rotated = (await running.post(f"{KEYS}/anna/rotate", {}, own)).json
        assert (await running.get("/v1/models", bearer)).status == 401
        bearer = {"authorization": f"Bearer {rotated['key']}"}
        assert (await running.get("/v1/models", bearer)).status == 200
        refused = await running.session.delete(f"{running.url}{KEYS}/anna", headers=own)
        assert refused.status == 400 and "is in use" in await refused.text()
        revoked = (await running.post(f"{KEYS}/{made['info']['id']}/revoke", {}, own)).json
        assert revoked["state"] == "revoked"
        assert (await running.get("/v1/models", bearer)).status == 401
        assert (await running.get(f"{KEYS}/anna", own)).json["state"] == "revoked"
        forgotten = await _ask(running, "DELETE", f"{KEYS}/anna", b"", own)
        assert (forgotten["name"], forgotten["left"]) == ("anna", 0)
        assert (await running.get("/v1/models")).status == 200, "nobody needs one any more"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "a b"}, "no name for a key"),
        ({}, "name"),
        ({"name": "a", "rpm": 0}, "rpm"),
        ({"name": "a", "model": "m"}, "model"),
        ({"name": "a", "per": "day"}, "budget"),
        ({"name": "a", "expires": "yesterday"}, "no time"),
    ],
)
async def test_what_cannot_be_meant(tmp_path: Path, body: dict[str, object], said: str) -> None:
    async with Running(tmp_path) as running:
        answer = await running.post(KEYS, body, owner(tmp_path))
        assert answer.status == 400
        assert said in answer.json["error"]["message"]
        assert (await running.get(KEYS)).json == {"keys": []}


async def test_nobody_else_changes_keys(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        assert (await running.post(KEYS, {"name": "eve"}, JSON)).status == 401
        key = (await running.post(KEYS, {"name": "ann"}, owner(tmp_path))).json["key"]
        theirs = {**JSON, "authorization": f"Bearer {key}"}
        assert (await running.post(KEYS, {"name": "eve"}, theirs)).status == 403
        assert (await running.get(KEYS, theirs)).status == 403
        nothing = await running.session.patch(f"{running.url}{KEYS}/ann", data=b"{}", headers=owner(tmp_path))
        assert nothing.status == 400 and "nothing to change" in await nothing.text()


async def test_pages_hear_of_it(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        assert running.app("router").routes, "which has the topics offered"
        heard = running.hub.listen(["keys"])
        first = await anext(heard)
        await running.post(KEYS, {"name": "ann"}, owner(tmp_path))
        assert await anext(heard) != first
        await heard.aclose()


async def _ask(running: Running, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
    async with running.session.request(method, running.url + path, data=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, object] = await answer.json()
        return found
