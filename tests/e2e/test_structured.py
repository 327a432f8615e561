"""Structured answers of a real local model: held to the schema by a grammar, in every client's way of asking."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer"}, "left": {"enum": ["yes"]}},
    "required": ["name", "age", "left"],
    "additionalProperties": False,
}
NOWHERE: dict[str, Any] = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}
ASKED: dict[str, Any] = {
    "model": "smollm2",
    "max_tokens": 80,
    "temperature": 0,
    "messages": [{"role": "user", "content": "A person."}],
}
WAYS: dict[str, Any] = {
    "/v1/messages": lambda schema: {"output_config": {"format": {"type": "json_schema", "schema": schema}}},
    "/v1/messages?older": lambda schema: {"output_format": {"type": "json_schema", "schema": schema}},
    "/v1/chat/completions": lambda schema: {
        "response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    },
}


@pytest.fixture
async def served(tmp_path: Path, models: Path) -> AsyncIterator[Served]:
    """A landbridge with the local model."""
    async with Served(tmp_path / "served", "[models.smollm2]\nthreads = 1\n", models=models) as served:
        yield served


async def ask(served: Served, path: str, fields: dict[str, Any]) -> str:
    """What the model says."""
    status, body = await served.post(path, {**ASKED, **fields})
    assert status == 200, body
    text: str = body["content"][0]["text"] if "content" in body else body["choices"][0]["message"]["content"]
    return text


async def test_a_local_model_is_held_to_a_schema(served: Served) -> None:
    for path, field in WAYS.items():
        person = json.loads(await ask(served, path, field(PERSON)))
        assert set(person) == {"name", "age", "left"}
        assert isinstance(person["age"], int) and person["left"] == "yes"
    anything = await ask(served, "/v1/chat/completions", {"response_format": {"type": "json_object"}})
    assert anything.lstrip().startswith("{"), "without an end it has more to say than it may"


async def test_p36_a_schema_that_makes_no_grammar_costs_the_grammar_only(served: Served) -> None:
    for path, field in WAYS.items():
        assert await ask(served, path, {**field(NOWHERE), "max_tokens": 8})
    assert served.log.count("goes on without a grammar") == len(WAYS)
    assert "cannot resolve $ref" in served.log
