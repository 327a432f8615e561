"""Secrets planted everywhere in a running router, and none found afterwards: not in its log, its answers, its figures,
its database and files, nor in what its commands print.
"""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.main import main
from tests.fakes.landbridge import LISTENERS, Served
from tests.fakes.provider import Provider, Received, Reply, error
from tests.fakes.script import Answer

pytestmark = [pytest.mark.io, pytest.mark.anyio]

MARK = "planted"
"""In every secret."""
ENV = {
    "LAB_KEY": "planted-provider-key-in-env",
    "TEAM_KEY": "planted-header-key-in-env",
    "SEARCH_KEY": "planted-search-key-in-env",
    "OTLP_KEY": "planted-otlp-key-in-env",
    "PG_PASSWORD": "planted-database-password-in-env",
    "OTHER_SERVICE_TOKEN": "planted-token-of-something-else",
}
CLIENT = {
    "authorization": "Bearer planted-authorization-of-the-client",
    "x-api-key": "planted-key-of-the-client",
    "x-goog-api-key": "planted-goog-key-of-the-client",
    "cookie": "session=planted-cookie-of-the-client",
    "proxy-authorization": "Basic planted-proxy-login-of-the-client",
}
QUERY = "key=planted-key-in-the-query&access_token=planted-token-in-the-query"
MISTAKEN = "sk-" + "mistaken0123456789abcdefghij"
"""A key where a model's name belongs: its client reads it again, and nobody else."""
HI = [{"role": "user", "content": "Hi"}]


def settings(provider: Provider) -> str:
    return f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        api_key = "${{LAB_KEY}}"
        models = ["m", "refused", "broken"]
        [providers.lab.headers]
        x-team = "${{TEAM_KEY}}"
        x-literal = "planted-literal-header"
        [providers.literal]
        dialect = "anthropic"
        base_url = "{provider.base_url("anthropic")}"
        api_key = "planted-literal-key"
        models = ["m", "refused"]
        [providers.google]
        dialect = "gemini"
        base_url = "{provider.base_url("gemini")}"
        api_key = "planted-literal-google-key"
        [providers.away]
        dialect = "openai_chat"
        base_url = "http://me:planted-login-in-a-url@127.0.0.1:1/v1"
        api_key = "${{LAB_KEY}}"
        models = ["m"]
        [search]
        service = "searxng"
        base_url = "http://127.0.0.1:1"
        api_key = "${{SEARCH_KEY}}"
        [telemetry]
        otlp_endpoint = "http://127.0.0.1:1"
        headers = {{ authorization = "Bearer ${{OTLP_KEY}}", x-literal = "planted-literal-otlp" }}
        [store]
        bodies = true
        [server]
        log_level = "debug"
    """


DATABASES = """
[store]
url = "postgresql://me:planted-database-password@127.0.0.1:1/ledger"
"""


def echo(request: Received) -> Answer | Reply:
    """A provider that repeats all that it was sent where it refuses, as some do."""
    said = json.dumps({"error": {"message": f"no: {dict(request.headers)} {request.path}", "type": "auth"}}).encode()
    if b"refused" in request.body or "refused" in request.path:
        return error(401, said)
    if b"broken" in request.body:
        return Answer(status=500, headers={"content-type": "text/html"}, body=b"<html>" + said)
    return Reply(text="Hello.")


class Asker:
    """Asks, and keeps every word that comes back."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self.heard: dict[str, str] = {}

    async def ask(self, method: str, path: str, body: object = None, **more: str) -> int:
        """The status."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return await asyncio.to_thread(self._ask, method, path, data, {**CLIENT, **more})

    def _ask(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> int:
        request = urllib.request.Request(self._served.router + path, data, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with closing(answer):
            self.heard[f"{len(self.heard)} {method} {path}"] = f"{answer.headers}\n{answer.read().decode()}"
            return int(answer.status)


async def talk(asker: Asker) -> None:
    """Requests that succeed, are refused, and are no requests at all."""
    chat: dict[str, Any] = {"max_tokens": 9, "messages": HI}
    models = [
        "lab/m",
        "lab/refused",
        "lab/broken",
        "literal/m",
        "literal/refused",
        "google/refused",
        "away/m",
        MISTAKEN,
    ]
    for model in models:
        for path in ("/v1/messages", "/v1/chat/completions"):
            await asker.ask("POST", f"{path}?{QUERY}", {"model": model, **chat})
    await asker.ask("POST", "/v1/chat/completions", {"model": "lab/refused", "stream": True, **chat})
    contents = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    for model in ("google/refused", "google/m", "lab/m", MISTAKEN):
        await asker.ask("POST", f"/v1beta/models/{model}:generateContent?{QUERY}", contents)
    await asker.ask("POST", "/v1/responses", {"model": "lab/m", "input": "Hi"})
    await asker.ask("POST", "/v1/embeddings", {"model": "lab/refused", "input": "Hi"})
    await asker.ask("POST", "/v1/messages/count_tokens", {"model": "literal/refused", "messages": HI})
    await asker.ask("POST", "/v1/messages", b'{"model": "cut')
    for path in (f"/nowhere?{QUERY}", f"/v1/models?{QUERY}", f"/v1/models/{MISTAKEN}", "/v1beta/models", "/anthropic"):
        await asker.ask("GET", path)


async def look_around(asker: Asker) -> None:
    """Everything that tells of the router itself: whatever the description names, and each exchange that is kept."""
    await asker.ask("GET", "/openapi.json")
    told = json.loads(list(asker.heard.values())[-1].partition("\n\n")[2])
    for path, methods in told["paths"].items():
        if "get" in methods and "{" not in path and path != "/api/v1/events":  # which has no end
            await asker.ask("GET", path)
    for name in ("lab", "literal"):
        await asker.ask("GET", f"/api/v1/providers/{name}")
        await asker.ask("GET", f"/api/v1/providers/{name}/models")
    ids = re.findall(r'"id":"(req_\w+)"', asker.heard[next(each for each in asker.heard if "api/v1/requests" in each)])
    assert len(ids) > 10, "the exchanges are in the ledger"
    for id in ids:
        await asker.ask("GET", f"/api/v1/requests/{id}?bodies=1")


def commands(served: Served, ids: list[str]) -> Iterator[list[str]]:
    """What people look at, in words and as JSON."""
    where = ["--config", str(served.config), "--data-dir", str(served.data)]
    for words in (
        ["config", "show"], ["config", "get", "providers"], ["config", "history"],
        ["config", "diff"], ["config", "check"], ["providers", "list"], ["providers", "show", "lab"],
        ["usage"], ["logs"],
        *(["logs", "show", id] for id in ids), *(["logs", "export", id] for id in ids),
    ):  # fmt: skip
        yield [*words, *where]
    for words in (["config", "show"], ["providers", "list"], ["logs"]):
        yield [*words, "--json", *where]


def found(texts: dict[str, str]) -> str:
    """Where secrets stand, and what stands around the first; empty where there are none."""
    hits = {place: text.lower().find(MARK) for place, text in texts.items()}
    return "\n".join(f"{place}: {texts[place][max(0, at - 99) : at + 60]!r}" for place, at in hits.items() if at >= 0)


async def logged(served: Served, words: str) -> None:
    async with asyncio.timeout(30):
        while words not in served.log:
            await asyncio.sleep(0.05)


def files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


async def use_a_key(served: Served, asker: Asker, capsys: pytest.CaptureFixture[str]) -> str:
    """Somebody gets a key, uses it, and sends a wrong one; gives what of it nobody may see again."""
    where = ["--config", str(served.config), "--data-dir", str(served.data)]
    assert await asyncio.to_thread(main, ["keys", "create", "--name", "somebody", *where]) == 0
    shown = re.search(r"lb-\w+-\w+", capsys.readouterr().out)
    assert shown is not None, "it is shown once"
    key, chat = shown[0], {"max_tokens": 9, "messages": HI}
    async with asyncio.timeout(30):
        while await asker.ask("POST", "/v1/messages", {"model": "lab/m", **chat}) != 401:
            await asyncio.sleep(0.05)
    for model, status in (("lab/m", 200), ("lab/refused", 403)):
        asked = {"model": model, **chat}
        assert await asker.ask("POST", "/v1/messages", asked, authorization=f"Bearer {key}") == status
    contents = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    assert await asker.ask("POST", f"/v1beta/models/google/m:generateContent?key={key}", contents) == 200
    assert await asker.ask("POST", "/v1/messages", {"model": "lab/m"}, authorization=f"Bearer {key}x") == 401
    for words in (["keys", "list"], ["keys", "list", "--json"], ["logs"]):
        assert await asyncio.to_thread(main, [*words, *where]) == 0
        asker.heard[" ".join(["after", *words])] = capsys.readouterr().out
    return key.rpartition("-")[2]


async def test_nothing_secret_is_found_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, secret in ENV.items():
        monkeypatch.setenv(name, secret)
    async with Provider(echo) as provider, Served(tmp_path, settings(provider), env=ENV) as served:
        asker = Asker(served)
        await talk(asker)
        # What takes effect after a restart only, and what is wrong, is said in the log, too.
        served.config.write_text(settings(provider).replace("[store]", DATABASES.lstrip()) + LISTENERS)
        await logged(served, "after a restart of the router only")
        served.config.write_text(settings(provider) + "oops = 'planted-in-a-broken-file'" + LISTENERS)
        await logged(served, "settings not taken up")
        served.config.write_text(settings(provider) + LISTENERS)
        await look_around(asker)
        refused = [text for name, text in asker.heard.items() if "***" in text]
        assert len(refused) > 5, "providers have repeated keys, and they were masked"
        ids = re.findall(r'"id":"(req_\w+)"', repr(asker.heard))[2:3]
        for words in commands(served, ids):
            code = await asyncio.to_thread(main, words)
            printed = capsys.readouterr()
            asker.heard[" ".join(words[:3])] = printed.out + printed.err
            assert code in (0, 1), (words, printed.err)
        key = await use_a_key(served, asker, capsys)
    assert found(asker.heard) == ""
    assert found({"log": served.log}) == ""
    figures = next(text for name, text in asker.heard.items() if "/metrics" in name)
    assert MISTAKEN not in served.log + figures and "landbridge_requests_total" in figures
    kept = {str(path.relative_to(served.data)): path for path in files(served.data)}
    assert any(name.endswith(".db") for name in kept)
    copies = {name for name in kept if name.startswith("settings-history/")}  # of the settings file itself
    texts = {name: path.read_bytes().decode("latin-1") for name, path in kept.items()}
    assert found({name: text for name, text in texts.items() if name not in copies}) == ""
    assert not [name for name in copies for secret in ENV.values() if secret in texts[name]]
    assert [name for name, text in {**texts, **asker.heard, "log": served.log}.items() if key in text] == []
    open_ones = [path for path in served.data.rglob("*") if path.stat().st_mode & 0o077]
    assert open_ones == [], "readable by others"
