"""What the two halves of `docs/support.md` share: the words of the cells, and what probes are made of."""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Tool
from landbridge.neutral.traits import Traits

NAMES = {
    "anthropic": "Anthropic",
    "openai_chat": "OpenAI chat",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
}

NONE, YES, CHANGED, HERE, WORDS = "·", "yes", "changed", "run here", "in words"
LEFT, LOSS, SILENT = "left out", "loss", "silent"
"""What becomes of a feature; nothing may be `SILENT`."""

_OPENAI = Traits(
    budgets=None,
    efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
    effort="reasoning_effort",
    reasoning_back="reasoning_content",
    cache_key="prompt_cache_key",
)
TRAITS = {"anthropic": Traits(), "openai_chat": _OPENAI, "openai_responses": _OPENAI, "gemini": Traits()}
"""Targets that take all that their dialect has."""
SAYS = TRAITS | {
    "openai_chat": replace(_OPENAI, metadata_user="user", cache_key="", sampling=(*_OPENAI.sampling, "top_k"))
}
"""What probes are written with in the client's dialect: all that some client says."""

MARK = "Ulleungdo"
"""A word that nothing but a probe says."""
SCHEMA = Raw(b'{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}')
ARGS = Raw(b'{"b": 1.50,  "a":["x"]}')
HI = Message("user", (Text("Hi"),))
READ = Tool("Read", "Reads", SCHEMA)


def same_json(left: bytes, right: bytes) -> bool:
    """Whether both are the same JSON value."""
    return bool(msgspec.json.decode(left) == msgspec.json.decode(right))
