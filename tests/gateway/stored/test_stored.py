"""`previous_response_id` through the whole gateway: every kind of target, streamed or not, and after a restart."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from landbridge.wire.dialects import DIALECTS
from tests.fakes.landbridge import Served
from tests.fakes.local import local
from tests.fakes.provider import Provider, Received, Reply, Tokens
from tests.fakes.running import Reply as Heard
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATH = "/v1/responses"
CONVERTED = sorted(set(DIALECTS) - {"openai_responses"})
READ = {
    "type": "function",
    "name": "Read",
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
}


def settings(provider: Provider, dialect: str, more: str = "") -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret"
        models = ["m"]
        {more}
    """


def response_of(heard: Heard, stream: bool) -> dict[str, Any]:
    assert heard.status == 200, heard.body
    if not stream:
        whole: dict[str, Any] = heard.json
        return whole
    last = heard.body.partition(b"event: response.completed\ndata: ")[2]
    streamed: dict[str, Any] = json.loads(last)["response"]
    return streamed


def texts(request: Received) -> list[str]:
    """Every text of the request, in its order."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in ("text", "content", "arguments", "output") and isinstance(inner, str):
                    found.append(inner)
                else:
                    look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    asked = request.json
    look(asked.get("messages") or asked.get("contents") or asked.get("input"))
    return found


@pytest.mark.parametrize("dialect", CONVERTED)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_conversation_goes_on_by_its_id_at_any_target(tmp_path: Path, dialect: str, stream: bool) -> None:
    replies = [Reply(text="I."), Reply(text="II."), Reply(text="III.")]
    async with Provider(replies) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        previous = None
        for text in ("one", "two", "three"):
            body = {"model": "lab/m", "input": text, "previous_response_id": previous, "stream": stream}
            heard = await gateway.post(PATH, body)
            said = response_of(heard, stream)
            assert said["previous_response_id"] == previous
            assert heard.headers["x-landbridge-losses"] == "0"
            previous = said["id"]
        assert texts(provider.requests[2]) == ["one", "I.", "two", "II.", "three"]
        bodies = [each.body for each in provider.requests]
    head = json.loads(bodies[1]).get("messages") or json.loads(bodies[1])["contents"]
    again = json.loads(bodies[2]).get("messages") or json.loads(bodies[2])["contents"]
    assert json.dumps(again).startswith(json.dumps(head)[:-1]), "what was sent before is a prefix, byte for byte"


@pytest.mark.parametrize("dialect", CONVERTED)
@pytest.mark.parametrize("stream", [False, True])
async def test_calls_and_their_results_go_on_by_the_id(tmp_path: Path, dialect: str, stream: bool) -> None:
    replies = [Reply(text="I look.", tools=(("Read", {"path": "a"}),), usage=Tokens(9, 9)), Reply(text="Done.")]
    async with Provider(replies) as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        ask = {"model": "lab/m", "tools": [READ], "stream": stream}
        first = response_of(await gateway.post(PATH, {**ask, "input": "Read a."}), stream)
        call = next(item for item in first["output"] if item["type"] == "function_call")
        result = {"type": "function_call_output", "call_id": call["call_id"], "output": "the text"}
        body = {**ask, "input": [result], "previous_response_id": first["id"]}
        second = response_of(await gateway.post(PATH, body), stream)
        sent = provider.requests[1].body.decode()
    assert second["output"][-1]["content"][0]["text"] == "Done."
    assert sent.count("the text") == 1
    assert sent.index("Read a.") < sent.index("I look.") < sent.index("the text")


async def test_instructions_are_for_one_response(tmp_path: Path) -> None:
    async with Provider(Reply(text="I.")) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        first = await gateway.post(PATH, {"model": "lab/m", "input": "one", "instructions": "Be brief."})
        body = {"model": "lab/m", "input": "two", "previous_response_id": first.json["id"]}
        await gateway.post(PATH, body)
        assert "Be brief." in provider.requests[0].body.decode()
        assert "Be brief." not in provider.requests[1].body.decode()


async def test_on_a_local_model(tmp_path: Path) -> None:
    heard_file = tmp_path / "heard"
    async with local(tmp_path, m=f"--heard {heard_file}") as gateway:
        first = await gateway.post(PATH, {"model": "m", "input": "one"})
        body = {"model": "m", "input": "two", "previous_response_id": first.json["id"]}
        second = await gateway.post(PATH, {**body, "stream": True})
        counted = await gateway.post(f"{PATH}/input_tokens", body)
        usage = response_of(second, True)["usage"]
    asked = [json.loads(line)["messages"] for line in heard_file.read_text().splitlines()]
    answer = first.json["output"][0]["content"][0]["text"]
    assert [message["content"] for message in asked[1]] == ["one", answer, "two"]
    assert counted.json["input_tokens"] == usage["input_tokens"] > 10


async def test_from_one_model_to_another(tmp_path: Path) -> None:
    async with Provider(Reply(text="I.")) as provider:
        more = settings(provider, "anthropic").replace("providers.lab", "providers.claude")
        async with Running(tmp_path, settings(provider, "openai_chat", more)) as gateway:
            first = await gateway.post(PATH, {"model": "lab/m", "input": "one"})
            body = {"model": "claude/m", "input": "two", "previous_response_id": first.json["id"]}
            assert (await gateway.post(PATH, body)).status == 200
            assert texts(provider.requests[1]) == ["one", "I.", "two"]


# -- providers of the same dialect -------------------------------------------------------------------------------------


async def test_a_provider_s_own_ids_go_straight_across(tmp_path: Path) -> None:
    async with (
        Provider(Reply(text="I.")) as provider,
        Running(tmp_path, settings(provider, "openai_responses")) as gateway,
    ):
        first = await gateway.post(PATH, {"model": "lab/m", "input": "one"})
        assert first.headers["x-landbridge-path"] == "passthrough"
        body = {"model": "lab/m", "input": "two", "previous_response_id": first.json["id"]}
        second = await gateway.post(PATH, body)
        assert second.headers["x-landbridge-path"] == "passthrough"
        assert provider.requests[1].json == {**body, "model": "m"}
        unknown = await gateway.post(PATH, {**body, "previous_response_id": "resp_from_elsewhere"})
        assert unknown.status == 200, "only the provider can say whether it knows it"


async def test_what_began_here_goes_on_at_a_provider_of_the_dialect(tmp_path: Path) -> None:
    async with Provider(Reply(text="I.", thinking="Hm.")) as provider:
        more = settings(provider, "anthropic").replace("providers.lab", "providers.claude")
        async with Running(tmp_path, settings(provider, "openai_responses", more)) as gateway:
            first = await gateway.post(PATH, {"model": "claude/m", "input": "one"})
            body = {"model": "lab/m", "input": "two", "previous_response_id": first.json["id"]}
            second = await gateway.post(PATH, body)
            assert second.headers["x-landbridge-path"] == "converted"
            assert second.json["previous_response_id"] == first.json["id"]
            sent = provider.requests[1]
            assert "previous_response_id" not in sent.json
            assert texts(sent)[-3:] == ["one", "I.", "two"]


async def test_what_a_provider_keeps_does_not_go_on_elsewhere(tmp_path: Path) -> None:
    async with Provider(Reply(text="I.")) as provider:
        more = settings(provider, "anthropic").replace("providers.lab", "providers.claude")
        async with Running(tmp_path, settings(provider, "openai_responses", more)) as gateway:
            first = await gateway.post(PATH, {"model": "lab/m", "input": "one"})
            body = {"model": "claude/m", "input": "two", "previous_response_id": first.json["id"]}
            refused = await gateway.post(PATH, body)
    assert (refused.status, refused.json["error"]["code"]) == (400, "previous_response_not_found")
    assert "'lab' keeps it: name a model of 'lab'" in refused.json["error"]["message"]


# -- what is not kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", CONVERTED)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_unknown_id_is_refused_in_openai_s_words(tmp_path: Path, dialect: str, stream: bool) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        body = {"model": "lab/m", "input": "a", "previous_response_id": "resp_nobody", "stream": stream}
        heard = await gateway.post(PATH, body)
        counted = await gateway.post(f"{PATH}/input_tokens", body)
        assert provider.requests == []
    for each in (heard, counted):
        assert each.status == 400
        said = each.json["error"]
        assert said["message"] == "Previous response with id 'resp_nobody' not found."
        assert (said["type"], said["code"]) == ("invalid_request_error", "previous_response_not_found")


async def test_where_nothing_is_kept_it_is_said_how_to(tmp_path: Path) -> None:
    more = '[responses]\nstore = "off"'
    async with (
        Provider(Reply(text="I.")) as provider,
        Served(tmp_path, settings(provider, "openai_chat", more)) as served,
    ):
        status, first = await served.post(PATH, {"model": "lab/m", "input": "one"})
        assert (status, first["store"]) == (200, False)
        body = {"model": "lab/m", "input": "two", "previous_response_id": first["id"]}
        status, refused = await served.post(PATH, body)
        assert status == 400
        assert "set `store` under [responses]" in refused["error"]["message"]
        assert not (served.data / "responses.sqlite3").exists()


async def test_a_stream_that_its_client_leaves_is_not_kept(tmp_path: Path) -> None:
    reply = Reply(text="It goes on and on. " * 20, pace=0.02)
    async with Provider(reply) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        ask = {"model": "lab/m", "input": "one", "stream": True}
        async with gateway.session.post(gateway.url + PATH, json=ask) as answer:
            await answer.content.readuntil(b"output_text.delta")
        await provider.requests[0].left()
        assert len(gateway.gateway.parts.stored._latest) == 0


# -- the disk ----------------------------------------------------------------------------------------------------------


async def test_a_conversation_goes_on_after_a_restart_and_the_file_is_private(tmp_path: Path) -> None:
    async with Provider([Reply(text="I."), Reply(text="II.")]) as provider:
        text = settings(provider, "openai_chat")
        async with Served(tmp_path, text) as served:
            _, first = await served.post(PATH, {"model": "lab/m", "input": "one"})
        file = served.data / "responses.sqlite3"
        assert file.stat().st_mode & 0o777 == 0o600
        killed = await Served(tmp_path, text).__aenter__()
        try:
            status, found = await killed.get(f"{PATH}/{first['id']}")
            assert (status, found) == (200, first)
            body = {"model": "lab/m", "input": "two", "previous_response_id": first["id"]}
            status, second = await killed.post(PATH, body)
            assert status == 200
            assert texts(provider.requests[1]) == ["one", "I.", "two"]
            assert (await killed.get(f"{PATH}/resp_asked_of_the_file"))[0] == 404, "so all was written"
        finally:
            await killed.stop(signal.SIGKILL)
        async with Served(tmp_path, text) as served:
            status, _ = await served.get(f"{PATH}/{second['id']}")
            assert status == 200, "also after it was killed"


async def test_no_answer_waits_for_the_disk(tmp_path: Path) -> None:
    """While the file is locked by another program, answers come, and conversations of this one go on."""
    import sqlite3

    from landbridge.gateway.stored.shelf import Stored

    file = tmp_path / "data" / "responses.sqlite3"
    file.parent.mkdir()
    stored = Stored(file)
    async with Provider(Reply(text="I.")) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        parts = gateway.gateway.parts
        gateway.gateway.parts = type(parts)(
            parts.client, parts.keeper, parts.originals, parts.calibration, parts.media, stored
        )
        previous = (await gateway.post(PATH, {"model": "lab/m", "input": "one"})).json["id"]
        await stored.find("resp_waits_until_all_is_written")
        other = sqlite3.connect(file)
        other.execute("BEGIN IMMEDIATE")
        try:
            for number in range(5):
                began = time.monotonic()
                body = {"model": "lab/m", "input": f"{number}", "previous_response_id": previous}
                async with asyncio.timeout(5):
                    previous = (await gateway.post(PATH, body)).json["id"]
                assert time.monotonic() - began < 2
        finally:
            other.rollback()
            other.close()
        await stored.close()
        assert len(texts(provider.requests[5])) == 11
    again = Stored(file)
    assert len(await again.chain(previous)) == 6, "all were written in the end"
    await again.close()
