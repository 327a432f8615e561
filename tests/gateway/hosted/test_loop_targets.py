"""Searches and fetches where nothing is set up, and for other targets, tools and clients."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from landbridge.config import load, warnings
from landbridge.gateway.hosted.web import web_of
from landbridge.wire.search.services import SERVICES
from tests.fakes.local import local
from tests.fakes.provider import Agent, Answer, Provider, Reply, Tokens
from tests.fakes.running import Running
from tests.fakes.search import Found, SearchServer
from tests.fakes.site import HTML, Site
from tests.gateway.hosted.setting import (
    ASK,
    FETCH,
    FINAL,
    PAGES,
    READ,
    SEARCH,
    Setting,
    ask,
    read,
    searching,
    settings,
    streams,
    types,
)

pytestmark = [pytest.mark.anyio, pytest.mark.io]


# -- not set up --------------------------------------------------------------------------------------------------------


@streams
@pytest.mark.parametrize("key", [True, False])
async def test_without_a_service_the_model_is_told_so(tmp_path: Path, stream: bool, key: bool) -> None:
    more = "" if key else '[search]\nservice = "brave"\n'
    async with (
        Provider(Reply(text="It is not set up.")) as provider,
        Running(tmp_path, settings(provider, more)) as gateway,
    ):
        reply = await gateway.post(
            "/v1/messages", ask(stream=stream, tool_choice={"type": "tool", "name": "web_search"})
        )
        assert reply.status == 200
        assert read(reply.body, stream)["content"] == [{"type": "text", "text": "It is not set up."}]
        assert reply.headers["x-landbridge-losses"] == "1"
        sent = provider.requests[0].json
        assert "tools" not in sent and "tool_choice" not in sent
        note = sent["messages"][0]["content"]
        assert sent["messages"][0]["role"] == "system"
        assert ("[search]" if key else "BRAVE_API_KEY") in note and "do not make up" in note
        assert "web_search" in gateway.journal.latest[0].losses[0]


async def test_without_a_service_a_client_with_other_tools_gets_no_note(tmp_path: Path) -> None:
    async with Provider(FINAL) as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.post("/v1/messages", ask(SEARCH, READ))
        assert reply.headers["x-landbridge-losses"] == "1"
        sent = provider.requests[0].json
        assert [tool["function"]["name"] for tool in sent["tools"]] == ["Read"]
        assert [turn["role"] for turn in sent["messages"]] == ["user"]


async def test_a_model_without_tools_is_told_so(tmp_path: Path) -> None:
    quirk = 'quirks = ["no_tools"]\n'
    async with Provider(FINAL) as provider, SearchServer(PAGES) as search:
        async with Running(tmp_path, settings(provider, search.settings()) + quirk) as gateway:
            await gateway.post("/v1/messages", ask())
        sent = provider.requests[0].json
        assert "tools" not in sent
        assert "cannot call tools" in sent["messages"][0]["content"]


# -- fetches -----------------------------------------------------------------------------------------------------------


def fetching(*urls: str) -> Agent:
    return Agent(steps=tuple((("web_fetch", {"url": url}),) for url in urls), final="I read it.", says="")


@streams
async def test_a_page_is_fetched(tmp_path: Path, stream: bool) -> None:
    async with Site({"/doc": Answer(headers=HTML, text="<title>Doc</title><p>What it says")}) as site:
        more = f'[fetch]\nprivate_hosts = ["{site.place}"]\n'
        async with Provider(fetching(f"{site.url}/doc")) as provider:
            async with Running(tmp_path, settings(provider, more)) as gateway:
                named = [{"role": "user", "content": f"Read {site.url}/doc, please."}]
                reply = await gateway.post("/v1/messages", ask(FETCH, stream=stream, messages=named))
                message = read(reply.body, stream)
            assert types(message) == ["server_tool_use", "web_fetch_tool_result", "text"]
            content = message["content"][1]["content"]
            assert (content["type"], content["url"]) == ("web_fetch_result", f"{site.url}/doc")
            assert content["content"]["source"]["data"] == "What it says"
            assert message["usage"]["server_tool_use"] == {"web_search_requests": 0, "web_fetch_requests": 1}
            assert "What it says" in provider.requests[1].json["messages"][-1]["content"]


@streams
async def test_an_address_nobody_named_is_not_fetched(tmp_path: Path, stream: bool) -> None:
    async with Site({"/?s=1": Answer(headers=HTML, text="x")}) as site:
        more = f'[fetch]\nprivate_hosts = ["{site.place}"]\n'
        async with Provider(fetching(f"{site.url}/?s=1")) as provider:
            async with Running(tmp_path, settings(provider, more)) as gateway:
                reply = await gateway.post("/v1/messages", ask(FETCH, stream=stream))
            error = read(reply.body, stream)["content"][1]["content"]
            assert error == {"type": "web_fetch_tool_result_error", "error_code": "url_not_in_prior_context"}
            assert site.requests == []


async def test_an_address_that_a_search_found_is(tmp_path: Path) -> None:
    async with Site({"/doc": Answer(headers=HTML, text="<p>found")}) as site:
        steps = ((("web_search", {"query": "q"}),), (("web_fetch", {"url": f"{site.url}/doc"}),))
        more = f'[fetch]\nprivate_hosts = ["{site.place}"]\n'
        model = Agent(steps=steps, final="Done.", says="")
        async with (
            Provider(model) as provider,
            SearchServer([Found(f"{site.url}/doc", "D")]) as search,
            Running(tmp_path, settings(provider, search.settings() + more)) as gateway,
        ):
            message = (await gateway.post("/v1/messages", ask(SEARCH, FETCH))).json
        assert message["content"][3]["content"]["content"]["source"]["data"] == "found"
        assert message["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 1}


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://169.254.169.254/latest/", "http://localhost/"])
async def test_this_machine_is_not_fetched(tmp_path: Path, url: str) -> None:
    async with Provider(fetching(url)) as provider, Running(tmp_path, settings(provider)) as gateway:
        named = [{"role": "user", "content": f"Read {url}"}]
        message = (await gateway.post("/v1/messages", ask(FETCH, messages=named))).json
    assert message["content"][1]["content"]["error_code"] == "url_not_allowed"
    assert message["content"][2]["text"] == "I read it."


# -- other targets and clients -----------------------------------------------------------------------------------------


@streams
async def test_a_local_model_searches(tmp_path: Path, stream: bool) -> None:
    async with SearchServer(PAGES) as search:
        async with local(tmp_path, search.settings() + "[engine]\n", m="--searches 2 --answer-tokens 3") as gateway:
            reply = await gateway.post("/v1/messages", {**ask(stream=stream), "model": "m", "max_tokens": 3})
            message = read(reply.body, stream)
            (engine,) = gateway.keeper.snapshot()
        assert search.queries == ["query 1", "query 2"]
        assert engine.prompts == gateway.journal.latest[-1].usage.prompt, "the prompt of every round has been read"
    assert types(message) == ["server_tool_use", "web_search_tool_result"] * 2 + ["text"]
    assert message["content"][-1]["text"] == "one two three"
    assert message["usage"]["server_tool_use"]["web_search_requests"] == 2


@streams
async def test_p65_results_are_cut_to_what_the_window_holds(tmp_path: Path, stream: bool) -> None:
    pages = [Found(f"https://a.example/{number}", "T", "word " * 380) for number in range(8)]
    async with SearchServer(pages) as search:
        flags = "--searches 1 --window 700 --answer-tokens 3"
        async with local(tmp_path, search.settings() + "[engine]\n", m=flags) as gateway:
            reply = await gateway.post("/v1/messages", {**ask(stream=stream), "model": "m", "max_tokens": 3})
            message = read(reply.body, stream)
    assert message["content"][-1]["text"] == "one two three"
    assert 0 < len(message["content"][1]["content"]) <= 8


@streams
async def test_a_responses_client_gets_items(tmp_path: Path, stream: bool) -> None:
    body = {"model": "lab/m", "input": "What is new?", "tools": [{"type": "web_search"}], "stream": stream}
    async with Setting(tmp_path, searching("cats")) as setting:
        reply = await setting.gateway.post("/v1/responses", body)
        assert reply.status == 200, reply.body
        text = reply.body.decode()
        whole = json.loads(text.split("data: ")[-1])["response"] if stream else json.loads(text)
        items = whole["output"]
        assert [item["type"] for item in items] == ["message", "web_search_call", "message"]
        assert items[1]["status"] == "completed" and items[1]["action"]["query"] == "cats"
        assert items[2]["content"][0]["text"] == "It is A."
        again = {
            **body,
            "input": [{"role": "user", "content": "What is new?"}, *items, {"role": "user", "content": "More."}],
        }
        await setting.gateway.post("/v1/responses", again)
        before, after = setting.provider.requests[1].json["messages"], setting.provider.requests[2].json["messages"]
        assert after[: len(before)] == before


@streams
async def test_a_gemini_client_gets_metadata(tmp_path: Path, stream: bool) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "What is new?"}]}], "tools": [{"googleSearch": {}}]}
    steps = ((("google_search", {"query": "cats"}),),)
    model = Agent(steps=steps, final="It is A.", says="I look. ", usage=Tokens(100, 5))
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    async with Setting(tmp_path, model) as setting:
        reply = await setting.gateway.post(f"/v1beta/models/lab/m:{method}", body)
        assert reply.status == 200, reply.body
        texts = reply.body.decode().strip().split("\n\n") if stream else [reply.body.decode()]
        chunks = [json.loads(text.removeprefix("data: ")) for text in texts]
        last = chunks[-1]["candidates"][0]
        assert last["groundingMetadata"]["webSearchQueries"] == ["cats"]
        assert [each["web"]["title"] for each in last["groundingMetadata"]["groundingChunks"]] == ["A", "B"]
        said = "".join(
            part.get("text", "") for chunk in chunks for part in chunk["candidates"][0]["content"].get("parts", ())
        )
        assert said == "I look. It is A."


async def test_a_provider_that_runs_its_own_is_left_to_it(tmp_path: Path) -> None:
    async with Provider(FINAL) as provider, SearchServer(PAGES) as search:
        async with Running(tmp_path, settings(provider, search.settings(), "anthropic")) as gateway:
            await gateway.post("/v1/messages", ask())
        assert provider.requests[0].json["tools"] == [SEARCH]
        assert gateway.journal.latest[0].path == "passthrough"


@streams
async def test_one_that_speaks_the_dialect_and_does_not_run_it_is_helped(tmp_path: Path, stream: bool) -> None:
    quirk = 'quirks = ["no_web_tools"]\n'
    async with Provider(searching("cats")) as provider, SearchServer(PAGES) as search:
        async with Running(tmp_path, settings(provider, search.settings(), "anthropic") + quirk) as gateway:
            reply = await gateway.post("/v1/messages", ask(stream=stream))
            plain = await gateway.post("/v1/messages", ASK)
        message = read(reply.body, stream)
        assert types(message) == ["text", "server_tool_use", "web_search_tool_result", "text"]
        assert provider.requests[0].json["tools"][0]["name"] == "web_search"
        assert plain.headers["x-landbridge-path"] == "passthrough"


@streams
async def test_a_chat_clients_search_options_are_a_search(tmp_path: Path, stream: bool) -> None:
    """Of whoever does not search itself. OpenAI does, and gets the field as it came."""
    asked = {"model": "lab/m", "messages": ASK["messages"], "web_search_options": {"search_context_size": "low"}}
    asked["stream"] = stream
    for quirk, path in (('quirks = ["no_web_tools"]\n', "converted"), ("", "passthrough")):
        async with Provider(searching("cats")) as provider, SearchServer(PAGES) as search:
            async with Running(tmp_path, settings(provider, search.settings(), "openai_chat") + quirk) as gateway:
                reply = await gateway.post("/v1/chat/completions", asked)
            assert (reply.status, reply.headers["x-landbridge-path"]) == (200, path), reply.body
            sent = [request.json for request in provider.requests]
        if quirk:
            assert len(sent) == 2 and "web_search_options" not in sent[0]
            assert sent[0]["tools"][0]["function"]["name"] == "web_search"
        else:
            assert sent == [{**asked, "model": "m"}]


async def test_p55_our_blocks_never_reach_anthropic(tmp_path: Path) -> None:
    """A conversation that went on with another model: what landbridge packed is nothing that Anthropic could read."""
    async with Setting(tmp_path, searching("cats")) as setting:
        message = await setting.message(ask())
    history = [*ASK["messages"], {"role": "assistant", "content": message["content"]}, ASK["messages"][0]]
    async with Provider(FINAL) as provider, Running(tmp_path, settings(provider, "", "anthropic")) as gateway:
        reply = await gateway.post("/v1/messages", ask(messages=history))
        assert reply.headers["x-landbridge-path"] == "converted"
        sent = provider.requests[0].json
        counted = await gateway.post("/v1/messages/count_tokens", ask(messages=history))
        assert counted.headers["x-landbridge-count"] == "estimated", "nor where it counts"
    assert "landbridge." not in json.dumps(sent) and "server_tool_use" not in json.dumps(sent)
    blocks = [block["type"] for turn in sent["messages"] for block in turn["content"] if isinstance(block, dict)]
    assert "tool_use" in blocks and "tool_result" in blocks


MANUAL = (Path(__file__).parents[3] / "docs" / "web-search.md").read_text()


async def test_the_manual_s_command_works(tmp_path: Path) -> None:
    found = re.search(r"anthropic(/v1/messages) -d '(.*?)'", MANUAL, re.DOTALL)
    assert found is not None
    async with Setting(tmp_path, searching("python 3.14")) as setting:
        reply = await setting.gateway.post(f"/anthropic{found[1]}", found[2].encode())
        assert types(reply.json) == ["text", "server_tool_use", "web_search_tool_result", "text"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_manual_s_settings_are_read_without_a_complaint(tmp_path: Path, name: str) -> None:
    row = next(line for line in MANUAL.splitlines() if f'`service = "{name}"`' in line)
    service = SERVICES[name]
    assert service.name in row
    assert (f"`{service.variable}`" if service.variable else "none") in row
    file = tmp_path / "landbridge.toml"
    file.write_text("[search]\n" + "\n".join(re.findall(r"`(\w+ = .*?)`", row)))
    web = web_of(load(file, {}), {service.variable: "key"})
    assert web.problems["search"] == ""


def test_the_manual_s_example_is_read_without_a_complaint(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
    assert example is not None
    file = tmp_path / "landbridge.toml"
    file.write_text(example[1])
    config = load(file, {})
    assert config.search.service == "brave"
    assert warnings(config, file) == []
