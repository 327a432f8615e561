"""The official SDKs, streaming and not, with tools, against every kind of target."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import anthropic
import openai
import pytest
from anthropic.types import Message, MessageParam, ToolParam
from openai.types.chat import ChatCompletion, ChatCompletionToolParam
from openai.types.responses import FunctionToolParam, Response

from tests.e2e.tool import DIALECTS, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Received, Reply, Tokens

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

ASKED: list[MessageParam] = [{"role": "user", "content": "Weather in Seoul and Oslo? 서울 🌦"}]
WEATHER: ToolParam = {
    "name": "weather",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CHAT_WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "weather", "parameters": dict(WEATHER["input_schema"])},
}
MODELS = [f"{dialect}/m" for dialect in DIALECTS]
ITEM_WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": dict(WEATHER["input_schema"]),
    "strict": False,
}
CALLS = (("weather", {"city": "서울"}), ("weather", {"city": "Oslo"}))


def script(request: Received) -> Reply:
    """Two tool calls where tools are offered, else some text."""
    if request.json.get("tools"):
        return Reply(text="I look. 봅니다", tools=CALLS, usage=Tokens(100, 20, cached=40))
    return Reply(text="Sunny ☀ in 서울.", thinking="Let me see.", usage=Tokens(100, 20, cached=40))


@pytest.fixture
async def served(tmp_path: Path, models: Path) -> AsyncIterator[Served]:
    """A landbridge with a provider of each dialect and the local model."""
    async with Provider(script) as provider:
        settings = "".join(lab(provider, dialect, dialect) for dialect in DIALECTS)
        settings += "[models.smollm2]\nthreads = 1\n"
        async with Served(tmp_path / "served", settings, models=models) as served:
            yield served


@pytest.mark.parametrize("model", MODELS)
class TestAnthropic:
    def client(self, served: Served) -> anthropic.AsyncAnthropic:
        return anthropic.AsyncAnthropic(base_url=served.router + "/anthropic", api_key="any", max_retries=0)

    async def test_whole_and_streamed(self, served: Served, model: str) -> None:
        async with self.client(served) as client:
            check_text(await client.messages.create(model=model, max_tokens=100, messages=ASKED))
            async with client.messages.stream(model=model, max_tokens=100, messages=ASKED) as stream:
                pieces = [text async for text in stream.text_stream]
                message = await stream.get_final_message()
        assert "".join(pieces) == "Sunny ☀ in 서울."
        assert len(pieces) > 1
        check_text(message)

    async def test_tools_whole_and_streamed(self, served: Served, model: str) -> None:
        async with self.client(served) as client:
            check_tools(await client.messages.create(model=model, max_tokens=100, messages=ASKED, tools=[WEATHER]))
            async with client.messages.stream(model=model, max_tokens=100, messages=ASKED, tools=[WEATHER]) as stream:
                check_tools(await stream.get_final_message())

    async def test_count_and_models(self, served: Served, model: str) -> None:
        async with self.client(served) as client:
            count = await client.messages.count_tokens(model=model, messages=ASKED, tools=[WEATHER])
            names = [each.id async for each in client.models.list()]
            shown = await client.models.retrieve(model)
        assert count.input_tokens > 10
        assert {"smollm2", *MODELS} <= set(names)
        assert shown.id == model


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("face", ["router", "openai"])
async def test_openai(served: Served, face: str, model: str) -> None:
    async with openai.AsyncOpenAI(base_url=getattr(served, face) + "/v1", api_key="any", max_retries=0) as client:
        plain = await client.chat.completions.create(
            model=model, max_completion_tokens=100, messages=[{"role": "user", "content": "Weather?"}]
        )
        called = await client.chat.completions.create(
            model=model,
            max_completion_tokens=100,
            messages=[{"role": "user", "content": "Weather?"}],
            tools=[CHAT_WEATHER],
        )
        async with client.chat.completions.stream(
            model=model,
            max_completion_tokens=100,
            messages=[{"role": "user", "content": "Weather?"}],
            tools=[CHAT_WEATHER],
            stream_options={"include_usage": True},
        ) as stream:
            async for _ in stream:
                pass
            streamed = await stream.get_final_completion()
        item = await client.responses.create(model=model, input="Weather?", tools=[ITEM_WEATHER])
        async with client.responses.stream(model=model, input="Weather?", tools=[ITEM_WEATHER]) as items:
            async for _ in items:
                pass
            streamed_item = await items.get_final_response()
        assert model in [each.id async for each in client.models.list()]
    assert plain.choices[0].message.content == "Sunny ☀ in 서울."
    assert plain.choices[0].finish_reason == "stop"
    check_chat_usage(plain)
    check_chat_tools(called)
    check_chat_tools(streamed)
    check_chat_usage(streamed)
    check_items(item)
    check_items(streamed_item)


async def test_anthropic_on_the_local_model(served: Served) -> None:
    async with anthropic.AsyncAnthropic(base_url=served.router + "/anthropic", api_key="any") as client:
        count = await client.messages.count_tokens(model="smollm2", messages=ASKED)
        message = await client.messages.create(model="smollm2", max_tokens=12, messages=ASKED)
        assert message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0) == count.input_tokens
        assert 0 < message.usage.output_tokens <= 12
        assert message.content
        async with client.messages.stream(model="smollm2", max_tokens=12, messages=ASKED, tools=[WEATHER]) as stream:
            streamed = await stream.get_final_message()
        assert streamed.usage.output_tokens > 0
        assert streamed.stop_reason in ("end_turn", "max_tokens", "tool_use")


async def test_openai_on_the_local_model(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.openai + "/v1", api_key="any") as client:
        whole = await client.chat.completions.create(
            model="smollm2", max_tokens=8, messages=[{"role": "user", "content": "Hi"}]
        )
        assert whole.choices[0].message.content
        assert whole.usage is not None
        assert 0 < whole.usage.completion_tokens <= 8
        streamed = await client.chat.completions.create(
            model="smollm2", max_tokens=8, stream=True, messages=[{"role": "user", "content": "Hi"}]
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in streamed if chunk.choices])
        assert text


async def test_a_prompt_too_long_is_refused_with_both_numbers(served: Served) -> None:
    async with anthropic.AsyncAnthropic(base_url=served.router + "/anthropic", api_key="any") as client:
        with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > 8192 maximum"):
            await client.messages.create(
                model="smollm2", max_tokens=8, messages=[{"role": "user", "content": "word " * 9000}]
            )


def check_text(message: Message) -> None:
    texts = [block.text for block in message.content if block.type == "text"]
    thoughts = [block.thinking for block in message.content if block.type == "thinking"]
    assert texts == ["Sunny ☀ in 서울."]
    assert thoughts == ["Let me see."]
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (60, 40)
    assert message.usage.output_tokens == 20


def check_tools(message: Message) -> None:
    calls = [block for block in message.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == list(CALLS)
    assert len({call.id for call in calls}) == 2
    assert message.stop_reason == "tool_use"


def check_chat_tools(completion: ChatCompletion) -> None:
    choice = completion.choices[0]
    calls = [call for call in choice.message.tool_calls or [] if call.type == "function"]
    assert [call.function.name for call in calls] == ["weather", "weather"]
    assert "서울" in calls[0].function.arguments or "\\uc11c" in calls[0].function.arguments
    assert choice.finish_reason == "tool_calls"


def check_items(response: Response) -> None:
    calls = [item for item in response.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == list(CALLS)
    assert len({call.call_id for call in calls}) == 2
    assert response.output_text == "I look. 봅니다"
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (100, 20)


def check_chat_usage(completion: ChatCompletion) -> None:
    usage = completion.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (100, 20)
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 40
