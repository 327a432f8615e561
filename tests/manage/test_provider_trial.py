"""Providers tried before and after they are in the settings; no answer holds a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from landbridge.config import Config, ProviderSettings, Secret
from landbridge.gateway.checkup import Step
from landbridge.manage.provider_draft import Draft
from landbridge.manage.provider_trial import tried, variables, variables_of
from landbridge.providers.key_file import KeyFile
from landbridge.upstream.client import Client
from tests.fakes.keychain import instead, nothing
from tests.fakes.provider import JSON, Answer, Provider, Received
from tests.fakes.strict import KEY, Strict

pytestmark = [pytest.mark.anyio, pytest.mark.io]
BAD = "sk-bad-key-0815"


class Echo(Provider):
    """Repeats the key that it refuses, as some do."""

    def answer(self, request: Received) -> Answer:
        said = request.headers.get("authorization", "")
        return Answer(status=401, headers=JSON, body=b'{"error":{"message":"Bad: %b."}}' % said.encode())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client()
    await client.start()
    yield client
    await client.close()


async def test_a_draft_is_tried_with_its_own_key(tmp_path: Path, client: Client) -> None:
    async with Strict(models=("a", "b")) as server:
        settings = {"dialect": "openai_chat", "base_url": server.base_url("openai_chat")}
        draft = Draft("lab", settings, Secret(KEY))
        with instead(nothing()):
            KeyFile(tmp_path, {}).set("lab", "the-key-of-another")
            env = variables_of(draft, tmp_path, {})
            other = variables(draft.config, tmp_path, {})
        steps: list[Step] = []
        found = await tried(client, draft.config, "lab", env, tell=steps.append)
    assert (found.ok, found.models) == (True, ("a", "b"))
    assert other == {"keyring:lab": "the-key-of-another"}
    assert [(step.name, step.state) for step in steps] == [
        ("settings", "ok"),
        ("key", "ok"),
        ("list", "begun"),
        ("list", "ok"),
    ]
    assert steps[2].words == f"{server.url}/v1/models" and steps[3].words == "2 models" and steps[3].seconds > 0


async def test_a_key_that_is_repeated_is_masked(client: Client) -> None:
    async with Echo() as server:
        made = ProviderSettings(dialect="openai_chat", base_url=server.base_url("openai_chat"), api_key="${K}")
        steps: list[Step] = []
        found = await tried(client, Config(providers={"lab": made}), "lab", {"K": BAD}, tell=steps.append)
    assert (found.ok, found.status) == (False, 403)
    assert "refused its API key: Bad: ***." in found.problem
    assert BAD not in repr(found) + repr(steps)
    assert steps[-1].state == "failed"


async def test_one_that_is_off_is_tried_all_the_same(client: Client) -> None:
    async with Strict() as server:
        url = server.base_url("openai_chat")
        made = ProviderSettings(dialect="openai_chat", base_url=url, api_key="${K}", enabled=False)
        found = await tried(client, Config(providers={"lab": made}), "lab", {"K": KEY}, "m")
    assert (found.ok, found.proof, found.asked) == (True, "answer", "m")
