"""A request's fields, as the target's traits want them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text, ToolCall, ToolReference, ToolResult
from landbridge.neutral.request import HostedTool, OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.read_request import read_request
from landbridge.wire.openai_chat.write_request import write_request

PLAIN = Traits()
HI = Request("asked", (Message("user", (Text("hi"),)),))
READ = Tool("Read", "Reads.", Raw(b'{"type": "object", "$schema": "x"}'))
FETCH = Tool("WebFetch", schema=Raw(b"{}"), deferred=True)
SEARCH = Tool("WebSearch", schema=Raw(b"{}"), deferred=True)


def write(request: Request = HI, traits: Traits = PLAIN, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(write_request(replace(request, **fields), "target", traits).body)
    return body


def losses(traits: Traits = PLAIN, **fields: Any) -> list[str]:
    return [loss.path for loss in write_request(replace(HI, **fields), "target", traits).losses]


def loads(*names: str) -> tuple[Message, ...]:
    """A history in which ToolSearch loaded these tools, one a turn."""
    turns: list[Message] = [*HI.messages]
    for number, name in enumerate(names):
        turns.append(Message("assistant", (ToolCall(f"c{number}", "ToolSearch"),)))
        turns.append(Message("user", (ToolResult(f"c{number}", (ToolReference(name),)),)))
    return tuple(turns)


def test_the_least_request() -> None:
    assert write() == {"model": "target", "messages": [{"role": "user", "content": "hi"}]}


def test_stream_asks_for_usage_where_it_may() -> None:
    assert write(stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in write(stream=True, traits=Traits(stream_usage=False))


def test_tools_keep_their_schema_byte_for_byte() -> None:
    body = write_request(replace(HI, tools=(READ,)), "m", Traits()).body
    assert b'"parameters":{"type": "object", "$schema": "x"}' in body


def test_deferred_tools_come_last_in_the_order_they_were_loaded() -> None:
    tools = (FETCH, READ, SEARCH)
    names = [
        [tool["function"]["name"] for tool in write(tools=tools, messages=loads(*loaded))["tools"]]
        for loaded in ((), ("WebSearch",), ("WebSearch", "WebFetch"))
    ]
    assert names == [["Read"], ["Read", "WebSearch"], ["Read", "WebSearch", "WebFetch"]]
    assert losses(tools=tools) == []
    assert write(tools=tools, messages=loads("WebSearch"))["messages"][-1]["content"] == "WebSearch is loaded now."


WEB = HostedTool("openai_chat", "web_search_options", "web_search", Raw(b'{"search_context_size": "low"}'))


@pytest.mark.parametrize("tools", [(WEB,), (READ, WEB)])
def test_a_search_that_is_a_field_stays_one(tools: tuple[Tool | HostedTool, ...]) -> None:
    body = write(tools=tools)
    assert body["web_search_options"] == {"search_context_size": "low"}
    assert [tool["function"]["name"] for tool in body.get("tools", [])] == ["Read"] * (len(tools) - 1)
    assert losses(tools=tools) == []
    found = read_request(write_request(replace(HI, tools=tools), "m", Traits()).body)
    assert [(tool.name, type(tool)) for tool in found.tools] == [(tool.name, type(tool)) for tool in tools]


def test_a_search_that_nobody_runs_is_a_loss() -> None:
    assert "web_search_options" not in write(tools=(WEB,), traits=Traits(web_tools=False))
    assert losses(tools=(WEB,), traits=Traits(web_tools=False)) == ["web_search_options"]


def test_hosted_tools_stay_in_their_dialect() -> None:
    theirs = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"{}"))
    ours = HostedTool("openai_chat", "custom", "custom", Raw(b'{"type":"custom"}'))
    assert write(tools=(theirs, ours))["tools"] == [{"type": "custom"}]
    assert losses(tools=(theirs, ours)) == ["tools[0]"]


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (ToolChoice("auto"), "auto"),
        (ToolChoice("any"), "required"),
        (ToolChoice("none"), "none"),
        (ToolChoice("named", "Read"), {"type": "function", "function": {"name": "Read"}}),
    ],
)
def test_p60_tool_choice(choice: ToolChoice, wire: object) -> None:
    assert write(tools=(READ,), tool_choice=choice)["tool_choice"] == wire
    assert "tool_choice" not in write(tool_choice=choice)


def test_p60_parallel_calls_are_turned_off() -> None:
    choice = ToolChoice("auto", parallel=False)
    assert write(tools=(READ,), tool_choice=choice)["parallel_tool_calls"] is False
    weak = Traits(parallel_tools=False, tool_choice=False)
    assert losses(weak, tools=(READ,), tool_choice=replace(choice, mode="any")) == [
        "tool_choice",
        "tool_choice.parallel",
    ]


def test_p63_p64_limits() -> None:
    traits = Traits(max_output=4096, max_tokens_field="max_completion_tokens", max_stop=1)
    body = write(max_tokens=32000, stop=("a", "b"), traits=traits)
    assert (body["max_completion_tokens"], body["stop"]) == (4096, ["a"])
    assert losses(traits, stop=("a", "b")) == ["stop"]
    assert "stop" not in write(stop=("a",), traits=Traits(stop_field=False))


def test_p64_sampling_only_what_the_model_takes() -> None:
    sampling = Sampling(temperature=0.5, top_k=40, seed=0)
    body = write(sampling=sampling)
    assert (body["temperature"], body["seed"], "top_k" in body) == (0.5, 0, False)
    assert losses(sampling=sampling) == ["sampling.top_k"]


def test_p51_reasoning_only_where_the_model_has_it() -> None:
    wish = Reasoning("on", effort="high")
    assert write(reasoning=wish) == write()
    assert write(reasoning=wish, traits=Traits(effort="reasoning_effort"))["reasoning_effort"] == "high"


def test_p39_thinking_stays_below_what_the_model_may_write() -> None:
    traits = Traits(effort="reasoning.effort", max_output=4000, max_tokens_field="max_completion_tokens")
    body = write(reasoning=Reasoning("on", budget=9000), max_tokens=8000, traits=traits)
    assert (body["max_completion_tokens"], body["reasoning"]) == (4000, {"max_tokens": 3999})


def test_p60_a_model_that_cannot_be_made_to_call_a_tool_may() -> None:
    free = Traits(forced_tools=False)
    for choice in (ToolChoice("any"), ToolChoice("named", "Read")):
        assert write(traits=free, tools=(READ,), tool_choice=choice)["tool_choice"] == "auto"
        assert losses(free, tools=(READ,), tool_choice=choice) == ["tool_choice"]
    assert write(traits=free, tools=(READ,), tool_choice=ToolChoice("none"))["tool_choice"] == "none"


def test_p64_some_models_take_one_number_of_two() -> None:
    one, both = Traits(one_sampling=True), Sampling(temperature=0.5, top_p=0.5)
    assert "top_p" not in write(traits=one, sampling=both)
    assert losses(one, sampling=both) == ["sampling.top_p"]
    assert write(traits=one, sampling=Sampling(top_p=0.5))["top_p"] == 0.5


def test_output_formats() -> None:
    output = OutputFormat(schema=Raw(b'{"type": "object"}'), strict=True)
    schema = {"name": "answer", "schema": {"type": "object"}, "strict": True}
    assert write(output=output) == {**write(), "response_format": {"type": "json_schema", "json_schema": schema}}
    objects, words = Traits(output_schema="object"), Traits(output_schema="none")
    body = write(output=output, traits=objects)
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0]["content"].endswith('{"type": "object"}'), "what is no field is told in words"
    assert losses(objects, output=output) == ["output.schema"]
    body = write(output=output, traits=words)
    assert "response_format" not in body
    assert body["messages"][0]["content"].endswith('{"type": "object"}')
    assert losses(words, output=output) == ["output"]


def test_the_mode_for_json_is_named_in_the_prompt() -> None:
    body = write(output=OutputFormat())
    assert body["response_format"] == {"type": "json_object"}
    assert "JSON" in body["messages"][0]["content"]
    assert losses(output=OutputFormat()) == []


def test_p46_p49_what_only_anthropic_has_is_left_out_without_noise() -> None:
    fields = {name: Raw(b"{}") for name in ("context_management", "metadata", "safeguards", "service_tier")}
    marked = (Message("user", (Text("hi", cache=Raw(b'{"type":"ephemeral"}')),)),)
    assert write(extras={"anthropic": fields}, messages=marked) == write()
    assert losses(extras={"anthropic": fields}, messages=marked) == []
    assert losses(extras={"anthropic": {"mcp_servers": Raw(b"[]")}}) == ["mcp_servers"]


def test_own_extras_are_written_as_they_came() -> None:
    extras = {"openai_chat": {"logit_bias": Raw(b'{"1": -1.50}'), "model": Raw(b'"other"')}}
    body = write_request(replace(HI, extras=extras), "target", Traits()).body
    assert b'"logit_bias":{"1": -1.50}' in body
    assert json.loads(body)["model"] == "target"


def test_p73_user_and_cache_key() -> None:
    body = write(user="u" * 99, traits=Traits(metadata_user="user", cache_key="prompt_cache_key"))
    assert body["user"] == body["prompt_cache_key"]
    assert len(body["user"]) == 64
    assert "user" not in write(user="u")


def test_p73_the_clients_own_cache_key_wins() -> None:
    traits = Traits(cache_key="prompt_cache_key")
    own = {"openai_chat": {"prompt_cache_key": Raw(b'"mine"')}}
    assert write(user="u", traits=traits)["prompt_cache_key"] == "u"
    assert write(user="u", extras=own, traits=traits)["prompt_cache_key"] == "mine"


def test_p73_cache_marks_have_no_place_and_are_no_loss() -> None:
    mark = Raw(b'{"type":"ephemeral"}')
    fields: dict[str, Any] = {
        "system": (Text("Be brief.", cache=mark),),
        "messages": (Message("user", (Text("hi", cache=mark),)),),
        "tools": (replace(READ, cache=mark),),
    }
    assert b"ephemeral" not in write_request(replace(HI, **fields), "m", PLAIN).body
    assert losses(**fields) == []


def test_p80_a_longer_history_repeats_the_shorter_one() -> None:
    tools = (READ, FETCH)
    short, long = (
        write_request(replace(HI, messages=loads(*names), tools=tools), "m", Traits()).body
        for names in (("Other",), ("Other", "Third"))
    )
    messages = short[short.index(b'"messages":[') : short.index(b'],"tools"')]
    assert messages in long


def test_illegal_names_are_changed_and_said() -> None:
    tools = (Tool("a.b"),)
    assert write(tools=tools)["tools"][0]["function"]["name"].startswith("a_b_")
    assert losses(tools=tools) == ["tools[0].name"]


def test_a_model_without_tools_gets_none() -> None:
    assert "tools" not in write(tools=(READ,), traits=Traits(tools=False))
    assert losses(Traits(tools=False), tools=(READ,)) == ["tools"]


def test_a_model_that_is_not_held_to_schemas_is_told_of() -> None:
    loose = Traits(strict_tools=False)
    assert losses(loose, tools=(Tool("Read", strict=True), Tool("g", strict=False))) == ["tools[0].strict"]
    assert losses(tools=(Tool("Read", strict=True),)) == []


def test_remembered_definitions_follow_traits_and_history() -> None:
    offered = (Tool("Read", strict=True), replace(FETCH, deferred=True))
    strict = write(tools=offered)["tools"]
    assert write(tools=offered)["tools"] == strict
    assert "strict" not in write(tools=offered, traits=Traits(strict_tools=False))["tools"][0]["function"]
    loaded = write(tools=offered, messages=loads(FETCH.name))["tools"]
    assert [tool["function"]["name"] for tool in loaded] == ["Read", FETCH.name]
    assert write(tools=offered)["tools"] == strict
