"""`/api/v1/routes`: where names lead now, told to programs of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.access.grant import Grant
from tests.fakes.provider import Provider, Reply, chat_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

SETTINGS = """
[aliases]
fast = ["a/m", "b/m", "nowhere"]
one = "b/m"
[routes.weighed]
targets = ["a/m", "b/m"]
policy = "weight"
sticky = true
[breaker]
failures = 1
"""


def settings(**providers: Provider) -> str:
    said = (
        f'[providers.{name}]\ndialect = "openai_chat"\nbase_url = "{each.base_url("openai_chat")}"\nauth = "none"\n'
        for name, each in providers.items()
    )
    return SETTINGS + "".join(said)


async def test_where_names_lead(tmp_path: Path) -> None:
    async with (
        Provider(error(*chat_error(500, "no"))) as bad,
        Provider(Reply(text="x")) as good,
        Running(tmp_path, settings(a=bad, b=good)) as gateway,
    ):
        ask = {"model": "fast", "messages": [{"role": "user", "content": "Hi"}]}
        assert (await gateway.post("/v1/chat/completions", ask)).status == 200
        told = (await gateway.get("/api/v1/routes/fast")).json
        assert (told["target"], told["view"], told["policy"]) == ("b/m", "", "order")
        assert [(each["target"], each["place"], each["breaker"]) for each in told["targets"]] == [
            ("b/m", 1, "closed"),
            ("a/m", None, "open"),
            ("nowhere", None, "closed"),
        ]
        assert told["targets"][0]["begins_after"] is None, "streams were not asked for yet"
        assert (await gateway.get("/api/v1/routes/one")).json["route"] == "b/m; alias one"
        assert (await gateway.get("/api/v1/routes/b/m")).json["target"] == "b/m", "slashes need no escaping"
        every = (await gateway.get("/api/v1/routes")).json["routes"]
        assert [(each["model"], each["sticky"]) for each in every] == [("fast", False), ("weighed", True)]
        assert len(good.requests) == 1, "nothing is sent"


async def test_what_cannot_be_said(tmp_path: Path) -> None:
    async with Provider() as a, Provider() as b, Running(tmp_path, settings(a=a, b=b)) as gateway:
        assert (await gateway.get("/api/v1/routes/unheard-of")).status == 404
        assert (await gateway.get("/api/v1/routes/fast?tokens=many")).status == 400
        posted = await gateway.post("/api/v1/routes/fast", {}, {"x-landbridge": "1"})
        assert (posted.status, posted.headers["allow"]) == (405, "GET, HEAD")
        strange = await gateway.get("/api/v1/routes", {"host": "evil.example"})
        assert strange.status == 403
        grant = Grant(id="k1", name="alice", models=("b/*",))
        gateway.gateway.grant_named = {"alice": grant}.get
        told = (await gateway.get("/api/v1/routes/fast?key=alice&session=s&client=codex&tokens=5")).json
        assert (told["target"], told["targets"][1]["why"]) == ("b/m", "the key may not use it")
