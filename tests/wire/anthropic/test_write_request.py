"""The body for a Messages provider: byte-stable, in the form the API takes, losses reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import (
    Document,
    Image,
    Message,
    Opaque,
    Text,
    Thinking,
    ToolCall,
    ToolReference,
    ToolResult,
)
from landbridge.neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.write_request import DEFAULT_MAX_TOKENS, EMPTY_TURN, write_request

PLAIN = Traits()
HI = Request("asked", (Message("user", (Text("hi"),)),), max_tokens=100)
MARK = Raw(b'{"type":"ephemeral"}')
READ = Tool("Read", "Reads.", Raw(b'{"type": "object", "$schema": "x"}'), cache=MARK)
FETCH = Tool("WebFetch", schema=Raw(b"{}"), deferred=True)
SIGNED = Thinking("Hm.", signature="c2ln", origin="anthropic")


def write(request: Request = HI, traits: Traits = PLAIN, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(write_request(replace(request, **fields), "target", traits).body)
    return body


def losses(traits: Traits = PLAIN, **fields: Any) -> list[str]:
    return [loss.path for loss in write_request(replace(HI, **fields), "target", traits).losses]


def history(*parts: Any, then: Any = None) -> tuple[Message, ...]:
    turns = (*HI.messages, Message("assistant", parts))
    return turns if then is None else (*turns, Message("user", (then,)))


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def test_the_least_request() -> None:
    assert write() == {
        "model": "target",
        "messages": [{"role": "user", "content": [text("hi")]}],
        "max_tokens": 100,
    }


def test_everything_together() -> None:
    request = Request(
        "asked",
        HI.messages,
        system=(Text("Be brief.", cache=MARK), Text("")),
        tools=(READ,),
        tool_choice=ToolChoice("auto", parallel=False),
        sampling=Sampling(temperature=1, top_p=0.95),
        max_tokens=5000,
        stop=("END",),
        reasoning=Reasoning("adaptive", effort="high", display="omitted"),
        output=OutputFormat(Raw(b'{"type":"object"}'), name="answer"),
        stream=True,
        user="u",
        extras={"anthropic": {"context_management": Raw(b'{"edits":[{"type":"clear_thinking_20251015"}]}')}},
    )
    written = write_request(request, "target", PLAIN)
    assert written.losses == ()
    assert json.loads(written.body) == {
        "model": "target",
        "messages": [{"role": "user", "content": [text("hi")]}],
        "system": [{**text("Be brief."), "cache_control": {"type": "ephemeral"}}],
        "tools": [
            {
                "name": "Read",
                "description": "Reads.",
                "input_schema": {"type": "object", "$schema": "x"},
                "cache_control": {"type": "ephemeral"},
            }
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "metadata": {"user_id": "u"},
        "max_tokens": 5000,
        "thinking": {"type": "adaptive", "display": "omitted"},
        "temperature": 1,
        "top_p": 0.95,
        "stop_sequences": ["END"],
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
        "stream": True,
    }


def test_p80_schemas_go_byte_for_byte() -> None:
    body = write_request(replace(HI, tools=(READ,)), "m", PLAIN).body
    assert b'"input_schema":{"type": "object", "$schema": "x"}' in body


def test_fields_of_another_dialects_tool_stay_out() -> None:
    foreign = Tool("apply_patch", extras={"format": Raw(b"{}")}, dialect="openai_responses")
    assert write(tools=(foreign,))["tools"][0].keys() == {"name", "input_schema"}


def test_deferred_tools_and_references_stay_what_they_are() -> None:
    found = ToolResult("a", (ToolReference("WebFetch"),))
    own = Tool("Edit", extras={"eager_input_streaming": Raw(b"true")}, strict=True)
    messages = history(ToolCall("a", "ToolSearch"), then=found)
    body = write(messages=messages, tools=(FETCH, READ, own))
    assert [tool.get("defer_loading") for tool in body["tools"]] == [True, None, None]
    assert body["tools"][2] == {
        "name": "Edit",
        "input_schema": {"type": "object", "properties": {}},
        "strict": True,
        "eager_input_streaming": True,
    }
    assert body["messages"][2]["content"][0]["content"] == [{"type": "tool_reference", "tool_name": "WebFetch"}]


def test_hosted_tools_stay_in_their_dialect() -> None:
    ours = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b'{"type":"web_search_20250305"}'))
    theirs = HostedTool("openai_chat", "custom", "", Raw(b"{}"))
    assert write(tools=(theirs, ours))["tools"] == [{"type": "web_search_20250305"}]
    written = write_request(replace(HI, tools=(theirs,), tool_choice=ToolChoice("any")), "m", PLAIN)
    assert [(loss.path, loss.why) for loss in written.losses] == [("tools[0]", "'custom' is run by openai_chat itself")]
    assert not {"tools", "tool_choice"} & set(json.loads(written.body)), "no choice among no tools"


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (ToolChoice("auto"), {"type": "auto"}),
        (ToolChoice("auto", parallel=True), {"type": "auto", "disable_parallel_tool_use": False}),
        (ToolChoice("any", parallel=False), {"type": "any", "disable_parallel_tool_use": True}),
        (ToolChoice("none", parallel=False), {"type": "none"}),
        (ToolChoice("named", "Read"), {"type": "tool", "name": "Read"}),
        (ToolChoice("named", "Read", False), {"type": "tool", "name": "Read", "disable_parallel_tool_use": True}),
    ],
)
def test_p60_every_tool_choice(choice: ToolChoice, wire: dict[str, Any]) -> None:
    assert write(tools=(READ,), tool_choice=choice)["tool_choice"] == wire


@pytest.mark.parametrize(
    ("asked", "most", "written"),
    [(None, None, DEFAULT_MAX_TOKENS), (None, 8192, 8192), (32_000, 8192, 8192), (100, 8192, 100), (100, None, 100)],
)
def test_p63_max_tokens_is_there_and_within_the_models_cap(asked: int | None, most: int | None, written: int) -> None:
    assert write(max_tokens=asked, traits=Traits(max_output=most))["max_tokens"] == written


def test_p42_p43_system_turns_stay_where_they_are() -> None:
    note = Message("system", (Text("9 left"),))
    messages = (*history(ToolCall("a", "f")), note, Message("user", (ToolResult("a"),)), note)
    body = write(messages=messages)
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user", "system", "system"]
    assert "system" not in body


@pytest.mark.parametrize("traits", [Traits(system_turns="fold"), Traits(alternate=True)])
def test_p42_system_turns_are_folded_for_who_takes_none(traits: Traits) -> None:
    body = write(messages=(*HI.messages, Message("system", (Text("note"),))), traits=traits)
    assert body["messages"] == [{"role": "user", "content": [text("hi"), text("note")]}]


def test_p44_an_emptied_turn_is_replaced() -> None:
    messages = (*history(Thinking("Hm."), Text(" "), then=Text("go on")),)
    body = write(messages=messages)
    assert body["messages"][1] == {"role": "assistant", "content": [text(EMPTY_TURN)]}
    assert losses(messages=messages) == ["messages[1].parts[0]"]


def test_a_turn_does_not_end_in_thinking() -> None:
    hidden = Thinking(signature="x", redacted=True, origin="anthropic")
    for thought in (SIGNED, hidden):
        content = write(messages=history(Text("So."), thought, then=Text("go on")))["messages"][1]["content"]
        assert [block["type"] for block in content][2:] == ["text"]
    opaque = Opaque("anthropic", "thinking_of_tomorrow", Raw(b'{"type":"thinking_of_tomorrow"}'))
    assert len(write(messages=history(opaque))["messages"][1]["content"]) == 1


def test_p55_thinking_of_others_goes_and_is_reported_where_it_stood() -> None:
    foreign = Thinking("Hm.", signature="x", origin="gemini")
    messages = (Message("user", (Text("a"),)), *history(Text("So."), foreign, SIGNED, Text("b")))
    assert losses(messages=messages) == ["messages[2].parts[1]"]
    assert [block["type"] for block in write(messages=messages)["messages"][1]["content"]] == [
        "text",
        "thinking",
        "text",
    ]


def test_p56_a_history_without_thinking_turns_it_off() -> None:
    messages = history(ToolCall("a", "f"), then=ToolResult("a"))
    fields: dict[str, Any] = {"messages": messages, "max_tokens": 9000}
    body = write(**fields, reasoning=Reasoning("on", budget=2048), sampling=Sampling(temperature=0.5))
    assert "thinking" not in body and body["temperature"] == 0.5
    assert write(**fields, reasoning=Reasoning("adaptive"))["thinking"] == {"type": "adaptive"}


def test_p48_edits_that_clear_thinking_go_with_it() -> None:
    edits = Raw(b'{"edits":[{"type":"clear_thinking_20251015"},{"type":"clear_tool_uses_20250919"}]}')
    only = Raw(b'{"edits":[{"type":"clear_thinking_20251015"}]}')
    extras = {"anthropic": {"context_management": edits}}
    for reasoning in (Reasoning("off"), Reasoning(), Reasoning("on", budget=1)):
        body = write(reasoning=reasoning, extras=extras)
        assert body["context_management"] == {"edits": [{"type": "clear_tool_uses_20250919"}]}
        assert "extras.anthropic.context_management" in losses(reasoning=reasoning, extras=extras)
        assert "context_management" not in write(
            reasoning=reasoning, extras={"anthropic": {"context_management": only}}
        )
    body = write(reasoning=Reasoning("adaptive"), extras=extras)
    assert body["context_management"] == json.loads(bytes(edits))
    assert losses(reasoning=Reasoning("adaptive"), extras=extras) == []
    tools_only = {"anthropic": {"context_management": Raw(b'{"edits":[{"type":"clear_tool_uses_20250919"}]}')}}
    assert losses(extras=tools_only) == [], "what clears no thinking needs none"


@pytest.mark.parametrize(
    ("reasoning", "effort"),
    [
        (Reasoning("adaptive", effort="max"), "max"),
        (Reasoning(effort="minimal"), "low"),
        (Reasoning("on", budget=1024, effort="high"), "high"),
        (Reasoning("off", effort="max"), "high"),
        (Reasoning(), None),
    ],
)
def test_effort(reasoning: Reasoning, effort: str | None) -> None:
    traits = Traits(efforts=("minimal", "low", "medium", "high", "xhigh", "max"))
    assert write(reasoning=reasoning, traits=traits).get("output_config", {}).get("effort") == effort
    assert "output_config" not in write(reasoning=reasoning, traits=Traits(efforts=()))


def test_p39_thinking_leaves_room_and_its_end_is_told() -> None:
    budgets = Traits(adaptive=False, efforts=())
    wish = Reasoning("on", effort="high")
    assert write(reasoning=wish, max_tokens=8000, traits=budgets)["thinking"]["budget_tokens"] == 4000
    assert "thinking" not in write(reasoning=wish, max_tokens=1500, traits=budgets)
    assert losses(budgets, reasoning=wish, max_tokens=1500) == ["reasoning"]


def test_p64_a_model_that_always_thinks_takes_few_numbers_even_unasked() -> None:
    always = Traits(thinks="always", budgets=None)
    body = write(traits=always, reasoning=Reasoning("off"), sampling=Sampling(temperature=0.5))
    assert "thinking" not in body and "temperature" not in body
    assert losses(always, reasoning=Reasoning("off"), sampling=Sampling(temperature=0.5)) == [
        "reasoning",
        "sampling.temperature",
    ]


def test_p60_a_model_that_cannot_be_made_to_call_a_tool_may() -> None:
    free = Traits(forced_tools=False)
    for choice in (ToolChoice("any"), ToolChoice("named", "Read"), ToolChoice("any", parallel=False)):
        body = write(traits=free, tools=(READ,), tool_choice=choice)["tool_choice"]
        assert body.pop("disable_parallel_tool_use", None) is (None if choice.parallel is None else True)
        assert body == {"type": "auto"}
        assert losses(free, tools=(READ,), tool_choice=choice) == ["tool_choice"]
    for choice in (ToolChoice("auto"), ToolChoice("none")):
        assert write(traits=free, tools=(READ,), tool_choice=choice)["tool_choice"] == {"type": choice.mode}
        assert losses(free, tools=(READ,), tool_choice=choice) == []


def test_structured_output() -> None:
    schema = OutputFormat(Raw(b'{"type":"object"}'))
    body = write(output=schema)
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    assert "system" not in body
    body = write(output=OutputFormat())
    assert "output_config" not in body and "JSON" in body["system"][0]["text"]
    assert losses(output=OutputFormat()) == ["output"]
    for kind in ("object", "none"):
        traits = Traits(output_schema=kind)
        body = write(output=schema, traits=traits, system=(Text("Be brief."),))
        assert "output_config" not in body
        assert body["system"][0] == text("Be brief.")
        assert body["system"][1]["text"].endswith('{"type":"object"}')
        assert losses(traits, output=schema) == ["output"]


def test_stop_sequences() -> None:
    assert write(stop=("a", " ", "b"))["stop_sequences"] == ["a", "b"]
    assert losses(stop=("a", "\n")) == ["stop"]
    assert "stop_sequences" not in write(stop=(" ",))
    assert "stop_sequences" not in write(stop=("a",), traits=Traits(stop_field=False))
    assert losses(Traits(stop_field=False), stop=("a",)) == ["stop"]


def test_p45_law_12_fields_of_the_dialect_go_back_and_others_are_lost() -> None:
    extras = {
        "anthropic": {
            "new": Raw(b'{"b": 1.50}'),
            "metadata": Raw(b'{"user_id":"u","team":5}'),
            "output_config.task_budget": Raw(b"5"),
            "system[1]": Raw(b'{"type":"hologram"}'),
        },
        "openai_chat": {"logit_bias": Raw(b"{}")},
    }
    written = write_request(replace(HI, user="u", extras=extras), "m", PLAIN)
    body = json.loads(written.body)
    assert b'"new":{"b": 1.50}' in written.body
    assert (body["metadata"], body["output_config"]) == ({"user_id": "u", "team": 5}, {"task_budget": 5})
    assert not {name for name in body if "." in name or "[" in name}
    assert [loss.path for loss in written.losses] == ["extras.anthropic.system[1]", "extras.openai_chat.logit_bias"]


@pytest.mark.parametrize(
    ("traits", "fields", "gone", "lost"),
    [
        (
            Traits(tools=False),
            {"tools": (READ,), "tool_choice": ToolChoice("any")},
            {"tools", "tool_choice"},
            ["tools"],
        ),
        (Traits(tool_choice=False), {"tools": (READ,), "tool_choice": ToolChoice("auto")}, {"tool_choice"}, []),
        (
            Traits(tool_choice=False),
            {"tools": (READ,), "tool_choice": ToolChoice("any")},
            {"tool_choice"},
            ["tool_choice"],
        ),
        (Traits(sampling=()), {"sampling": Sampling(temperature=0.5)}, {"temperature"}, ["sampling.temperature"]),
    ],
)
def test_quirks_hold_here_too(traits: Traits, fields: dict[str, Any], gone: set[str], lost: list[str]) -> None:
    assert not gone & set(write(traits=traits, **fields))
    assert losses(traits, **fields) == lost


def test_quirks_of_single_fields() -> None:
    strict = Tool("f", strict=True)
    assert "strict" not in write(tools=(strict,), traits=Traits(strict_tools=False))["tools"][0]
    assert losses(Traits(strict_tools=False), tools=(strict, Tool("g", strict=False))) == ["tools[0].strict"]
    single: dict[str, Any] = {"tools": (READ,), "tool_choice": ToolChoice("auto", parallel=False)}
    assert write(**single, traits=Traits(parallel_tools=False))["tool_choice"] == {"type": "auto"}
    assert losses(Traits(parallel_tools=False), **single) == ["tool_choice.parallel"]
    both: dict[str, Any] = {"tools": (READ,), "tool_choice": ToolChoice("auto", parallel=True)}
    assert losses(Traits(parallel_tools=False), **both) == []


def test_a_model_without_tools_reads_of_the_calls() -> None:
    messages = history(ToolCall("a", "f"), then=ToolResult("a", (Text("done"),)))
    body = write(messages=messages, traits=Traits(tools=False))
    assert [turn["content"] for turn in body["messages"][1:]] == [
        [text("[Called f with {}]")],
        [text("[The tool answered:]"), text("done")],
    ]


def test_p57_p58_a_blind_model_is_told_what_it_misses() -> None:
    parts = (Image(url="u"), Document(data="JV==", title="a.pdf"))
    messages = (*HI.messages, Message("user", parts))
    traits = Traits(images=False, documents=False)
    assert losses(traits, messages=messages) == ["messages[1].parts[0]", "messages[1].parts[1]"]
    assert "a.pdf" in write(messages=messages, traits=traits)["messages"][0]["content"][2]["text"]


def test_tools_that_come_again_are_written_the_same_for_each_target() -> None:
    tools = (Tool("a", strict=True), HostedTool("gemini", "googleSearch", "googleSearch", Raw(b"{}")))
    request = Request("m", (Message("user", (Text("hi"),)),), tools=tools)
    strict, again = write_request(request, "m", Traits()), write_request(request, "n", Traits())
    loose = write_request(request, "m", Traits(strict_tools=False))
    assert json.loads(strict.body)["tools"] == json.loads(again.body)["tools"]
    assert strict.losses == again.losses and strict.losses[0].path == "tools[1]", "a loss is told each time"
    assert "strict" in json.loads(strict.body)["tools"][0] and "strict" not in json.loads(loose.body)["tools"][0]


def test_calls_of_the_history_are_defined_where_the_request_has_no_tools() -> None:
    """The API refuses `tool_use` without `tools`; clients leave tools out when they ask for a summary."""
    call, result = ToolCall("c1", "Read", Raw(b"{}")), ToolResult("c1", (Text("x"),))
    history = (Message("user", (Text("hi"),)), Message("assistant", (call,)), Message("user", (result,)))
    body = json.loads(write_request(Request("m", history), "m", Traits()).body)
    assert body["tools"] == [{"name": "Read", "input_schema": {"type": "object", "properties": {}}}]
    assert body["tool_choice"] == {"type": "none"}
    assert "tools" not in json.loads(write_request(Request("m", history[:1]), "m", Traits()).body)
    assert "tools" not in json.loads(write_request(Request("m", history), "m", Traits(tools=False)).body)
