"""Bodies for providers: every setting, what each target takes of it, and what is always asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_responses.write_request import LEAST_OUTPUT, write_request
from tests.laws.strategies import requests

HI = Request("asked", (Message("user", (Text("hi"),)),))
ALWAYS = {"store": False, "include": ["reasoning.encrypted_content"]}
ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}


def write(request: Request = HI, traits: Traits | None = None, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    written = write_request(replace(request, **fields), "m", traits or Traits())
    return json.loads(written.body), [loss.path for loss in written.losses]


def body(traits: Traits | None = None, **fields: Any) -> dict[str, Any]:
    found, losses = write(traits=traits, **fields)
    assert losses == []
    return found


def test_the_least_body() -> None:
    assert body() == {"model": "m", "input": [ITEM], **ALWAYS}
    assert body(stream=True)["stream"] is True


def test_reasoning_is_asked_for_in_the_form_that_can_be_replayed() -> None:
    own = {"openai_responses": {"store": Raw(b"true"), "include": Raw(b'["message.output_text.logprobs"]')}}
    said = body(extras=own)
    assert (said["store"], said["include"]) == (True, ["message.output_text.logprobs"]), "the client said otherwise"
    assert "include" not in body(Traits(thinks="never")), "models that do not think refuse it"


def test_system_text_is_the_instructions() -> None:
    assert body(system=(Text("one"), Text(""), Text("two")))["instructions"] == "one\n\ntwo"
    billing = Text("x-anthropic-billing-header: cc_version=2; cc_entrypoint=cli;")
    assert body(system=(billing, Text("two")))["instructions"] == "two", "P77"


def test_p63_limits() -> None:
    assert body(max_tokens=500)["max_output_tokens"] == 500
    assert body(Traits(max_output=100), max_tokens=500)["max_output_tokens"] == 100
    found, losses = write(max_tokens=1)
    assert (found["max_output_tokens"], losses) == (LEAST_OUTPUT, ["max_tokens"])
    assert write(stop=("END",))[1] == ["stop"], "the API has no such field"


def test_p64_sampling() -> None:
    both = Sampling(temperature=0.5, top_p=0.9)
    found = body(sampling=both)
    assert (found["temperature"], found["top_p"]) == (0.5, 0.9)
    assert write(sampling=both, traits=Traits(sampling=()))[1] == ["sampling.temperature", "sampling.top_p"]
    found, losses = write(sampling=both, traits=Traits(one_sampling=True))
    assert "top_p" not in found and losses == ["sampling.top_p"]
    others = Sampling(top_k=5, seed=1, presence_penalty=0.1, frequency_penalty=0.1)
    assert len(write(sampling=others)[1]) == 4, "whatever the traits say: the API has none of them"


@pytest.mark.parametrize(
    ("wish", "wire"),
    [
        (Reasoning(), None),
        (Reasoning(display="auto"), {"summary": "auto"}),
        (Reasoning("on", effort="high"), {"effort": "high", "summary": "auto"}),
        (Reasoning("on", budget=2000), {"effort": "low", "summary": "auto"}),
        (Reasoning("on", effort="max", display="omitted"), {"effort": "high"}),
        (Reasoning("adaptive", effort="medium"), {"effort": "medium", "summary": "auto"}),
        (Reasoning("adaptive"), {"summary": "auto"}),
        (Reasoning("off"), None),
    ],
)
def test_p51_reasoning(wish: Reasoning, wire: object) -> None:
    assert body(reasoning=wish).get("reasoning") == wire


def test_p51_reasoning_of_targets() -> None:
    never = Traits(thinks="never")
    found, losses = write(reasoning=Reasoning("on", effort="high"), traits=never)
    assert "reasoning" not in found and losses == ["reasoning"]
    with_none = Traits(efforts=("none", "low", "high"))
    assert body(with_none, reasoning=Reasoning("off"))["reasoning"] == {"effort": "none"}
    extras = {"openai_responses": {"reasoning.summary": Raw(b'"detailed"')}}
    wish = Reasoning("on", effort="low", display="summarized")
    assert body(reasoning=wish, extras=extras)["reasoning"] == {"effort": "low", "summary": "detailed"}


def test_output_formats() -> None:
    schema = OutputFormat(Raw(b'{"z":1}'), "an answer", "d", True)
    assert body(output=schema)["text"]["format"] == {
        "type": "json_schema",
        "name": "an_answer_" + body(output=schema)["text"]["format"]["name"][-8:],
        "description": "d",
        "schema": {"z": 1},
        "strict": True,
    }
    assert body(output=OutputFormat())["text"] == {"format": {"type": "json_object"}}
    verbose = {"openai_responses": {"text.verbosity": Raw(b'"low"')}}
    assert body(extras=verbose)["text"] == {"verbosity": "low"}


@pytest.mark.parametrize(("takes", "wire"), [("object", {"format": {"type": "json_object"}}), ("none", None)])
def test_a_format_without_a_field_is_said_in_words(takes: Any, wire: object) -> None:
    found, losses = write(output=OutputFormat(Raw(b'{"z":1}')), traits=Traits(output_schema=takes))
    assert found.get("text") == wire
    assert '{"z":1}' in found["instructions"] and len(losses) == 1


def test_tools() -> None:
    found = body(tools=(Tool("Read"),), tool_choice=ToolChoice("any"))
    assert (found["tools"][0]["name"], found["tool_choice"]) == ("Read", "required")
    assert write(tools=(Tool("Read"),), traits=Traits(tools=False))[1] == ["tools"]
    assert "tools" not in body(tools=(Tool("Later", deferred=True),), tool_choice=ToolChoice("auto"))


def test_p73_who_it_is_for() -> None:
    traits = Traits(metadata_user="safety_identifier", cache_key="prompt_cache_key")
    found = body(traits, user="u" * 100)
    assert found["safety_identifier"] == found["prompt_cache_key"] and len(found["prompt_cache_key"]) == 64
    own = {"openai_responses": {"prompt_cache_key": Raw(b'"k"')}}
    assert body(traits, user="k", extras=own) == {**body(traits, user="k"), "prompt_cache_key": "k"}
    assert "prompt_cache_key" not in body(user="u")


def test_law_12_own_fields_go_back_and_foreign_ones_are_losses() -> None:
    extras = {
        "openai_responses": {"new_setting": Raw(b'{"z": 1.50}'), "service_tier": Raw(b'"flex"')},
        "anthropic": {"metadata": Raw(b"{}"), "mcp_servers": Raw(b"[]")},
    }
    written = write_request(replace(HI, extras=extras), "m", Traits())
    assert b'"new_setting":{"z": 1.50}' in written.body and b'"service_tier":"flex"' in written.body
    assert [loss.path for loss in written.losses] == ["mcp_servers"]


@given(request=requests())
def test_law_7_the_same_request_gives_the_same_bytes(request: Request) -> None:
    assert write_request(request, "m", Traits()) == write_request(request, "m", Traits())
