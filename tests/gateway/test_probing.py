"""Models of every kind are asked over real connections, and found to be what they are."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.errors import Forbidden
from landbridge.gateway import probing
from landbridge.gateway.probing import probe
from landbridge.gateway.world import World
from landbridge.providers.probed import Probe
from landbridge.routing.names import Route
from landbridge.upstream.client import Client
from tests.fakes.provider import HTML_ERROR, Answer, Provider, Received, Reply, anthropic_error, chat_error, error

pytestmark = [pytest.mark.anyio, pytest.mark.io]

DIALECTS = pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])


def refuse(dialect: str, words: str, status: int = 400) -> Answer:
    return error(
        *(chat_error(status, words) if dialect == "openai_chat" else anthropic_error(status, "invalid", words))
    )


def able(request: Received) -> Reply | Answer:
    """A model that can do everything, and names its limit."""
    body = request.body.decode()
    if '"max_tokens":99999999' in body:
        return refuse(request.dialect, "max_tokens is too large: this model supports at most 4096 completion tokens")
    if "get_weather" in body:
        return Reply(tools=(("get_weather", {"city": "Seoul"}),))
    if "image" in body and "colour" in body:
        return Reply(text="Green and red.")
    if "word.pdf" in body:
        return Reply(text="heliotrope")
    if "river" in body:
        return Reply(text='{"city": "Seoul", "river": "Han"}')
    return Reply(text="9", thinking="8 gone, 9 left" if "sheep" in body else "")


def plain(request: Received) -> Reply | Answer:
    """A model that only talks, at a server that refuses the rest."""
    body = request.body.decode()
    for sign, words in (
        ('"tools"', "tools are not supported"),
        ('"image', "this model takes text only"),
        ('"file"', "unknown content type file"),
        ('"document"', "unknown content type document"),
        ("reasoning_effort", "unrecognized field reasoning_effort"),
        ('"thinking"', "unrecognized field thinking"),
        ("response_format", "unrecognized field response_format"),
        ("output_config", "unrecognized field output_config"),
    ):
        if sign in body:
            return refuse(request.dialect, words)
    return Reply(text="Well...")


async def asked(provider: Provider, dialect: Any, **settings: Any) -> Probe:
    lab = ProviderSettings(dialect=dialect, base_url=provider.base_url(dialect), models=["m"], **settings)
    world = World(Config(providers={"lab": lab}), {}, tuple)
    client = Client()
    await client.start()
    try:
        return await probe(client, world, world.target(Route("lab", "m")))
    finally:
        await client.close()


def verdicts(found: Probe) -> dict[str, str]:
    return {name: finding.verdict for name, finding in found.findings.items()}


@DIALECTS
async def test_a_model_that_can_do_everything(dialect: str) -> None:
    async with Provider(able) as provider:
        found = await asked(provider, dialect, quirks=["no_images", "no_documents", "no_tools"])
        assert len(provider.requests) == 8, "each question once, whatever the settings say"
        assert [request.json.get("stream", False) for request in provider.requests] == [False, True] + [False] * 6
    assert set(verdicts(found).values()) == {"yes"}, found.findings
    assert found.output == 4096
    assert (found.provider, found.base_url, found.model) == ("lab", provider.base_url(dialect), "m")
    assert found.at.startswith("20") and found.at.endswith("Z")
    assert found.field == ("reasoning_effort" if dialect == "openai_chat" else "")


@DIALECTS
async def test_a_model_that_only_talks(dialect: str) -> None:
    async with Provider(plain) as provider:
        found = await asked(provider, dialect)
    assert verdicts(found) == {
        "answers": "yes",
        "streaming": "yes",
        "tools": "no",
        "images": "no",
        "documents": "no",
        "thinking": "no",
        "schema": "no",
        "limit": "unsure",
    }
    assert "not supported" in found.findings["tools"].why
    assert found.window is None and found.output is None


@pytest.mark.parametrize(
    "script",
    [HTML_ERROR, error(*chat_error(401, "wrong key")), Answer(body=b"{}"), Answer(ending="reset"), Reply(text="")],
    ids=["html", "key", "nothing", "reset", "silent"],
)
async def test_one_that_does_not_answer_is_asked_nothing_more(script: Any) -> None:
    async with Provider(script) as provider:
        found = await asked(provider, "openai_chat")
        assert len(provider.requests) <= 2, "a connection that breaks at once is tried anew"
    assert verdicts(found)["answers"] != "yes" and len(found.findings) == 1


async def test_a_stream_that_breaks_off_is_no_stream() -> None:
    def half(request: Received) -> Reply | Answer:
        if request.json.get("stream"):
            return Answer(headers={"content-type": "text/event-stream"}, stream=True, body=b"data: {}\n\n")
        return able(request)

    async with Provider(half) as provider:
        found = await asked(provider, "openai_chat")
    assert verdicts(found)["streaming"] != "yes"
    assert verdicts(found)["tools"] == "yes"


async def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PATIENCE", 0.3)
    async with Provider(Answer(wait=3600)) as provider:
        found = await asked(provider, "openai_chat")
    assert found.findings["answers"].verdict == "unsure"
    assert "no answer within" in found.findings["answers"].why


async def test_limits_are_read_from_the_providers_list() -> None:
    class Stating(Provider):
        def answer(self, request: Received) -> Answer:
            answer = super().answer(request)
            return (
                Answer(body=b'{"data": [{"id": "m", "context_length": 8192}]}') if request.method == "GET" else answer
            )

    async with Stating(plain) as provider:
        assert (await asked(provider, "openai_chat")).window == 8192


async def test_a_provider_without_its_key_is_not_asked() -> None:
    async with Provider(able) as provider:
        with pytest.raises(Forbidden, match="NO_SUCH_KEY"):
            await asked(provider, "openai_chat", api_key="${NO_SUCH_KEY}")
        assert not provider.requests and not provider.others
