"""What was said in one exchange, for tests: a client of Anthropic's on a target that speaks Chat Completions."""

from __future__ import annotations

import json
from typing import Any

from landbridge.store.bodies import Bodies, Round
from tests.fakes.answers import Tokens, anthropic_whole, chat_stream

ASKED = {
    "model": "claude-x",
    "max_tokens": 64,
    "system": "Be very brief.",
    "messages": [{"role": "user", "content": "Hello there"}],
    "top_k": 5,
}
SENT = {
    "model": "m",
    "max_completion_tokens": 64,
    "messages": [{"role": "system", "content": "Be very brief."}, {"role": "user", "content": "Hello there"}],
}


def converted(**fields: Any) -> Bodies:
    stream = chat_stream("Hi!", usage=Tokens(10, 3))
    known: dict[str, Any] = {
        "dialect": "anthropic",
        "headers": {"user-agent": "claude-cli/2"},
        "request": json.dumps(ASKED).encode(),
        "rounds": [Round("http://127.0.0.1:9/v1/chat/completions", json.dumps(SENT).encode(), 200, stream)],
        "status": 200,
        "answer": anthropic_whole("Hi!", usage=Tokens(10, 3), model="claude-x"),
    }
    return Bodies(**{**known, **fields})
