"""Bodies of requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling
from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.write_request import write_request

COMPLETE = Traits()
HI = (Message("user", (Text("Hi"),)),)


def write(traits: Traits = COMPLETE, **more: Any) -> tuple[Any, list[str]]:
    written = write_request(Request("asked", HI, **more), "target", traits)
    return json.loads(written.body), [loss.path for loss in written.losses]


def config(traits: Traits = COMPLETE, **more: Any) -> tuple[Any, list[str]]:
    body, losses = write(traits, **more)
    return body.get("generationConfig"), losses


def test_the_least_there_can_be() -> None:
    assert write() == ({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}, [])


def test_p77_the_system_text_without_the_attribution() -> None:
    system = (Text("x-anthropic-billing-header: a;\nYou are good."), Text(""), Text("So."))
    assert write(system=system)[0]["systemInstruction"] == {"parts": [{"text": "You are good."}, {"text": "So."}]}
    assert "systemInstruction" not in write(system=(Text(""),))[0]


def test_numbers() -> None:
    wish = Sampling(0.5, 0.9, 40, 7, 0.1, -0.1)
    assert config(sampling=wish) == (
        {
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 40,
            "seed": 7,
            "presencePenalty": 0.1,
            "frequencyPenalty": -0.1,
        },
        [],
    )
    assert config(Traits(sampling=()), sampling=Sampling(1.0, top_k=4)) == (
        None,
        ["sampling.temperature", "sampling.top_k"],
    )
    one = Traits(one_sampling=True)
    assert config(one, sampling=Sampling(1.0, 0.5)) == ({"temperature": 1.0}, ["sampling.top_p"])
    assert config(one, sampling=Sampling(top_p=0.5)) == ({"topP": 0.5}, [])


def test_p63_p64_limits() -> None:
    assert config(max_tokens=100)[0] == {"maxOutputTokens": 100}
    assert config(Traits(max_output=50), max_tokens=100)[0] == {"maxOutputTokens": 50}
    assert config(stop=tuple("abcdef"), traits=Traits(max_stop=5)) == ({"stopSequences": list("abcde")}, ["stop"])
    assert config(stop=("a",), traits=Traits(stop_field=False)) == (None, ["stop"])


@pytest.mark.parametrize(
    ("wish", "thinking"),
    [
        (Reasoning(), None),
        (Reasoning(effort="low"), {"thinkingLevel": "LOW"}),
        (Reasoning("off"), {"thinkingBudget": 0}),
        (Reasoning("on", 2048), {"thinkingBudget": 2048, "includeThoughts": True}),
        (Reasoning("on", 2048, display="omitted"), {"thinkingBudget": 2048}),
        (Reasoning("adaptive"), {"thinkingBudget": -1, "includeThoughts": True}),
        (Reasoning("adaptive", effort="high"), {"thinkingLevel": "HIGH", "includeThoughts": True}),
    ],
)
def test_thinking_by_tokens_or_by_a_word(wish: Reasoning, thinking: object) -> None:
    assert (config(reasoning=wish)[0] or {}).get("thinkingConfig") == thinking


def test_p51_models_of_one_kind_only() -> None:
    budgets = Traits(budgets=(128, 24_576), efforts=())
    assert config(budgets, reasoning=Reasoning("on", 64))[0]["thinkingConfig"]["thinkingBudget"] == 128
    effort = config(budgets, reasoning=Reasoning("adaptive", effort="low"))[0]["thinkingConfig"]
    assert "thinkingLevel" not in effort and effort["thinkingBudget"] > 0
    levels = Traits(budgets=None, efforts=("low", "high"), thinks="always")
    assert config(levels, reasoning=Reasoning("on", 30_000))[0]["thinkingConfig"] == {
        "thinkingLevel": "HIGH",
        "includeThoughts": True,
    }
    assert config(levels, reasoning=Reasoning("off")) == ({"thinkingConfig": {"thinkingLevel": "LOW"}}, ["reasoning"])
    assert config(levels, reasoning=Reasoning("adaptive"))[0] == {"thinkingConfig": {"includeThoughts": True}}
    assert config(Traits(thinks="never"), reasoning=Reasoning("on", 99)) == (None, ["reasoning"])


def test_p39_thinking_stays_below_the_longest_answer() -> None:
    assert config(reasoning=Reasoning("on", 9000), max_tokens=4000)[0]["thinkingConfig"]["thinkingBudget"] == 3999


def test_output_formats() -> None:
    schema = Raw(b'{"type":"object","properties":{"a":{"const":"x"}},"additionalProperties":false}')
    json_only = {"responseMimeType": "application/json"}
    assert config(output=OutputFormat()) == (json_only, [])
    assert config(output=OutputFormat(schema)) == ({**json_only, "responseJsonSchema": json.loads(bytes(schema))}, [])
    older = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"]}}}
    assert config(Traits(schema="openapi"), output=OutputFormat(schema)) == ({**json_only, "responseSchema": older}, [])
    assert config(Traits(output_schema="object"), output=OutputFormat(schema)) == (json_only, ["output.schema"])
    assert config(Traits(output_schema="none"), output=OutputFormat(schema)) == (None, ["output"])
    lossy = OutputFormat(Raw(b'{"type":"integer","multipleOf":2}'))
    assert config(Traits(schema="openapi"), output=lossy)[1] == ["output.schema.multipleOf"]


def test_its_own_fields_go_back_and_others_are_lost() -> None:
    own = {
        "safetySettings": Raw(b"[1]"),
        "generationConfig.speechConfig": Raw(b"{}"),
        "generationConfig.temperature": Raw(b"9"),
        "systemInstruction[1]": Raw(b"{}"),
    }
    others = {
        "anthropic": {"context_management": Raw(b"{}"), "new": Raw(b"1")},
        "openai_chat": {"logit_bias": Raw(b"{}")},
    }
    body, losses = write(extras={"gemini": own, **others}, sampling=Sampling(0.5))
    assert body["safetySettings"] == [1]
    assert body["generationConfig"] == {"temperature": 0.5, "speechConfig": {}}
    assert "systemInstruction[1]" not in body and losses == ["new", "logit_bias"]
