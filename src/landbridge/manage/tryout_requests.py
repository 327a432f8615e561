"""A client's name and a model -> the small request that this client would send: its path, headers and body. Pure.

Paths, headers and the form of bodies are those of CLIENTS.md; the prompt is ours and short, so that it costs little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ..wire.dialects import in_path

PROMPT = "Say hello in one short sentence."
MOST = 64
"""Tokens of the answer."""

Json = dict[str, Any]


class Sent(Struct, frozen=True):
    """What goes to the router."""

    dialect: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class _Manner(Struct, frozen=True):
    """How a client asks."""

    dialect: str
    path: str
    agent: str
    """Its User-Agent."""
    body: Callable[[str], Json]
    key: str = "authorization"
    """The header its key stands in."""
    headers: Mapping[str, str] = {}


def _anthropic(model: str) -> Json:
    asked = {"role": "user", "content": [{"type": "text", "text": PROMPT}]}
    return {"model": model, "max_tokens": MOST, "stream": True, "messages": [asked]}


def _chat(model: str) -> Json:
    asked = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": PROMPT}]
    options = {"include_usage": True}
    return {"model": model, "max_tokens": MOST, "stream": True, "stream_options": options, "messages": asked}


def _responses(model: str) -> Json:
    asked = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": PROMPT}]}
    kept: Json = {"store": False, "stream": True}
    return {"model": model, "instructions": "You are brief.", "input": [asked], "max_output_tokens": MOST, **kept}


def _gemini(model: str) -> Json:
    asked = {"role": "user", "parts": [{"text": PROMPT}]}
    return {"contents": [asked], "generationConfig": {"maxOutputTokens": MOST}}


_CHAT = "/v1/chat/completions"
_MESSAGES = {"anthropic-version": "2023-06-01"}
MANNERS: Mapping[str, _Manner] = {
    "claude": _Manner(
        "anthropic",
        "/anthropic/v1/messages?beta=true",
        "claude-cli/2.1.330 (external, cli)",
        _anthropic,
        headers={**_MESSAGES, "x-app": "cli"},
    ),
    "codex": _Manner("openai_responses", "/v1/responses", "codex_cli_rs/0.169.0", _responses),
    "gemini": _Manner(
        "gemini",
        "/gemini/v1beta/models/{model}:streamGenerateContent?alt=sse",
        "GeminiCLI/0.61.0",
        _gemini,
        key="x-goog-api-key",
    ),
    "opencode": _Manner("openai_chat", _CHAT, "opencode/1.18.33", _chat),
    "opencode anthropic": _Manner(
        "anthropic", "/anthropic/v1/messages", "opencode/1.18.33", _anthropic, key="x-api-key", headers=_MESSAGES
    ),
    "qwen": _Manner("openai_chat", _CHAT, "QwenCode/0.15.10", _chat),
    "aider": _Manner("openai_chat", _CHAT, "OpenAI/Python 1.99.1", _chat),
}
"""By `agents.clients` names; OpenCode speaks Anthropic's API where the model's provider does."""


def request_of(client: str, model: str, key: str, *, anthropic: bool = False) -> Sent:
    """What `client` would send for `model`. `anthropic`: the model's provider speaks that API."""
    manner = MANNERS.get(f"{client} anthropic" if anthropic else client) or MANNERS[client]
    return Sent(
        manner.dialect,
        in_path(manner.path, model),
        {"content-type": "application/json", "user-agent": manner.agent, **_key(manner, key), **manner.headers},
        msgspec.json.encode(manner.body(model)),
    )


def _key(manner: _Manner, key: str) -> dict[str, str]:
    return {manner.key: f"Bearer {key}" if manner.key == "authorization" else key}
