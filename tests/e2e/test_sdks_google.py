"""Google's SDK for Python, streaming and not, with tools, against every kind of target."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.e2e.tool import DIALECTS, lab
from tests.fakes.embedding import vector, vectors
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Received, Reply, Tokens

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(180),
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),  # the SDK's own
]

ASKED = "Weather in Seoul and Oslo? 서울 🌦"
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CALLS = (("weather", {"city": "서울"}), ("weather", {"city": "Oslo"}))
FORMS = {
    "schema": types.FunctionDeclaration(
        name="weather",
        parameters=types.Schema(type=types.Type.OBJECT, properties={"city": types.Schema(type=types.Type.STRING)}),
    ),
    "json schema": types.FunctionDeclaration(name="weather", parameters_json_schema=CITY),
}
THINKING = types.GenerateContentConfig(
    system_instruction="Be brief.", thinking_config=types.ThinkingConfig(include_thoughts=True)
)


def script(request: Received) -> Answer | Reply:
    """Two tool calls where tools are offered and none has answered, else some text."""
    if "mbed" in request.path:
        return vectors(request)
    if request.json.get("tools") and "22 degrees" not in request.body.decode():
        return Reply(text="I look. 봅니다", tools=CALLS, usage=Tokens(100, 20, cached=40))
    return Reply(text="Sunny ☀ in 서울.", thinking="Let me see.", usage=Tokens(100, 20, cached=40))


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(script) as provider:
        yield provider


@pytest.fixture
async def client(provider: Provider, tmp_path: Path, models: Path) -> AsyncIterator[genai.Client]:
    """The SDK at a landbridge with a provider of each dialect and the local model."""
    settings = "".join(lab(provider, dialect, dialect) for dialect in DIALECTS)
    settings += "[models.smollm2]\nthreads = 1\n"
    async with Served(tmp_path / "served", settings, models=models) as served:
        there = types.HttpOptions(base_url=served.router + "/gemini")
        client = genai.Client(api_key="any", vertexai=False, http_options=there)
        yield client
        await client.aio.aclose()
        client.close()


def tools(form: str) -> types.GenerateContentConfig:
    hands_on = types.AutomaticFunctionCallingConfig(disable=True)
    return types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[FORMS[form]])], automatic_function_calling=hands_on
    )


def words(parts: list[types.Part], thought: bool = False) -> str:
    return "".join(part.text or "" for part in parts if bool(part.thought) == thought)


def parts_of(answer: types.GenerateContentResponse) -> list[types.Part]:
    assert answer.candidates
    content = answer.candidates[0].content
    return (content.parts or []) if content else []


def check_usage(answer: types.GenerateContentResponse) -> None:
    usage = answer.usage_metadata
    assert usage is not None
    counted = (usage.prompt_token_count, usage.candidates_token_count, usage.cached_content_token_count)
    assert counted == (100, 20, 40)
    assert usage.total_token_count == 120


def check_calls(parts: list[types.Part]) -> list[types.FunctionCall]:
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.name, call.args) for call in calls] == list(CALLS)
    assert words(parts) == "I look. 봅니다"
    return calls


def as_text(request: Received) -> str:
    """The body of a request, however it escapes letters."""
    return json.dumps(request.json, ensure_ascii=False)


async def check_text(client: genai.Client, model: str) -> None:
    whole = await client.aio.models.generate_content(model=model, contents=ASKED, config=THINKING)
    assert (words(parts_of(whole)), words(parts_of(whole), thought=True)) == ("Sunny ☀ in 서울.", "Let me see.")
    assert whole.candidates and whole.candidates[0].finish_reason == types.FinishReason.STOP
    check_usage(whole)
    stream = await client.aio.models.generate_content_stream(model=model, contents=ASKED, config=THINKING)
    chunks = [chunk async for chunk in stream]
    parts = [part for chunk in chunks for part in parts_of(chunk)]
    assert (words(parts), words(parts, thought=True)) == ("Sunny ☀ in 서울.", "Let me see.")
    assert len([part for part in parts if part.text]) > 2, "it came in pieces"
    last = chunks[-1].candidates
    assert last and last[0].finish_reason == types.FinishReason.STOP
    check_usage(chunks[-1])


async def check_tools(client: genai.Client, model: str, form: str) -> None:
    config = tools(form)
    whole = await client.aio.models.generate_content(model=model, contents=ASKED, config=config)
    check_calls(parts_of(whole))
    stream = await client.aio.models.generate_content_stream(model=model, contents=ASKED, config=config)
    parts = [part async for chunk in stream for part in parts_of(chunk)]
    calls = check_calls(parts)
    results = [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": said}))
        for call, said in zip(calls, ("22 degrees", "3 degrees"), strict=True)
    ]
    history = [types.UserContent(ASKED), types.Content(role="model", parts=parts), types.UserContent(results)]
    final = await client.aio.models.generate_content(model=model, contents=list(history), config=config)
    assert words(parts_of(final)) == "Sunny ☀ in 서울."


async def check_own_function(client: genai.Client, model: str) -> None:
    """The SDK calls a function for the model, and asks again."""
    asked: list[str] = []

    def weather(city: str) -> str:
        """Weather of a city."""
        asked.append(city)
        return "22 degrees"

    config = types.GenerateContentConfig(tools=[weather])
    answer = await client.aio.chats.create(model=model, config=config).send_message(ASKED)
    assert words(parts_of(answer)) == "Sunny ☀ in 서울."
    assert asked == ["서울", "Oslo"]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_on_a_provider(client: genai.Client, provider: Provider, dialect: str) -> None:
    model = f"{dialect}/m"
    await check_text(client, model)
    heard = [as_text(request) for request in provider.requests]
    assert len(heard) == 2 and all("Be brief." in text and "서울 🌦" in text for text in heard)
    for form in FORMS:
        provider.requests.clear()
        await check_tools(client, model, form)
        assert '"city": {"type": "' in as_text(provider.requests[0]), "the schema of the tool"
        told = as_text(provider.requests[-1])
        assert told.index("22 degrees") < told.index("3 degrees")
    provider.requests.clear()
    await check_own_function(client, model)
    assert [(request.dialect, request.model) for request in provider.requests] == [(dialect, "m")] * 2
    counted = await client.aio.models.count_tokens(model=model, contents=ASKED)
    assert counted.total_tokens and counted.total_tokens > 5
    if dialect != "anthropic":  # which has no embeddings
        texts: Any = ["one", "두"]  # the SDK asks for a list of its union, which no list of texts is
        found = await client.aio.models.embed_content(model=model, contents=texts)
        assert [each.values for each in found.embeddings or ()] == [vector("one"), vector("두")]


async def test_on_the_local_model(client: genai.Client) -> None:
    config = types.GenerateContentConfig(max_output_tokens=8, temperature=0)
    counted = await client.aio.models.count_tokens(model="smollm2", contents="Hi")
    whole = await client.aio.models.generate_content(model="smollm2", contents="Hi", config=config)
    assert words(parts_of(whole))
    assert whole.usage_metadata is not None
    assert whole.usage_metadata.prompt_token_count == counted.total_tokens
    stream = await client.aio.models.generate_content_stream(model="smollm2", contents="Hi", config=config)
    assert "".join([words(parts_of(chunk)) async for chunk in stream]) == words(parts_of(whole))


async def test_models_are_listed_and_refusals_are_errors_of_the_sdk(client: genai.Client) -> None:
    named = {each.name async for each in await client.aio.models.list()}
    assert {"models/smollm2", *(f"models/{dialect}/m" for dialect in DIALECTS)} <= named
    found = await client.aio.models.get(model="gemini/m")
    assert found.name == "models/gemini/m"
    assert found.supported_actions and "generateContent" in found.supported_actions
    with pytest.raises(errors.ClientError, match="smolm2x") as caught:
        await client.aio.models.generate_content(model="smolm2x", contents="Hi")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
