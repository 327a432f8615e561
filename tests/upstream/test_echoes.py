"""No error answer repeats the credential it was asked with."""

from __future__ import annotations

import json

import pytest

from landbridge.upstream.client import Client, Endpoint
from landbridge.upstream.echoes import without_keys
from tests.fakes.provider import Answer, Provider

KEY = 'sk-planted-"0123\\456'
ENDPOINT = Endpoint(
    url="https://h.example/v1?key=in-the-query&alt=sse&x-token=tok%2Fen-1",
    headers={
        "Authorization": f"Bearer {KEY}",
        "x-team": "team-secret",
        "anthropic-version": "2023-06-01",
        "x-s": "abc",
    },
)


@pytest.mark.parametrize(
    "said",
    [f"no key {KEY}!", json.dumps({"error": f"no {KEY}"}), "Bearer " + KEY, "in-the-query", "tok/en-1", "tok%2Fen-1"],
)
def test_what_opens_the_endpoint_is_masked(said: str) -> None:
    body = without_keys(said.encode(), ENDPOINT).decode()
    assert "***" in body
    for secret in (KEY, json.dumps(KEY)[1:-1], "in-the-query", "tok/en-1", "tok%2Fen-1"):
        assert secret not in body


def test_an_endpoint_does_not_show_what_opens_it() -> None:
    assert repr(ENDPOINT) == "Endpoint('', 'h.example:443')"


def test_everything_else_stays_as_it_is() -> None:
    said = b"version 2023-06-01 sse abc: key team-secrets"
    assert without_keys(said, ENDPOINT) == b"version 2023-06-01 sse abc: key ***s"
    assert without_keys(b"", ENDPOINT) == b""
    assert without_keys(b"\xff\x00 Bearer", ENDPOINT) == b"\xff\x00 Bearer"


@pytest.mark.io
@pytest.mark.anyio
async def test_errors_are_read_so_and_answers_as_they_are() -> None:
    answers = iter([Answer(status=401, text="bad key planted-key"), Answer(text="planted-key")])
    async with Provider(lambda request: next(answers)) as provider:
        client = Client()
        await client.start()
        endpoint = Endpoint(url=provider.base_url("openai_chat") + "/x", headers={"x-api-key": "planted-key"})
        said = []
        for _ in range(2):
            answer = await client.post(endpoint, b"{}", {})
            said.append(await answer.read(1000))
            await answer.close()
        await client.close()
    assert said == [b"bad key ***", b"planted-key"]
