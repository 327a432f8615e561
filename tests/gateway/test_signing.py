"""Requests as they reach providers that want more than a constant header: signed, with a token, in another form.

Each fake checks the signature by what it got, as the provider would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.gateway.world import World
from landbridge.routing.names import Route
from landbridge.upstream.client import Client
from landbridge.wire.dialects import dialect
from tests.fakes.provider import JSON, Answer, Provider, Received

pytestmark = [pytest.mark.anyio, pytest.mark.io]

AWS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "sec-4711"}
BODY = b'{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"stream":true}'


async def sent(
    settings: ProviderSettings, env: dict[str, str], body: bytes = BODY, *, model: str = "m", path: str = ""
) -> Received:
    """What a provider gets that `settings` describe; `{url}` stands for its address."""
    async with Provider(Answer(headers=JSON, body=b"{}")) as server:
        made = {name: getattr(settings, name) for name in settings.__struct_fields__}
        made["base_url"] = settings.base_url.replace("{url}", server.url)
        world = World(Config(providers={"work": ProviderSettings(**made)}), env, tuple)
        target = world.target(Route("work", model))
        endpoint = world.endpoint_at(target, path) if path else world.endpoint(target, stream=b"stream" in body)
        client = Client()
        await client.start()
        try:
            answer = await client.post(endpoint, body, {})
            await answer.read(1 << 20)
            await answer.close()
        finally:
            await client.close()
        return [*server.requests, *server.others][0]


def aws_signature(got: Received, secret: str, service: str) -> str:
    """The signature that AWS would expect of this request."""
    found = re.search(r"Credential=([^,]+), SignedHeaders=([^,]+),", got.headers["authorization"])
    assert found is not None
    scope, names = found[1].partition("/")[2], found[2]
    assert scope.split("/")[2:] == [service, "aws4_request"]
    headers = "".join(f"{name}:{got.headers[name]}\n" for name in names.split(";"))
    path = got.path.replace("%", "%25")
    canonical = f"{got.method}\n{path}\n\n{headers}\n{names}\n{hashlib.sha256(got.body).hexdigest()}"
    stamp = got.headers["x-amz-date"]
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


@pytest.mark.parametrize(
    ("preset", "service", "path"),
    [
        ("bedrock", "bedrock", "/openai/v1/chat/completions"),
        ("bedrock-mantle", "bedrock-mantle", "/openai/v1/chat/completions"),
        ("bedrock-anthropic", "bedrock-mantle", "/openai/v1/messages"),
    ],
)
async def test_bedrock_can_check_the_signature_of_what_it_got(preset: str, service: str, path: str) -> None:
    place = {"region": "eu-west-1"}
    settings = ProviderSettings(preset=preset, base_url="{url}/openai/v1", place=place)
    got = await sent(settings, AWS)
    assert (got.path, got.body) == (path, BODY)
    assert "/eu-west-1/" in got.headers["authorization"]
    assert got.headers["authorization"].endswith(f"Signature={aws_signature(got, 'sec-4711', service)}")
    assert "x-api-key" not in got.headers


async def test_bedrock_takes_its_own_keys_as_bearers() -> None:
    settings = ProviderSettings(preset="bedrock-anthropic", base_url="{url}", place={"region": "eu-west-1"})
    got = await sent(settings, {"AWS_BEARER_TOKEN_BEDROCK": "b-1"})
    assert got.headers["authorization"] == "Bearer b-1"
    assert "x-amz-date" not in got.headers


async def test_backendai_can_check_the_signature_of_what_it_got() -> None:
    env = {"BACKEND_ACCESS_KEY": "AKIA", "BACKEND_SECRET_KEY": "sec-4711"}
    got = await sent(ProviderSettings(preset="backendai", base_url="{url}/v1"), env)
    host, date = got.headers["host"], got.headers["date"]
    key = hmac.digest(b"sec-4711", date[:10].replace("-", "").encode(), "sha256")
    key = hmac.digest(key, host.encode(), "sha256")
    version = got.headers["x-backendai-version"]
    text = (
        f"POST\n/v1/chat/completions\n{date}\nhost:{host}\ncontent-type:application/json\n"
        f"x-backendai-version:{version}\n{hashlib.sha256(b'').hexdigest()}"
    )
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    assert got.headers["authorization"] == f"BackendAI signMethod=HMAC-SHA256, credential=AKIA:{signature}"


async def test_backendais_version_can_be_another() -> None:
    env = {"BACKEND_ACCESS_KEY": "AKIA", "BACKEND_SECRET_KEY": "s"}
    headers = {"X-BackendAI-Version": "v9.20250722"}
    got = await sent(ProviderSettings(preset="backendai", base_url="{url}/v1", headers=headers), env)
    assert got.headers["x-backendai-version"] == "v9.20250722"


async def test_azure_has_deployments_in_the_path() -> None:
    settings = ProviderSettings(preset="azure-deployments", base_url="{url}/openai", place={"resource": "r"})
    got = await sent(settings, {"AZURE_OPENAI_API_KEY": "k"})
    assert got.path == "/openai/deployments/m/chat/completions?api-version=2024-10-21"
    assert got.headers["api-key"] == "k" and "authorization" not in got.headers


VERTEX = ProviderSettings(preset="vertex-anthropic", base_url="{url}/anthropic", place={"project": "p"}, auth="none")


async def test_claude_on_vertex_has_its_model_in_the_path_and_its_version_in_the_body() -> None:
    got = await sent(VERTEX, {}, model="claude-sonnet-4-5@20250929")
    assert got.path == "/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict"
    fields = json.loads(got.body)
    assert "model" not in fields
    assert fields["anthropic_version"] == "vertex-2023-10-16"
    assert (fields["max_tokens"], fields["stream"]) == (5, True)


async def test_claude_on_vertex_is_counted_by_a_body_that_names_it() -> None:
    got = await sent(VERTEX, {}, b'{"model":"m","messages":[]}', path="/v1/messages/count_tokens")
    assert got.path == "/anthropic/models/count-tokens:rawPredict"
    assert json.loads(got.body) == {"model": "m", "messages": [], "anthropic_version": "vertex-2023-10-16"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"m","anthropic_version":"x"}', {"anthropic_version": "x"}),
        (b'{"model":"m","a":{"model":"inner", "z":1.0e3}}', {"a": {"model": "inner", "z": 1000.0}}),
    ],
)
async def test_the_rest_of_a_body_stays_as_it_is(body: bytes, expected: dict[str, Any]) -> None:
    got = await sent(VERTEX, {}, body)
    assert {"anthropic_version": "vertex-2023-10-16"} | expected == json.loads(got.body)
    assert b"1.0e3" in got.body or b"1.0e3" not in body


async def test_what_is_no_object_is_sent_as_it_is() -> None:
    assert (await sent(VERTEX, {}, b"no json")).body == b"no json"


def test_those_with_a_constant_header_pay_nothing() -> None:
    world = World(Config(providers={"work": ProviderSettings(preset="openai")}), {"OPENAI_API_KEY": "k"}, tuple)
    target = world.target(Route("work", "m"))
    assert world.endpoint(target, stream=True).sign is None
    assert dialect("openai_chat").path("m", stream=True) in world.endpoint(target, stream=True).url
