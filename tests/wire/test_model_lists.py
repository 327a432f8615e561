"""Lists of models, read and written; the forms over HTTP are tested beside the gateway's own."""

from __future__ import annotations

import json

import msgspec
import pytest
from msgspec.structs import replace

from landbridge.wire.model_lists import Listed, read_ids, write_list, write_model

MODEL = Listed(
    name="lab/m",
    title="The model",
    owner="lab",
    target="lab/m",
    dialect="gemini",
    local=False,
    window=1000,
    output=None,
    tools=True,
    embeds=False,
)
OTHER = replace(MODEL, name="lab/n", embeds=True)


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "openai_responses", "gemini"])
def test_what_is_written_is_read(dialect: str) -> None:
    assert read_ids(write_list(dialect, [MODEL, OTHER, MODEL])) == ("lab/m", "lab/n")
    assert read_ids(write_list(dialect, [])) == ()


def test_what_each_dialect_tells() -> None:
    anthropic = json.loads(write_model("anthropic", MODEL))
    assert (anthropic["id"], anthropic["max_input_tokens"], anthropic["max_tokens"]) == ("lab/m", 1000, None)
    assert anthropic["landbridge"]["target"] == "lab/m"
    gemini = json.loads(write_model("gemini", MODEL))
    assert gemini["inputTokenLimit"] == 1000 and "outputTokenLimit" not in gemini, "what nobody knows is left out"
    assert "generateContent" in gemini["supportedGenerationMethods"]
    assert "generateContent" not in json.loads(write_model("gemini", OTHER))["supportedGenerationMethods"]
    assert json.loads(write_model("openai_chat", MODEL))["owned_by"] == "lab"
    page = json.loads(write_list("anthropic", [MODEL, OTHER]))
    assert (page["first_id"], page["last_id"], page["has_more"]) == ("lab/m", "lab/n", False)
    assert json.loads(write_list("anthropic", []))["first_id"] is None


@pytest.mark.parametrize("body", [b"", b"<html>", b'"a"', b'{"data":"a"}', b'{"models":[3]}', b'{"data":[{"id":3}]}'])
def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, LookupError)):
        read_ids(body)


def test_an_object_without_a_list_is_none() -> None:
    with pytest.raises(LookupError):
        read_ids(b'{"error":{}}')
