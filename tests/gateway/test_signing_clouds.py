"""Clients of two dialects at Claude on Vertex, through the whole gateway: token, path, body as Google wants them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.provider import JSON, SSE, Answer, Provider, Received, anthropic_stream, anthropic_whole
from tests.fakes.running import Running
from tests.providers.test_sign_google import SERVICE

pytestmark = [pytest.mark.anyio, pytest.mark.io]

MODEL = "claude-sonnet-4-5@20250929"
MESSAGES = [{"role": "user", "content": "Hi"}]


class Vertex(Provider):
    """Gives tokens, and answers who brings one."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0

    def answer(self, request: Received) -> Answer:
        if request.path == "/token":
            self.tokens += 1
            return Answer(headers=JSON, body=b'{"access_token":"ya29.test","expires_in":3599}')
        self.requests.append(request)
        if request.headers.get("authorization") != "Bearer ya29.test":
            return Answer(status=401, headers=JSON, body=b'{"error":{"message":"no token","status":"UNAUTHENTICATED"}}')
        body = json.loads(request.body)
        if "model" in body or body.get("anthropic_version") != "vertex-2023-10-16":
            return Answer(status=400, headers=JSON, body=b'{"error":{"message":"bad form"}}')
        if request.path.endswith(f"/models/{MODEL}:streamRawPredict"):
            return Answer(headers=SSE, body=anthropic_stream(text="안녕"), stream=True)
        if request.path.endswith(f"/models/{MODEL}:rawPredict"):
            return Answer(headers=JSON, body=anthropic_whole(text="안녕"))
        return Answer(status=404)


def settings(vertex: Vertex) -> str:
    return f"""
        [providers.cloud]
        preset = "vertex-anthropic"
        base_url = "{vertex.url}/v1/projects/{{project}}/locations/{{region}}/publishers/anthropic"
        place = {{ project = "p" }}
        api_key = "${{SA}}"
    """


def credentials(vertex: Vertex) -> dict[str, str]:
    return {"SA": json.dumps({**SERVICE, "token_uri": f"{vertex.url}/token"})}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "way"), [("/anthropic/v1/messages", "passthrough"), ("/v1/chat/completions", "converted")]
)
async def test_every_client_reaches_it(tmp_path: Path, path: str, way: str, stream: bool) -> None:
    async with Vertex() as vertex, Running(tmp_path, settings(vertex), env=credentials(vertex)) as gateway:
        body = {"model": f"cloud/{MODEL}", "max_tokens": 5, "messages": MESSAGES, "stream": stream}
        replies = [await gateway.post(path, body) for _ in range(2)]
        for reply in replies:
            assert (reply.status, reply.headers["x-landbridge-path"]) == (200, way), reply.body
            assert "안녕" in reply.body.decode()
        assert vertex.tokens == 1, "one token serves both"
        assert vertex.requests[0].path.startswith("/v1/projects/p/locations/global/publishers/anthropic/models/")


async def test_it_is_not_asked_for_a_list_and_takes_any_name(tmp_path: Path) -> None:
    async with Vertex() as vertex, Running(tmp_path, settings(vertex), env=credentials(vertex)) as gateway:
        listed = await gateway.get("/v1/models")
        assert listed.status == 200
        assert vertex.requests == [] and vertex.tokens == 0


async def test_credentials_that_google_refuses_are_said_to_the_client(tmp_path: Path) -> None:
    class Refusing(Vertex):
        def answer(self, request: Received) -> Answer:
            return Answer(status=400, headers=JSON, body=b'{"error":"invalid_grant","error_description":"Invalid JWT"}')

    async with Refusing() as vertex, Running(tmp_path, settings(vertex), env=credentials(vertex)) as gateway:
        body = {"model": f"cloud/{MODEL}", "max_tokens": 5, "messages": MESSAGES}
        reply = await gateway.post("/anthropic/v1/messages", body)
    assert reply.status == 403
    assert "Google gives no access token: invalid_grant: Invalid JWT." in reply.body.decode()
    assert b"PRIVATE KEY" not in reply.body
