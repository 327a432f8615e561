"""OpenAI's SDK at the endpoints beside the chat: embeddings, completions, and responses that are kept."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from tests.e2e.tool import lab
from tests.fakes.embedding import vector, vectors
from tests.fakes.landbridge import Served
from tests.fakes.minilm import minilm
from tests.fakes.provider import Answer, Provider, Received, Reply, Tokens

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
PROVIDERS = ["chat/m", "claude/m", "google/m", "responses/m"]
KEPT_HERE = ["chat/m", "claude/m", "google/m"]


def script(request: Received) -> Answer | Reply:
    if "mbed" in request.path:
        return vectors(request)
    return Reply(text=" there was a fox. 여우", usage=Tokens(100, 20))


@pytest.fixture
async def served(tmp_path: Path, models: Path) -> AsyncIterator[Served]:
    """A landbridge with a provider of each dialect, a local model that chats and one that embeds."""
    folder = tmp_path / "models"
    folder.mkdir()
    for file in (models / "smollm2.gguf", models / "smollm2.json", minilm(ROOT / ".cache" / "minilm")):
        (folder / file.name).symlink_to(file)
    dialects = {"chat": "openai_chat", "claude": "anthropic", "google": "gemini", "responses": "openai_responses"}
    async with Provider(script) as provider:
        settings = "".join(lab(provider, dialect, name) for name, dialect in dialects.items())
        settings += "[models.smollm2]\nthreads = 1\n[models.minilm]\nthreads = 1\n"
        async with Served(tmp_path / "served", settings, models=folder) as served:
            yield served


@pytest.fixture
async def client(served: Served) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=served.openai + "/v1", api_key="any", max_retries=0) as client:
        yield client


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


# -- embeddings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["chat/m", "google/m", "responses/m"])
async def test_embeddings_of_providers(client: openai.AsyncOpenAI, model: str) -> None:
    texts = ["one", "두"]
    usual = await client.embeddings.create(model=model, input=texts)
    plain = await client.embeddings.create(model=model, input=texts, encoding_format="float")
    for found in (usual, plain):
        assert [entry.embedding for entry in found.data] == [vector(text) for text in texts]
        assert found.usage.prompt_tokens > 0


async def test_embeddings_of_a_local_model(client: openai.AsyncOpenAI) -> None:
    found = await client.embeddings.create(model="minilm", input=["cat", "kitten", "stocks"])
    cat, kitten, stocks = (entry.embedding for entry in found.data)
    assert (len(cat), round(math.hypot(*cat), 3)) == (384, 1.0)
    assert likeness(cat, kitten) > 0.7 > 0.3 > likeness(cat, stocks)
    assert found.usage.prompt_tokens == 9
    plain = await client.embeddings.create(model="minilm", input="cat", encoding_format="float", dimensions=384)
    assert likeness(plain.data[0].embedding, cat) > 0.999
    tokens = await client.embeddings.create(model="minilm", input=[101, 4937, 102])
    assert len(tokens.data) == 1
    with pytest.raises(openai.BadRequestError, match="makes vectors of 384 numbers and no others"):
        await client.embeddings.create(model="minilm", input="cat", dimensions=12)
    with pytest.raises(openai.BadRequestError, match=r"prompt is too long: \d+ tokens > 512 maximum"):
        await client.embeddings.create(model="minilm", input="word " * 600)


async def test_each_model_for_what_it_is(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"'smollm2' is a model to chat with .* Use minilm"):
        await client.embeddings.create(model="smollm2", input="a")
    with pytest.raises(openai.BadRequestError, match="'minilm' makes embeddings and does not chat"):
        await client.chat.completions.create(model="minilm", messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(openai.BadRequestError, match="its provider speaks anthropic"):
        await client.embeddings.create(model="claude/m", input="a")
    with pytest.raises(openai.NotFoundError):
        await client.embeddings.create(model="nobody/m", input="a")


# -- completions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", PROVIDERS)
async def test_completions_of_providers(client: openai.AsyncOpenAI, model: str) -> None:
    whole = await client.completions.create(model=model, prompt="Once upon a time", max_tokens=50)
    assert whole.choices[0].text == " there was a fox. 여우"
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage is not None
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (100, 20)
    stream = await client.completions.create(
        model=model, prompt="Once upon a time", max_tokens=50, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == " there was a fox. 여우"
    assert chunks[-1].usage is not None and chunks[-1].usage.total_tokens == 120


async def test_completions_of_a_local_model(client: openai.AsyncOpenAI) -> None:
    ask = {"model": "smollm2", "prompt": "1, 2, 3, 4, 5, 6,", "temperature": 0, "max_tokens": 8}
    whole = await client.completions.create(**ask, logprobs=2, stop=["9"])  # type: ignore[call-overload]
    assert whole.choices[0].text.startswith(" 7, 8"), "it goes on, and no template stands around the prompt"
    assert whole.usage.prompt_tokens > 10
    odds = whole.choices[0].logprobs
    assert "".join(odds.tokens).startswith(" 7, 8")
    assert odds.text_offset[0] == len("1, 2, 3, 4, 5, 6,")
    stream = await client.completions.create(**ask, stream=True)  # type: ignore[call-overload]
    text = "".join([chunk.choices[0].text async for chunk in stream if chunk.choices])
    assert text.startswith(" 7, 8, 9")
    with pytest.raises(openai.BadRequestError, match=r"prompt is too long: \d+ tokens > 8192 maximum"):
        await client.completions.create(model="smollm2", prompt="word " * 9000)


@pytest.mark.parametrize("wish", [{"echo": True}, {"n": 2}, {"suffix": "."}])
async def test_what_completions_do_not_do(client: openai.AsyncOpenAI, wish: dict[str, object]) -> None:
    with pytest.raises(openai.BadRequestError, match=next(iter(wish))):
        await client.completions.create(model="smollm2", prompt="a", **wish)  # type: ignore[call-overload]


# -- responses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*KEPT_HERE, "smollm2"])
async def test_responses_are_kept(client: openai.AsyncOpenAI, model: str) -> None:
    first = await client.responses.create(model=model, input="My name is Ada.", max_output_tokens=16)
    second = await client.responses.create(
        model=model, input="What is my name?", previous_response_id=first.id, max_output_tokens=16
    )
    assert second.previous_response_id == first.id
    assert await client.responses.retrieve(second.id) == second
    items = [item async for item in client.responses.input_items.list(second.id, order="asc", limit=1)]
    assert [getattr(item, "role", "") for item in items] == ["user", "assistant", "user"]
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        await client.responses.cancel(second.id)
    await client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError, match=second.id):
        await client.responses.retrieve(second.id)
    with pytest.raises(openai.BadRequestError) as caught:
        await client.responses.create(model=model, input="a", previous_response_id=second.id)
    assert caught.value.code == "previous_response_not_found"


@pytest.mark.parametrize("model", KEPT_HERE)
async def test_responses_are_kept_when_streamed(client: openai.AsyncOpenAI, model: str) -> None:
    async with client.responses.stream(model=model, input="My name is Ada.") as stream:
        async for _ in stream:
            pass
        first = await stream.get_final_response()
    found = await client.responses.retrieve(first.id)
    assert found.output_text == first.output_text == " there was a fox. 여우"
    second = await client.responses.create(model=model, input="And?", previous_response_id=first.id, store=False)
    assert second.previous_response_id == first.id
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(second.id)
