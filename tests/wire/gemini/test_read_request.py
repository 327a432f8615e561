"""Bodies of requests."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling
from landbridge.wire.gemini.read_request import read_request

HI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def read(**more: object) -> Request:
    return read_request(json.dumps({**HI, **more}).encode())


def config(**fields: object) -> Request:
    return read(generationConfig=fields)


def test_the_least_there_can_be() -> None:
    assert read() == Request("", (Message("user", (Text("Hi"),)),))
    assert read_request(b'{"contents":{"parts":{"text":"Hi"}}}') == read() == read_request(b'{"contents":"Hi"}')


@pytest.mark.parametrize(
    "instruction",
    [
        "Be good.",
        {"text": "Be good."},
        {"parts": [{"text": "Be good."}]},
        {"role": "user", "parts": {"text": "Be good."}},
        [{"text": "Be good."}],
    ],
)
@pytest.mark.parametrize("name", ["systemInstruction", "system_instruction"])
def test_system_instructions(name: str, instruction: object) -> None:
    assert read(**{name: instruction}).system == (Text("Be good."),)


def test_a_system_instruction_that_is_no_text_stays() -> None:
    request = read(systemInstruction={"parts": [{"text": "a"}, {"fileData": {"fileUri": "x"}}]})
    assert request.system == (Text("a"),) and list(request.extras["gemini"]) == ["systemInstruction[1]"]


def test_numbers() -> None:
    request = config(temperature=1, topP=0.5, top_k=40.0, seed=7, presencePenalty=0.1, frequency_penalty=-1)
    assert request.sampling == Sampling(1, 0.5, 40, 7, 0.1, -1)
    assert config(maxOutputTokens=9, stopSequences=["a", "b"], candidateCount=1).max_tokens == 9
    assert config(stop_sequences=["a", "b"]).stop == ("a", "b")


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({}, Reasoning()),
        ({"includeThoughts": False}, Reasoning()),
        ({"includeThoughts": True}, Reasoning("adaptive", display="summarized")),
        ({"thinkingBudget": 0, "includeThoughts": True}, Reasoning("off")),
        ({"thinkingBudget": -1}, Reasoning("adaptive", display="omitted")),
        ({"thinking_budget": 100, "include_thoughts": True}, Reasoning("on", 100, display="summarized")),
        ({"thinkingLevel": "HIGH"}, Reasoning("adaptive", effort="high", display="omitted")),
        ({"thinkingLevel": "low", "includeThoughts": True}, Reasoning("adaptive", effort="low", display="summarized")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
    ],
)
def test_thinking(wish: dict[str, object], found: Reasoning) -> None:
    assert config(thinkingConfig=wish).reasoning == found


def test_output_formats() -> None:
    schema = {"type": "object", "x": 1}
    assert config().output is None and config(responseMimeType="text/plain").output is None
    assert config(responseMimeType="application/json").output == OutputFormat()
    given = config(responseMimeType="application/json", response_json_schema=schema).output
    assert given == OutputFormat(Raw(json.dumps(schema).encode()))
    older = config(responseMimeType="application/json", responseSchema={"type": "STRING"}).output
    assert older == OutputFormat(Raw(b'{"type":"string"}'))


def test_another_format_stays_where_it_is() -> None:
    request = config(responseMimeType="text/x.enum", responseSchema={"type": "STRING", "enum": ["a"]})
    assert request.output is None
    assert list(request.extras["gemini"]) == ["generationConfig.responseMimeType", "generationConfig.responseSchema"]


def test_p45_what_nobody_knows_stays() -> None:
    request = read(
        safetySettings=[{"category": "X"}],
        labels={"a": "b"},
        new_field=1,
        generationConfig={"speechConfig": {}, "x_y": 2},
    )
    assert {name: json.loads(bytes(raw)) for name, raw in request.extras["gemini"].items()} == {
        "safetySettings": [{"category": "X"}],
        "labels": {"a": "b"},
        "new_field": 1,
        "generationConfig.speechConfig": {},
        "generationConfig.x_y": 2,
    }


def test_p75_count_tokens_may_wrap_a_request() -> None:
    inner = {**HI, "model": "models/gemini-3-pro", "systemInstruction": "Be good.", "tools": [{"googleSearch": {}}]}
    request = read_request(json.dumps({"generateContentRequest": inner}).encode())
    assert request.model == "gemini-3-pro" and request.system == (Text("Be good."),) and len(request.tools) == 1
    assert read_request(json.dumps({"generate_content_request": inner}).encode()) == request


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"[]", "not an object"),
        (b"\xff", "UTF-8"),
        (b"{}", "contents is missing"),
        (b'{"contents":[]}', "contents is empty"),
        (b'{"contents":[1]}', r"contents\[0\]: Expected"),
        (b'{"generateContentRequest":{}}', "contents is missing"),
        (b'{"contents":"a","generationConfig":{"candidateCount":2}}', "candidateCount"),
        (b'{"contents":"a","generationConfig":{"topK":"x"}}', r"generationConfig\.topK"),
        (b'{"contents":"a","generationConfig":{"stopSequences":"x"}}', r"generationConfig\.stopSequences"),
        (b'{"contents":"a","generationConfig":[]}', "generationConfig: Expected"),
        (b'{"contents":"a","model":1}', "model: Expected"),
        (b'{"contents":"a","systemInstruction":5}', r"systemInstruction\[0\]: Expected"),
        (b'{"contents":"' + b"\\ud83d" + b'"}', "not valid JSON"),
        (b'{"contents":' + b"[" * 9999, "nested|valid"),
    ],
)
def test_what_is_wrong_is_said(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_request(body)
