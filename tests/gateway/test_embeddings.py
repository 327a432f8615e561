"""Embeddings: from providers of both forms and from engines, for clients of both, and everything that goes wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.engines.bench import until
from tests.fakes.caller import Caller, chunk, post
from tests.fakes.embedding import packed, unpacked, vector, vectors
from tests.fakes.local import local
from tests.fakes.provider import HTML_ERROR, JSON, Answer, Provider, error
from tests.fakes.running import Running
from tests.fakes.script import Script

pytestmark = [pytest.mark.anyio, pytest.mark.io]

OPENAI = ["openai_chat", "openai_responses"]
SPEAKING = [*OPENAI, "gemini"]
EMBEDS = "[models.e]\nembeddings = true\n"


def content(text: str) -> dict[str, Any]:
    return {"content": {"parts": [{"text": text}]}}


def running(tmp_path: Path, provider: Provider, dialect: str, more: str = "") -> Running:
    text = f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret-key"
        models = ["m"]
        {more}
    """
    return Running(tmp_path, text)


# -- straight across ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", OPENAI)
@pytest.mark.parametrize("face", ["router", "openai"])
async def test_openai_s_form_goes_straight_across(tmp_path: Path, dialect: str, face: str) -> None:
    asked = b'{ "input": ["a", [1, 2]],\n "model" : "lab/m", "dimensions": 3, "unknown": {"b": 1.0} }'
    async with Provider(vectors) as provider, running(tmp_path, provider, dialect) as gateway:
        base = gateway.openai if face == "openai" else gateway.url
        async with gateway.session.post(base + "/v1/embeddings", data=asked) as answer:
            status, headers, body = answer.status, answer.headers, await answer.read()
        (sent,) = provider.requests
        record = gateway.journal.latest[0]
    assert (status, json.loads(body)["theirs"]) == (200, 1)
    assert headers["x-landbridge-path"] == "passthrough"
    assert sent.body == asked.replace(b'"lab/m"', b'"m"')
    assert sent.path == "/v1/embeddings"
    assert sent.headers["authorization"] == "Bearer secret-key"
    assert (record.dialect, record.target, record.status, record.outcome) == ("openai_embeddings", "lab/m", 200, "ok")
    assert record.usage.prompt == 14


@pytest.mark.parametrize("method", ["embedContent", "batchEmbedContents"])
@pytest.mark.parametrize("prefix", ["/gemini/v1beta", "/gemini/v1", "/v1beta", "/v1"])
async def test_google_s_form_goes_straight_across(tmp_path: Path, method: str, prefix: str) -> None:
    asked: dict[str, Any] = {"model": "models/lab/m", **content("a"), "taskType": "RETRIEVAL_QUERY", "new": 1}
    asked = asked if method == "embedContent" else {"requests": [asked]}
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        reply = await gateway.post(f"{prefix}/models/lab/m:{method}", asked)
        (sent,) = provider.requests
    assert reply.status == 200
    assert sent.path == f"/v1beta/models/m:{method}"
    assert sent.json == json.loads(json.dumps(asked).replace("lab/m", "m"))
    assert sent.headers["x-goog-api-key"] == "secret-key"
    found = reply.json["embedding"] if method == "embedContent" else reply.json["embeddings"][0]
    assert found == {"values": vector("a")}


async def test_the_openai_face_has_no_google_form(tmp_path: Path) -> None:
    path = "/v1beta/models/m:embedContent"
    async with (
        Running(tmp_path) as gateway,
        gateway.session.post(gateway.openai + path, json=content("a")) as answer,
    ):
        assert answer.status == 404


# -- converted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["float", "base64"])
async def test_openai_s_clients_on_google_s_models(tmp_path: Path, form: str) -> None:
    ask = {"model": "lab/m", "input": ["one", "두"], "encoding_format": form, "dimensions": 3, "user": "u", "odd": 1}
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        reply = await gateway.post("/v1/embeddings", ask)
        (sent,) = provider.requests
        record = gateway.journal.latest[0]
    assert reply.status == 200
    found = [entry["embedding"] for entry in reply.json["data"]]
    assert [unpacked(each) if form == "base64" else each for each in found] == [vector("one"), vector("두")]
    assert reply.json["model"] == "lab/m"
    assert reply.json["usage"]["prompt_tokens"] == 2, "nobody says, so it is an estimate"
    each = {"model": "models/m", "outputDimensionality": 3}
    assert sent.json == {"requests": [{**each, **content("one")}, {**each, **content("두")}]}
    assert reply.headers["x-landbridge-losses"] == "1"
    assert record.losses == ("odd: it has no place in the target's form",)
    assert record.usage.estimated


@pytest.mark.parametrize("dialect", OPENAI)
@pytest.mark.parametrize("method", ["embedContent", "batchEmbedContents"])
async def test_google_s_clients_on_openai_s_models(tmp_path: Path, dialect: str, method: str) -> None:
    asked: dict[str, Any] = {**content("one"), "outputDimensionality": 3, "taskType": "X"}
    asked = asked if method == "embedContent" else {"requests": [asked, {**asked, **content("두")}]}
    async with Provider(vectors) as provider, running(tmp_path, provider, dialect) as gateway:
        reply = await gateway.post(f"/v1beta/models/lab/m:{method}", asked)
        (sent,) = provider.requests
    texts = ["one"] if method == "embedContent" else ["one", "두"]
    assert sent.json == {"model": "m", "input": texts, "dimensions": 3}
    found = [reply.json["embedding"]] if method == "embedContent" else reply.json["embeddings"]
    assert found == [{"values": vector(text)} for text in texts]
    assert reply.json["usageMetadata"]["promptTokenCount"] == 7 * len(texts)
    assert reply.headers["x-landbridge-losses"] == "1"


async def test_long_lists_are_asked_for_in_the_batches_google_takes(tmp_path: Path) -> None:
    texts = [f"{number} text" for number in range(250)]
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "lab/m", "input": texts})
        sizes = [len(sent.json["requests"]) for sent in provider.requests]
    assert sizes == [100, 100, 50]
    assert [entry["embedding"] for entry in reply.json["data"]] == [vector(text) for text in texts]
    assert [entry["index"] for entry in reply.json["data"]] == [*range(250)]


async def test_a_provider_that_answers_base64_all_the_same(tmp_path: Path) -> None:
    said = {"data": [{"index": 0, "embedding": packed([0.5, 2.0])}]}
    script = Answer(headers=JSON, body=json.dumps(said).encode())
    async with Provider(script) as provider, running(tmp_path, provider, "openai_chat") as gateway:
        reply = await gateway.post("/v1beta/models/lab/m:embedContent", content("a"))
    assert reply.json["embedding"] == {"values": [0.5, 2.0]}


async def test_tokens_for_google_s_models_are_refused(tmp_path: Path) -> None:
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "lab/m", "input": [1, 2]})
        assert provider.requests == []
    assert reply.status == 400
    assert "texts and no tokens" in reply.json["error"]["message"]


async def test_a_dialect_without_embeddings_says_so(tmp_path: Path) -> None:
    async with Provider(vectors) as provider, running(tmp_path, provider, "anthropic") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "lab/m", "input": "a"})
        assert provider.requests == []
    assert reply.status == 400
    assert "'lab/m' makes no embeddings: its provider speaks anthropic" in reply.json["error"]["message"]


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", SPEAKING)
@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (error(400, b'{"error": {"message": "no such thing", "code": 400, "status": "X"}}'), 400, "no such thing"),
        (error(401, b'{"error": {"message": "bad key", "code": 401, "status": "X"}}'), 403, "bad key"),
        (error(429, b'{"error": {"message": "slow down", "code": 429}}', retry_after="9"), 429, "slow down"),
        (error(500, b'{"error": {"message": "boom", "code": 500, "status": "X"}}'), None, "boom"),
        (HTML_ERROR, 403, "Attention Required!"),
        (Answer(headers=JSON, body=b'{"data": [], "embeddings": []}'), None, ""),
        (Answer(headers=JSON, body=b"{", until=1), 502, ""),
        (Answer(headers=JSON, body=b'{"data": [1]}', until=5, ending="reset"), 502, ""),
        (Answer(body=b"{}", until=0, ending="close"), 502, ""),
    ],
)
@pytest.mark.parametrize("client", ["openai", "gemini"])
async def test_what_providers_do_wrong(
    tmp_path: Path, dialect: str, script: Script, status: int | None, words: str, client: str
) -> None:
    async with Provider(script) as provider, running(tmp_path, provider, dialect) as gateway:
        if client == "openai":
            reply = await gateway.post("/v1/embeddings", {"model": "lab/m", "input": "a"})
        else:
            reply = await gateway.post("/v1beta/models/lab/m:embedContent", content("a"))
        record = gateway.journal.latest[0]
    across = (client == "openai") == (dialect != "gemini")
    if across and isinstance(script, Answer) and script.status == 200 and reply.status == 200:
        assert reply.body == script.body, "an odd answer of the provider's own is passed on"
        return
    assert reply.status == status if status is not None else reply.status >= 500
    message = reply.json["error"]["message"]
    assert words in message
    assert across or ("status" in reply.json["error"]) is (client == "gemini"), "the client's form"
    assert reply.headers.get("retry-after") == ("9" if status == 429 else None)
    assert record.outcome != "ok"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "not valid JSON"),
        (b"{", 400, "not valid JSON"),
        (b"[]", 400, "not an object"),
        (b'{"input": "a"}', 400, "model is missing"),
        (b'{"model": 5, "input": "a"}', 400, "model: Expected"),
        (b'{"model": "nobody/x", "input": "a"}', 404, "nobody/x"),
        (b'{"model": "\xff", "input": "a"}', 400, "not valid"),
        (b"[" * 40_000, 400, "not an object"),
        (b'{"model": "lab/m", "input": ' + b"[" * 40_000, 400, "nested"),
        (b'{"model": "lab/m"}', 400, "input is missing"),
        (b'{"model": "lab/m", "input": {"a": 1}}', 400, "input: Expected"),
        (b'{"model": "lab/m", "input": ["a"], "dimensions": -1}', 400, "dimensions"),
        (json.dumps({"model": "lab/m", "input": ["a"] * 10_000}).encode(), 400, "10000 texts"),
    ],
)
async def test_what_clients_do_wrong(tmp_path: Path, body: bytes, status: int, words: str) -> None:
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        reply = await gateway.post("/v1/embeddings", body)
        assert provider.requests == []
        assert gateway.journal.latest[0].outcome != "ok"
    assert reply.status == status
    assert words in reply.json["error"]["message"]
    assert reply.json["error"]["type"] == "invalid_request_error"


async def test_a_body_over_the_limit(tmp_path: Path) -> None:
    more = "[server]\nmax_body = 1000"
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini", more) as gateway:
        for path in ("/v1/embeddings", "/v1beta/models/lab/m:embedContent"):
            reply = await gateway.post(path, {"model": "lab/m", "input": "a" * 2000})
            assert reply.status == 413


async def test_a_client_that_sends_slowly_and_one_that_leaves_anywhere(tmp_path: Path) -> None:
    head = post("/v1/embeddings", b"", length=-1)
    body = json.dumps({"model": "lab/m", "input": ["one", "two"]}).encode()
    async with Provider(vectors) as provider, running(tmp_path, provider, "gemini") as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(head)
            for byte in body:
                await caller.send(chunk(bytes([byte])))
                await asyncio.sleep(0.001)
            await caller.send(chunk(b""))
            assert (await caller.listen()).status == 200
        whole = post("/v1/embeddings", body)
        for end in range(0, len(whole), 7):
            async with Caller(gateway.url) as caller:
                await caller.send(whole[:end])
        assert (await gateway.post("/v1/embeddings", body)).status == 200
        assert len(provider.requests) == 2


async def test_p85_a_client_that_leaves_ends_what_was_asked_for_it(tmp_path: Path) -> None:
    async with Provider(Answer(wait=3600)) as provider, running(tmp_path, provider, "gemini") as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(post("/v1/embeddings", {"model": "lab/m", "input": "a"}))
            received = await provider.received()
        await received.left(1.0)
        while not gateway.journal.latest:
            await asyncio.sleep(0.01)
        assert gateway.journal.latest[0].outcome == "cancelled"


# -- engines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "count", "tokens"),
    [
        ("one two three", 1, 3),
        (["one", "two three"], 2, 3),
        ([1, 2, 3, 4], 1, 4),
        ([[1, 2], [3]], 2, 3),
    ],
)
@pytest.mark.parametrize("form", ["float", "base64", None])
async def test_a_local_model_takes_every_form_of_input(
    tmp_path: Path, given: object, count: int, tokens: int, form: str | None
) -> None:
    async with local(tmp_path, EMBEDS, e="") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "e", "input": given, "encoding_format": form})
        record = gateway.journal.latest[0]
    assert reply.status == 200, reply.body
    assert len(reply.json["data"]) == count
    for entry in reply.json["data"]:
        assert len(unpacked(entry["embedding"]) if form == "base64" else entry["embedding"]) == 8
    assert reply.json["usage"] == {"prompt_tokens": tokens, "total_tokens": tokens}
    assert (record.target, record.path, record.usage.prompt, record.usage.estimated) == (
        "e",
        "converted",
        tokens,
        False,
    )


async def test_google_s_clients_on_a_local_model(tmp_path: Path) -> None:
    async with local(tmp_path, EMBEDS, e="") as gateway:
        one = await gateway.post("/v1beta/models/e:embedContent", content("a b"))
        asked = {"requests": [{"model": "models/e", **content("a b")}, content("c")]}
        two = await gateway.post("/v1beta/models/e:batchEmbedContents", asked)
    assert two.json["embeddings"][0] == one.json["embedding"]
    assert len(one.json["embedding"]["values"]) == 8
    assert two.json["usageMetadata"] == {"promptTokenCount": 3, "totalTokenCount": 3}


async def test_dimensions_of_a_local_model(tmp_path: Path) -> None:
    async with local(tmp_path, EMBEDS, e="") as gateway:
        good = await gateway.post("/v1/embeddings", {"model": "e", "input": "a", "dimensions": 8})
        bad = await gateway.post("/v1/embeddings", {"model": "e", "input": "a", "dimensions": 4})
    assert good.status == 200
    assert bad.status == 400
    assert "'e' makes vectors of 8 numbers and no others" in bad.json["error"]["message"]


async def test_p65_a_text_that_is_too_long_is_refused_with_both_numbers(tmp_path: Path) -> None:
    async with local(tmp_path, EMBEDS, e="") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "e", "input": ["a", "word " * 600]})
    assert reply.status == 400
    assert reply.json["error"]["message"].startswith("prompt is too long: 600 tokens > 4096 maximum")
    assert reply.json["error"]["code"] == "context_length_exceeded"


async def test_long_lists_are_given_to_the_engine_in_groups(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    texts = [f"{number} text" for number in range(100)]
    async with local(tmp_path, EMBEDS, e=f"--heard {heard}") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "e", "input": texts})
    sizes = [len(json.loads(line)["input"]) for line in heard.read_text().splitlines()]
    assert sizes == [32, 32, 32, 4]
    assert [entry["index"] for entry in reply.json["data"]] == [*range(100)]
    assert len({tuple(entry["embedding"]) for entry in reply.json["data"]}) == 100


async def test_p85_a_client_that_leaves_stops_the_engine_between_two_groups(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    texts = [f"{number} text" for number in range(2000)]
    async with local(tmp_path, EMBEDS, e=f"--heard {heard} --prefill-seconds 0.2") as gateway:
        async with Caller(gateway.url) as caller:
            await caller.send(post("/v1/embeddings", {"model": "e", "input": texts}))
            while not heard.exists():
                await asyncio.sleep(0.01)
        while not gateway.journal.latest:
            await asyncio.sleep(0.01)
        assert len(heard.read_text().splitlines()) <= 3
        again = await gateway.post("/v1/embeddings", {"model": "e", "input": "a"})
        assert again.status == 200


async def test_p90_who_comes_when_too_many_wait_is_told_to_come_again(tmp_path: Path) -> None:
    settings = EMBEDS + "[engine]\nmax_queue = 1\n"
    ask = {"model": "e", "input": "a"}
    async with local(tmp_path, settings, e="--prefill-seconds 1") as gateway, asyncio.TaskGroup() as group:
        first = group.create_task(gateway.post("/v1/embeddings", ask))
        await until(lambda: any(info.busy for info in gateway.keeper.snapshot()))
        second = group.create_task(gateway.post("/v1/embeddings", ask))
        await until(lambda: any(info.waiting for info in gateway.keeper.snapshot()))
        third = await gateway.post("/v1/embeddings", ask)
        assert [(await each).status for each in (first, second)] == [200, 200]
    assert third.status == 429
    assert "retry-after" in third.headers


async def test_an_engine_that_does_not_start_or_is_none(tmp_path: Path) -> None:
    async with local(tmp_path, EMBEDS, e="--crash-at-load") as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "e", "input": "a"})
    assert reply.status == 503
    assert "the fake was told to fail" in reply.json["error"]["message"]
