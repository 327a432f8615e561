"""Each client's small request is one that its API takes, at the path and with the key in the header it uses."""

from __future__ import annotations

import msgspec
import pytest

from landbridge.agents.clients import CLIENTS
from landbridge.manage.tryout_requests import PROMPT, request_of
from landbridge.wire.dialects import dialect


@pytest.mark.parametrize("client", CLIENTS)
def test_the_gateway_reads_it(client: str) -> None:
    sent = request_of(client, "lab/m", "lb-x")
    if sent.dialect != "gemini":  # which names the model in the path
        assert msgspec.json.decode(sent.body)["model"] == "lab/m"
        assert msgspec.json.decode(sent.body)["stream"] is True
    request = dialect(sent.dialect).read_request(sent.body)
    assert PROMPT in str(request)
    assert request.max_tokens == 64
    assert sent.path.startswith(CLIENTS[client].path)


@pytest.mark.parametrize(
    ("client", "path", "key"),
    [
        ("claude", "/anthropic/v1/messages?beta=true", ("authorization", "Bearer lb-x")),
        ("codex", "/v1/responses", ("authorization", "Bearer lb-x")),
        ("gemini", "/gemini/v1beta/models/a%2Fm:streamGenerateContent?alt=sse", ("x-goog-api-key", "lb-x")),
        ("qwen", "/v1/chat/completions", ("authorization", "Bearer lb-x")),
    ],
)
def test_where_it_goes(client: str, path: str, key: tuple[str, str]) -> None:
    sent = request_of(client, "a/m", "lb-x")
    assert sent.path == path
    assert key in sent.headers.items()


def test_open_code_speaks_anthropic_s_api_where_the_provider_does() -> None:
    assert request_of("opencode", "m", "k").dialect == "openai_chat"
    sent = request_of("opencode", "m", "k", anthropic=True)
    assert (sent.dialect, sent.headers["x-api-key"]) == ("anthropic", "k")
    assert request_of("codex", "m", "k", anthropic=True).dialect == "openai_responses"
