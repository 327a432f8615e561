"""`GET /metrics` of a running gateway: who may ask, and what it says of real exchanges."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as read_text

from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

ASK = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}


def settings(provider: Provider, more: str = "") -> str:
    return f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        api_key = "key-of-the-lab"
        {more}
    """


async def scraped(running: Running) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = await running.get("/metrics")
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/plain")
    families = list(read_text(answer.body.decode()))
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


async def test_exchanges_are_counted_once_they_have_ended(tmp_path: Path) -> None:
    async with (
        Provider(Reply(text="Hello."), models=["m"]) as provider,
        Running(tmp_path, settings(provider)) as running,
    ):
        before = await scraped(running)
        assert not [name for name, _ in before if name == "landbridge_requests_total"]
        await running.post("/v1/messages", ASK)
        await running.post("/v1/chat/completions", {**ASK, "stream": True})
        await running.post("/v1/chat/completions", {**ASK, "model": "nobody/knows"})
        found = await scraped(running)
    ok = {"provider": "lab", "model": "m", "outcome": "ok"}
    assert found["landbridge_requests_total", frozenset({**ok, "dialect": "anthropic"}.items())] == 1
    assert found["landbridge_requests_total", frozenset({**ok, "dialect": "openai_chat"}.items())] == 1
    unknown = {"provider": "none", "model": "none", "outcome": "unknown_model", "dialect": "openai_chat"}
    assert found["landbridge_requests_total", frozenset(unknown.items())] == 1
    assert found["process_resident_memory_bytes", frozenset()] > 2**20
    assert found["landbridge_records_lost_total", frozenset()] == 0


async def test_hostile_names_make_no_series(tmp_path: Path) -> None:
    async with Provider(Reply(text="Hello.")) as provider:
        more = "passthrough = false\n[metrics]\nmax_models = 3"
        async with Running(tmp_path, settings(provider, more)) as running:
            for number in range(12):
                await running.post("/v1/messages", {**ASK, "model": f"lab/evil{number}"})
                await running.post("/v1/messages", {**ASK, "model": f"evil{number}"})
            text = (await running.get("/metrics")).body.decode()
    named = {
        sample.labels["model"] for family in read_text(text) for sample in family.samples if "model" in sample.labels
    }
    assert named == {"evil0", "evil1", "evil2", "other", "none"}


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"host": "evil.example:38080"}, {"origin": "https://evil.example"}, {"origin": "null"}],
)
async def test_web_pages_and_other_machines_see_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    async with Running(tmp_path) as running:
        answer = await running.get("/metrics", headers)
        assert answer.status == 403
        assert b"landbridge_" not in answer.body


@pytest.mark.parametrize(("remote", "status"), [("true", 200), ("false", 403)])
async def test_they_do_where_the_settings_say_so(tmp_path: Path, remote: str, status: int) -> None:
    settings = f"[access]\nhosts = ['router.example']\n[metrics]\nremote = {remote}"
    async with Running(tmp_path, settings) as running:
        assert (await running.get("/metrics", {"host": "router.example"})).status == status
        assert (await running.get("/metrics", {"host": "other.example"})).status == 403
        assert (await running.get("/metrics")).status == 200


async def test_a_key_is_needed_where_keys_are_needed(tmp_path: Path) -> None:
    async with Running(tmp_path, "[access]\nrequired = 'always'") as running:
        assert (await running.get("/metrics")).status == 401
        assert (await running.get("/health")).status == 200, "who watches over it needs none for that"


async def test_it_can_be_switched_off_and_is_on_one_face_only(tmp_path: Path) -> None:
    async with Running(tmp_path, "[metrics]\nenabled = false") as running:
        answer = await running.get("/metrics")
        assert answer.status == 404
        assert "metrics.enabled" in answer.json["error"]["message"]
        assert (await running.get("/metrics", base=running.openai)).status == 404
        assert (await running.post("/metrics", {})).status == 405


async def test_openmetrics_for_who_asks_for_it(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        answer = await running.get("/metrics", {"accept": "application/openmetrics-text; version=1.0.0"})
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        assert answer.body.endswith(b"# EOF\n")


def test_nothing_is_loaded_before_somebody_asks() -> None:
    code = (
        "import sys, landbridge.server.run; print(*[m for m in sys.modules if m.startswith(('prometheus', 'opentel'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "\n"
