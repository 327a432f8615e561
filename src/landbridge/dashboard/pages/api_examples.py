"""Where each API is, and commands that ask it: for the page, and to be copied."""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.parse import quote

from ..words import N_

VARIABLE = "LANDBRIDGE_KEY"
"""The shell's variable that the commands take a key from."""
PROMPT = "Say hello in one sentence."
TOKENS = 200


class Face(NamedTuple):
    """One base URL."""

    name: str
    title: str
    listener: str
    """Whose URL it begins with."""
    ending: str
    what: str


FACES = (
    Face("anthropic", N_("Anthropic"), "router", "/anthropic", N_("Claude Code, Anthropic's SDKs")),
    Face("openai", N_("OpenAI"), "router", "/v1", N_("OpenAI's SDKs, Codex, OpenCode, Qwen Code, aider")),
    Face("gemini", N_("Gemini"), "router", "/gemini", N_("Google's SDKs, Gemini CLI")),
    Face(
        "endpoint", N_("OpenAI endpoint"), "openai", "/v1", N_("Programs that look for an OpenAI server at port 8000")
    ),
)


class Example(NamedTuple):
    """One command."""

    name: str
    title: str
    listeners: tuple[str, ...]
    """Where it can be asked; the first that is open is taken."""
    path: str
    header: str
    """Which carries the key."""


EXAMPLES = (
    Example("anthropic", N_("Anthropic Messages"), ("router",), "/anthropic/v1/messages", "x-api-key: {key}"),
    Example(
        "chat",
        N_("OpenAI Chat Completions"),
        ("openai", "router"),
        "/v1/chat/completions",
        "authorization: Bearer {key}",
    ),
    Example("responses", N_("OpenAI Responses"), ("openai", "router"), "/v1/responses", "authorization: Bearer {key}"),
    Example(
        "gemini",
        N_("Gemini"),
        ("router",),
        "/gemini/v1beta/models/{model}:generateContent",
        "x-goog-api-key: {key}",
    ),
    Example("models", N_("List of models"), ("router", "openai"), "/v1/models", "authorization: Bearer {key}"),
)


def command(example: Example, base: str, model: str, *, keyed: bool) -> str:
    """A command for a shell that asks `model` at the listener `base`; `keyed`: with the key in `LANDBRIDGE_KEY`."""
    path = example.path.replace("{model}", quote(model, safe=""))
    lines = [f"curl {_quoted(base + path)}"]
    if keyed:
        lines.append('-H "' + example.header.format(key=f"${VARIABLE}") + '"')
    if (body := _body(example.name, model)) is not None:
        lines.append("-H 'content-type: application/json'")
        lines.append(f"-d {_quoted(json.dumps(body, ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _body(name: str, model: str) -> dict[str, object] | None:
    said = [{"role": "user", "content": PROMPT}]
    bodies: dict[str, dict[str, object]] = {
        "anthropic": {"model": model, "max_tokens": TOKENS, "messages": said},
        "chat": {"model": model, "max_tokens": TOKENS, "messages": said},
        "responses": {"model": model, "max_output_tokens": TOKENS, "input": PROMPT},
        "gemini": {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]},
    }
    return bodies.get(name)


def _quoted(text: str) -> str:
    """In single quotes, in which a shell takes everything as it is."""
    return "'" + text.replace("'", "'\\''") + "'"
