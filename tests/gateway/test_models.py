"""The lists clients see, in their dialects; Claude Code's discovery; and one model with what it can really do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import anthropic
import pytest

from landbridge.gateway import models as subject
from tests.fakes.lists import Lister, models
from tests.fakes.local import local
from tests.fakes.provider import HTML_ERROR, Answer, Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

LIST = "/anthropic/v1/models?limit=1000"
CLAUDE_CODE = {"user-agent": "claude-code/2.1.330", "authorization": "Bearer x", "anthropic-version": "2023-06-01"}
ASK: dict[str, Any] = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


def provider(name: str, at: Provider, dialect: str = "openai_chat", more: str = "") -> str:
    return f'[providers.{name}]\ndialect = "{dialect}"\nbase_url = "{at.base_url(dialect)}"\n{more}\n'


async def test_anthropic_s_list(tmp_path: Path) -> None:
    async with (
        Lister(models("m", "gpt-4o")) as lab,
        Running(tmp_path, provider("lab", lab), local=("smollm2",)) as gateway,
    ):
        reply = await gateway.get(LIST)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    page = reply.json
    assert [entry["id"] for entry in page["data"]] == ["smollm2", "lab/m", "lab/gpt-4o"]
    assert (page["has_more"], page["first_id"], page["last_id"]) == (False, "smollm2", "lab/gpt-4o")
    for entry in page["data"]:
        assert entry["type"] == "model"
        assert entry["display_name"] == entry["id"]
        assert entry["created_at"].endswith("Z")
    gpt = page["data"][2]
    assert (gpt["max_input_tokens"], gpt["max_tokens"]) == (128_000, 16_384)
    assert gpt["landbridge"]["target"] == "lab/gpt-4o"
    assert page["data"][1]["max_input_tokens"] is None, "nobody knows"


async def test_openai_s_list_on_both_listeners(tmp_path: Path) -> None:
    async with Lister(models("m")) as lab, Running(tmp_path, provider("lab", lab), local=("smollm2",)) as gateway:
        for base in (gateway.url, gateway.openai):
            page = (await gateway.get("/v1/models", base=base)).json
            assert page["object"] == "list"
            assert [(entry["id"], entry["object"], entry["owned_by"]) for entry in page["data"]] == [
                ("smollm2", "model", "landbridge"),
                ("lab/m", "model", "lab"),
            ]
            assert all(isinstance(entry["created"], int) for entry in page["data"])


async def test_a_list_without_models(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway:
        assert (await gateway.get(LIST)).json == {"data": [], "has_more": False, "first_id": None, "last_id": None}
        assert (await gateway.get("/v1/models")).json == {"object": "list", "data": []}


async def test_claude_code_discovers_every_model_under_a_name_it_keeps(tmp_path: Path) -> None:
    async with (
        Lister(models("m", "claude-opus-5")) as lab,
        Running(tmp_path, provider("lab", lab), local=("smollm2",)) as gateway,
    ):
        page = (await gateway.get(LIST, CLAUDE_CODE)).json
        assert [(entry["id"], entry["display_name"]) for entry in page["data"]] == [
            ("claude/smollm2", "smollm2"),
            ("claude/lab/m", "lab/m"),
            ("lab/claude-opus-5", "lab/claude-opus-5"),
        ]
        assert page["first_id"] == "claude/smollm2"
        others = {"user-agent": "claude-cli/2.1.330 (external, cli)", "anthropic-version": "2023-06-01"}
        assert (await gateway.get(LIST, others)).json["first_id"] == "smollm2"


async def test_what_was_discovered_can_be_used(tmp_path: Path) -> None:
    async with Lister(models("org/m:8b")) as lab, Running(tmp_path, provider("lab", lab)) as gateway:
        (entry,) = (await gateway.get(LIST, CLAUDE_CODE)).json["data"]
        reply = await gateway.post("/anthropic/v1/messages", {**ASK, "model": entry["id"]})
        assert reply.status == 200
        assert lab.requests[0].json["model"] == "org/m:8b"


async def test_slow_and_broken_providers_are_left_out_within_claude_code_s_time(tmp_path: Path) -> None:
    async with Lister(Answer(wait=60)) as slow, Lister(HTML_ERROR) as broken, Lister(models("m")) as good:
        settings = provider("slow", slow) + provider("broken", broken) + provider("good", good)
        async with Running(tmp_path, settings) as gateway:
            began = time.monotonic()
            reply = await gateway.get(LIST, CLAUDE_CODE)
            assert time.monotonic() - began < 3
            assert [entry["id"] for entry in reply.json["data"]] == ["claude/good/m"]
            began = time.monotonic()
            await gateway.get(LIST, CLAUDE_CODE)
            assert time.monotonic() - began < 1, "the answer is kept"
            parts = (await gateway.get("/health")).json["parts"]
    assert "within 2 s" in parts["provider slow"]["detail"]
    assert "web page" in parts["provider broken"]["detail"]
    assert parts["provider good"] == {"status": "ok"}


async def test_an_alias_that_leads_nowhere_hides_only_itself(tmp_path: Path) -> None:
    async with Lister(models("a", "b")) as lab:
        settings = '[aliases]\n"lab/a" = "nowhere"\n' + provider("lab", lab)
        async with Running(tmp_path, settings) as gateway:
            reply = await gateway.get("/v1/models")
    assert [entry["id"] for entry in reply.json["data"]] == ["lab/b"]


async def test_names_of_the_user_s_own_are_listed_and_patterns_are_not(tmp_path: Path) -> None:
    async with Lister(models("m")) as lab:
        settings = '[aliases]\nsmart = ["lab/m", "lab/x"]\n"claude-*" = "lab/m"\n' + provider("lab", lab)
        async with Running(tmp_path, settings) as gateway:
            reply = await gateway.get("/v1/models")
    assert [entry["id"] for entry in reply.json["data"]] == ["lab/m", "smart"]


# -- one model ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "target"),
    [("lab/m", "lab/m"), ("m", "lab/m"), ("claude/lab/m", "lab/m"), ("claude-haiku-4-5[1m]", "lab/m")],
)
async def test_one_model_by_any_of_its_names(tmp_path: Path, asked: str, target: str) -> None:
    async with Lister(models("m")) as lab:
        settings = 'default_model = "lab/m"\n' + provider("lab", lab)
        async with Running(tmp_path, settings) as gateway:
            path = asked.replace("/", "%2F").replace("[", "%5B").replace("]", "%5D")
            entry = (await gateway.get(f"/anthropic/v1/models/{path}")).json
            assert (entry["id"], entry["landbridge"]["target"]) == (asked, target)
            assert (await gateway.get(f"/v1/models/{path}")).json["id"] == asked


async def test_an_unknown_model_is_the_dialect_s_404_with_the_nearest(tmp_path: Path) -> None:
    async with Lister(models("gpt-4o")) as lab, Running(tmp_path, provider("lab", lab)) as gateway:
        reply = await gateway.get("/anthropic/v1/models/gpt-4oo")
        assert (reply.status, reply.json["type"], reply.json["error"]["type"]) == (404, "error", "not_found_error")
        for words in ("'gpt-4oo'", "lab/gpt-4o", "landbridge models pull", "[providers.NAME]"):
            assert words in reply.json["error"]["message"]
        assert (await gateway.get("/v1/models/gpt-4oo")).json["error"]["code"] == "model_not_found"


async def test_a_local_model_s_window_is_the_engine_s(tmp_path: Path) -> None:
    """The launcher sets the client's window from it, so it must be true before the first request."""
    async with local(tmp_path, m="") as gateway:
        (listed,) = (await gateway.get(LIST)).json["data"]
        assert listed["max_input_tokens"] is None, "a list loads nothing"
        entry = (await gateway.get("/anthropic/v1/models/m")).json
        assert entry["max_input_tokens"] == entry["landbridge"]["window"] == 4096
        assert entry["landbridge"]["local"] is True
        (listed,) = (await gateway.get(LIST)).json["data"]
        assert listed["max_input_tokens"] == 4096, "known while it runs"


async def test_a_local_model_s_limit_of_output_is_that_of_the_settings(tmp_path: Path) -> None:
    async with local(tmp_path, "[models.m]\nmax_output = 100\n", m="", n="") as gateway:
        assert (await gateway.get("/anthropic/v1/models/m")).json["max_tokens"] == 100
        assert (await gateway.get("/anthropic/v1/models/n")).json["max_tokens"] == 4096


async def test_a_local_model_that_cannot_be_loaded_says_so_at_once(tmp_path: Path) -> None:
    async with local(tmp_path, m="--crash-at-load") as gateway:
        reply = await gateway.get("/anthropic/v1/models/m")
    assert reply.status == 503
    assert "the fake was told to fail" in reply.json["error"]["message"]


@pytest.mark.parametrize(("flags", "tools"), [("", True), ("--no-tools", False)])
async def test_whether_a_local_model_calls_tools_is_the_engine_s_word(tmp_path: Path, flags: str, tools: bool) -> None:
    async with local(tmp_path, m=flags) as gateway:
        assert (await gateway.get("/anthropic/v1/models/m")).json["landbridge"]["tools"] is tools


async def test_a_model_that_loads_slowly_is_shown_with_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "PATIENCE", 0.3)
    async with local(tmp_path, m="--load-seconds 5") as gateway:
        entry = (await gateway.get("/anthropic/v1/models/m")).json
    assert (entry["id"], entry["max_input_tokens"]) == ("m", None)


async def test_the_patience_for_loading_is_less_than_the_launcher_s() -> None:
    assert subject.PATIENCE < 30


async def test_anthropic_s_sdk_reads_both(tmp_path: Path) -> None:
    async with (
        Lister(models("m")) as lab,
        Running(tmp_path, provider("lab", lab), local=("smollm2",)) as gateway,
        anthropic.AsyncAnthropic(base_url=gateway.url + "/anthropic", api_key="any") as client,
    ):
        assert [model.id async for model in client.models.list()] == ["smollm2", "lab/m"]
        assert (await client.models.retrieve("lab/m")).display_name == "lab/m"


# -- when lists decide -------------------------------------------------------------------------------------------------


async def test_a_bare_name_means_the_same_before_and_after_somebody_lists(tmp_path: Path) -> None:
    async with Lister(models("claude-opus-5")) as cloud, Provider(Reply(text="I am m.")) as other:
        settings = (
            'default_model = "lab/m"\n' + provider("cloud", cloud) + provider("lab", other, more='models = ["m"]')
        )
        async with Running(tmp_path, settings) as gateway:
            for _ in range(2):
                await gateway.post("/anthropic/v1/messages", {**ASK, "model": "claude-opus-5"})
                await gateway.get(LIST)
    assert len(cloud.requests) == 2
    assert other.requests == []


async def test_p81_a_dead_provider_delays_background_calls_once(tmp_path: Path) -> None:
    async with Lister(Answer(wait=60)) as dead, Provider(Reply(text="Hi")) as lab:
        settings = 'default_model = "lab/m"\n' + provider("dead", dead) + provider("lab", lab, more='models = ["m"]')
        async with Running(tmp_path, settings) as gateway:
            spent = []
            for name in ("claude-haiku-4-5", "claude-haiku-4-5", "claude-3-5-haiku-20241022"):
                began = time.monotonic()
                assert (await gateway.post("/anthropic/v1/messages", {**ASK, "model": name})).status == 200
                spent.append(time.monotonic() - began)
    assert spent[0] < 4
    assert max(spent[1:]) < 1


async def test_names_that_no_list_decides_ask_nobody(tmp_path: Path) -> None:
    async with Lister(models("m")) as lab, Running(tmp_path, provider("lab", lab)) as gateway:
        assert (await gateway.post("/anthropic/v1/messages", {**ASK, "model": "lab/anything"})).status == 200
        assert lab.asked == 0


async def test_models_that_only_embed_are_offered_to_those_who_can_ask_them(tmp_path: Path) -> None:
    async with local(tmp_path, "[models.e]\nembeddings = true\n", e="", m="") as gateway:
        openai = [entry["id"] for entry in (await gateway.get("/v1/models")).json["data"]]
        anthropic = [entry["id"] for entry in (await gateway.get("/anthropic/v1/models")).json["data"]]
        discovery = await gateway.get("/anthropic/v1/models", {"user-agent": "claude-code/2.1.330"})
        google = (await gateway.get("/v1beta/models")).json["models"]
        shown = (await gateway.get("/v1beta/models/e")).json
    assert (openai, anthropic) == (["e", "m"], ["m"])
    assert len(discovery.json["data"]) == 1
    methods = {entry["name"]: entry["supportedGenerationMethods"] for entry in google}
    assert methods["models/e"] == shown["supportedGenerationMethods"] == ["embedContent", "batchEmbedContents"]
    assert "generateContent" in methods["models/m"]
