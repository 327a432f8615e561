"""Keys from outside: real listeners, real clients, the errors in each dialect, and changes while the router runs."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from landbridge.access.budget import MICRO
from landbridge.access.grant import Grant
from landbridge.access.keys import Keys
from landbridge.access.known import own_key
from landbridge.store.location import locate
from tests.fakes.caller import Caller
from tests.fakes.landbridge import Served
from tests.fakes.lists import Lister, models
from tests.fakes.provider import Provider, Reply, Tokens
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
GEMINI = "/gemini/v1beta/models/lab%2Fm:generateContent"
CONTENTS = {"contents": [{"parts": [{"text": "Hi"}]}]}
PRICE = '\n[prices."lab/m"]\ninput = 1.0\noutput = 1.0\n'


def settings(provider: Provider, more: str = "") -> str:
    base = provider.base_url("openai_chat")
    return f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{base}"\nmodels = ["m", "secret"]\n{more}\n'


async def give(gateway: Running, folder: Path, name: str = "ann", **more: Any) -> str:
    """A new key, known to the running router."""
    keys = await Keys.open(locate("", folder, {}))
    try:
        _, key = await keys.create(Grant(id="", name=name, created=1.0, **more))
    finally:
        await keys.close()
    await gateway.admission.book.look()
    return key


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def test_the_same_refusal_in_each_dialect(tmp_path: Path) -> None:
    async with Provider(Reply(text="Hello")) as provider, Running(tmp_path, settings(provider)) as gateway:
        assert (await gateway.post("/v1/messages", ASK)).status == 200
        key = await give(gateway, tmp_path)
        anthropics = await gateway.post("/anthropic/v1/messages", ASK)
        openais = await gateway.post("/v1/chat/completions", ASK)
        googles = await gateway.post(f"{GEMINI}?key=lb-wrong-{'x' * 40}", CONTENTS)
        for path, headers in (
            ("/anthropic/v1/messages", {"x-api-key": key}),
            ("/v1/chat/completions", bearer(key)),
            ("/v1/responses", bearer(key)),
        ):
            body = {"model": "lab/m", "input": "Hi"} if path == "/v1/responses" else ASK
            assert (await gateway.post(path, body, headers)).status == 200
        assert (await gateway.post(GEMINI, CONTENTS, {"x-goog-api-key": key})).status == 200
        assert (await gateway.post(f"{GEMINI}?key={key}", CONTENTS)).status == 200
        asked = len(provider.requests)
    assert [each.status for each in (anthropics, openais, googles)] == [401, 401, 401]
    assert anthropics.json["error"]["type"] == "authentication_error"
    assert openais.json["error"]["code"] == "invalid_api_key"
    assert googles.json["error"]["status"] == "UNAUTHENTICATED"
    assert "landbridge keys create" in anthropics.json["error"]["message"]
    assert anthropics.headers["www-authenticate"] == "Bearer"
    assert anthropics.headers["x-should-retry"] == "false"
    assert asked == 6
    records = [record.key for record in gateway.journal.latest]
    assert len(records) == 6, "who has no key leaves no record"
    assert records[0] == ""
    assert len(set(records[1:])) == 1


async def test_nothing_of_a_key_is_sent_on_or_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Provider(Reply(text="Hello")) as provider, Running(tmp_path, settings(provider)) as gateway:
        key = await give(gateway, tmp_path)
        with caplog.at_level("DEBUG"):
            await gateway.post("/v1/messages", ASK, {"x-api-key": key, **bearer(key)})
            await gateway.post(f"{GEMINI}?key={key}", CONTENTS)
            await gateway.post(f"{GEMINI}?key={key}", {**CONTENTS, "contents": 5})
            gateway.journal.flush()
        seen = "".join(f"{request.path}{request.headers}{request.body!r}" for request in provider.requests)
    secret = key.rpartition("-")[2]
    assert provider.requests
    assert secret not in seen
    assert secret not in caplog.text


async def test_a_key_for_some_models(tmp_path: Path) -> None:
    more = '[aliases]\n"claude-*haiku*" = "lab/secret"\n"claude-*" = "lab/m"'
    async with Provider(Reply(text="a")) as provider, Running(tmp_path, settings(provider, more)) as gateway:
        key = await give(gateway, tmp_path, models=("lab/m", "claude-*haiku*"))
        statuses = {
            name: (await gateway.post("/v1/messages", {**ASK, "model": name}, bearer(key))).status
            for name in ("lab/m", "claude-opus-5", "claude-haiku-5", "lab/secret", "claude/lab/secret", "nope")
        }
        refused = await gateway.post("/v1/messages", {**ASK, "model": "nope"}, bearer(key))
        counted = await gateway.post("/v1/messages/count_tokens", {**ASK, "model": "lab/secret"}, bearer(key))
        embedded = await gateway.post("/v1/embeddings", {"model": "lab/secret", "input": "x"}, bearer(key))
        shown = await gateway.get("/v1/models/lab/secret", bearer(key))
        allowed = await gateway.get("/v1/models/lab/m", bearer(key))
    assert statuses == {
        "lab/m": 200,
        "claude-opus-5": 200,
        "claude-haiku-5": 200,
        "lab/secret": 403,
        "claude/lab/secret": 403,
        "nope": 403,
    }
    assert refused.json["error"]["type"] == "permission_error"
    message = "The key 'ann' may not use the model 'nope'. It may use: lab/m, claude-*haiku*."
    assert refused.json["error"]["message"] == message
    assert [each.status for each in (counted, embedded, shown, allowed)] == [403, 403, 403, 200]


async def test_lists_show_a_key_its_models(tmp_path: Path) -> None:
    discovery = {"user-agent": "claude-code/2.1.330", "anthropic-version": "2023-06-01"}
    lab = '[providers.lab]\ndialect = "openai_chat"\nbase_url = "{}"\n'
    async with Lister(models("m", "secret")) as lister:
        at = lab.format(lister.base_url("openai_chat"))
        async with Running(tmp_path, at, local=("smollm2",)) as gateway:
            some = await give(gateway, tmp_path, models=("lab/m",))
            every = await give(gateway, tmp_path, "bob")
            lists = [
                [entry["id"] for entry in (await gateway.get(path, {**bearer(key), **more})).json["data"]]
                for key in (some, every)
                for path, more in (("/v1/models", {}), ("/anthropic/v1/models", {}), ("/v1/models", discovery))
            ]
    assert lists[:3] == [["lab/m"], ["lab/m"], ["claude/lab/m"]]
    assert lists[3] == ["smollm2", "lab/m", "lab/secret"]
    assert len(lists[5]) == 3


async def test_money_and_pace(tmp_path: Path) -> None:
    reply = Reply(text="a", usage=Tokens(600_000, 400_000))
    async with Provider(reply) as provider, Running(tmp_path, settings(provider, PRICE)) as gateway:
        poor = await give(gateway, tmp_path, "poor", budget=MICRO, per="day")
        slow = await give(gateway, tmp_path, "slow", rpm=1)
        assert (await gateway.post("/v1/messages", ASK, bearer(poor))).status == 200
        spent = await gateway.post("/v1/messages", ASK, bearer(poor))
        assert (await gateway.post("/v1/messages", ASK, bearer(slow))).status == 200
        fast = await gateway.post("/v1/messages", ASK, bearer(slow))
        assert (await gateway.get("/v1/models", bearer(slow))).status == 200
    assert (spent.status, spent.json["error"]["type"]) == (402, "billing_error")
    assert "has spent its $1.00 for today" in spent.json["error"]["message"]
    assert (fast.status, fast.json["error"]["type"]) == (429, "rate_limit_error")
    assert 1 <= int(fast.headers["retry-after"]) <= 120
    assert fast.headers["x-should-retry"] == "true"
    assert [record.outcome for record in gateway.journal.latest] == ["ok", "budget_spent", "ok", "rate_limited"]


async def test_real_clients_say_it_at_once(tmp_path: Path) -> None:
    async with Provider(Reply(text="Hello")) as provider, Running(tmp_path, settings(provider)) as gateway:
        key = await give(gateway, tmp_path, budget=0)
        async with anthropic.AsyncAnthropic(api_key="lb-x", base_url=f"{gateway.url}/anthropic") as client:
            with pytest.raises(anthropic.AuthenticationError, match="landbridge keys create"):
                await client.messages.create(**ASK)
        async with openai.AsyncOpenAI(api_key=key, base_url=f"{gateway.url}/v1") as chat:
            with pytest.raises(openai.APIStatusError, match=r"has spent its \$0\.00 for good") as caught:
                await chat.chat.completions.create(**ASK)
        assert caught.value.status_code == 402
        assert provider.requests == []
        assert [record.outcome for record in gateway.journal.latest] == ["budget_spent"]


async def test_probes_and_management(tmp_path: Path) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        assert "keys" not in (await gateway.get("/health")).json["parts"]
        key = await give(gateway, tmp_path)
        own = own_key(tmp_path)
        for path in ("/", "/anthropic", "/api/hello"):
            assert (await gateway.get(path)).status == 200
        brief = (await gateway.get("/health")).json
        assert sorted(brief) == ["status", "version"]
        assert (await gateway.get("/health", bearer(key))).json["parts"]["keys"]["detail"] == (
            "needed on router and openai"
        )
        assert (await gateway.get("/openapi.json")).status == 401
        engines = [(await gateway.get("/api/v1/engines", bearer(each))).status for each in ("x", key, own)]
        assert engines == [401, 403, 200]
        assert (await gateway.post("/v1/messages", {**ASK, "model": "nope"}, bearer(own))).status == 404


async def test_names_and_pages(tmp_path: Path) -> None:
    more = '[access]\norigins = ["https://chat.example"]\n'
    async with Provider(Reply(text="a")) as provider, Running(tmp_path, settings(provider, more)) as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(b"GET /v1/models HTTP/1.1\r\nhost: evil.example\r\n\r\n")
            rebound = await caller.listen()
        strange = await gateway.post("/v1/messages", ASK, {"origin": "https://evil.example"})
        page = await gateway.post("/v1/messages", ASK, {"origin": "https://chat.example"})
        wrong = await gateway.post("/v1/messages", {}, {"origin": "https://chat.example"})
        asking = {"origin": "https://chat.example", "access-control-request-method": "POST"}
        async with gateway.session.options(gateway.url + "/v1/messages", headers=asking) as told:
            assert (told.status, told.headers["access-control-allow-origin"]) == (204, "https://chat.example")
        asking["origin"] = "https://evil.example"
        async with gateway.session.options(gateway.url + "/v1/messages", headers=asking) as untold:
            assert "access-control-allow-origin" not in untold.headers
            assert untold.status >= 400
    assert (rebound.status, "access.hosts" in json.dumps(rebound.json)) == (403, True)
    assert (strange.status, "access-control-allow-origin" in strange.headers) == (403, False)
    assert (page.status, page.headers["access-control-allow-origin"]) == (200, "https://chat.example")
    assert (wrong.status, wrong.headers["access-control-allow-origin"]) == (400, "https://chat.example")
    assert len(provider.requests) == 1


async def test_a_listener_that_others_reach_says_what_is_missing(tmp_path: Path) -> None:
    more = '[listeners.router]\nhost = "0.0.0.0"\n'
    async with Provider(Reply(text="a")) as provider, Running(tmp_path, settings(provider, more)) as gateway:
        refused = await gateway.post("/v1/messages", ASK)
        assert refused.status == 401
        assert "landbridge has no keys yet. Make one where landbridge runs" in refused.json["error"]["message"]
        (warning,) = gateway.admission.warnings()
        assert "Listener 'router' on 0.0.0.0 needs a key" in warning
        async with gateway.session.post(gateway.openai + "/v1/chat/completions", json=ASK) as answer:
            assert answer.status == 200  # that one is loopback's
        key = await give(gateway, tmp_path)
        assert gateway.admission.warnings() == []
        assert (await gateway.post("/v1/messages", ASK, bearer(key))).status == 200


async def test_a_running_router_takes_up_what_commands_change(tmp_path: Path) -> None:
    async def command(*words: str) -> str:
        where = ("--config", str(served.config), "--data-dir", str(served.data))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "landbridge", "keys", *words, *where, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode().strip()

    async def until(status: int, headers: dict[str, str]) -> None:
        async with asyncio.timeout(30):
            while (await served.post("/v1/messages", ASK, headers))[0] != status:
                await asyncio.sleep(0.1)

    async with Provider(Reply(text="a")) as provider, Served(tmp_path, settings(provider)) as served:
        assert (await served.post("/v1/messages", ASK))[0] == 200
        key = await command("create", "--name", "ann")
        await until(401, {})
        await until(200, bearer(key))
        assert (await served.get("/health", bearer(own_key(served.data))))[1]["parts"]["keys"]["status"] == "ok"
        await command("revoke", "ann")
        await until(401, bearer(key))
        assert key.rpartition("-")[2] not in served.log
    for path in served.data.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes()
