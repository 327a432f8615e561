"""Requests: the tools a client offers, and which of them it wants called."""

from __future__ import annotations

from ..faces.messages import ask, tools
from ..play import says
from ..rule import Judge, Rule, need
from ..seen import Seen
from ..sources import CLIENT, PROTOCOL
from .judging import good, lacks

HELLO = (says("Hello."),)
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}


def choice(wanted: object) -> Judge:
    """`tool_choice` became this."""

    def judge(seen: Seen) -> None:
        sent = seen.sent
        need(sent["tool_choice"].value == wanted, f"tool_choice became {sent['tool_choice']!r}")

    return judge


def none_chosen(seen: Seen) -> None:
    sent = seen.sent
    forbidden = sent["tool_choice"].text == "none" or not len(sent["tools"])
    need(forbidden, f"tool_choice became {sent['tool_choice']!r}, with {len(sent['tools'])} tools")


def one_at_a_time(seen: Seen) -> None:
    need(seen.sent["parallel_tool_calls"].value is False, f"it became {seen.sent['parallel_tool_calls']!r}")


def tools_kept(seen: Seen) -> None:
    """Names, descriptions and schemas: every property is there, whatever keywords had to go."""
    sent = {tool["function"]["name"].text: tool for tool in seen.sent["tools"]}
    for tool in tools():
        name, schema = tool["name"], tool["input_schema"]
        need(name in sent, f"the tool {name} is missing")
        function = sent[name]["function"]
        need(function["description"].text == tool["description"], f"the description of {name} became {function!r:.80}")
        found = set(function["parameters"]["properties"].keys)
        need(found == set(schema["properties"]), f"the properties of {name} became {sorted(found)}")
        need(function["parameters"]["required"].value == schema.get("required"), f"'required' of {name} changed")


def hosted(seen: Seen) -> None:
    """A tool that runs at Anthropic is answered in text, and no upstream gets a tool it does not know."""
    good(seen)
    kinds = [tool["type"].text for each in seen.only.upstream for tool in each.json["tools"]]
    need(set(kinds) <= {"function"}, f"the upstream gets tools of the types {kinds}")


RULES = (
    Rule(
        id="J11",
        title="tool_choice any is 'required'",
        source="P60",
        judge=choice("required"),
        asks=(ask(tools=tools(), tool_choice={"type": "any"}),),
        plays=HELLO,
    ),
    Rule(
        id="J12",
        title="tool_choice of one tool names its function",
        source="P60",
        judge=choice({"type": "function", "function": {"name": "Bash"}}),
        asks=(ask(tools=tools(), tool_choice={"type": "tool", "name": "Bash"}),),
        plays=HELLO,
    ),
    Rule(
        id="J13",
        title="tool_choice none forbids calls",
        source="P60",
        judge=none_chosen,
        asks=(ask(tools=tools(), tool_choice={"type": "none"}),),
        plays=HELLO,
    ),
    Rule(
        id="J14",
        title="disable_parallel_tool_use becomes parallel_tool_calls false",
        source="P60",
        judge=one_at_a_time,
        asks=(ask(tools=tools(), tool_choice={"type": "auto", "disable_parallel_tool_use": True}),),
        plays=HELLO,
    ),
    Rule(
        id="J18",
        title="Tools arrive with their descriptions and every property, one named 'properties' too",
        source="P35",
        judge=tools_kept,
        asks=(ask(tools=tools()),),
        plays=HELLO,
    ),
    Rule(
        id="J19",
        title="Fields of tools that only Anthropic knows are not passed on",
        source=PROTOCOL,
        judge=lacks("defer_loading", "eager_input_streaming", "input_schema"),
        asks=(ask(tools=[{**each, "eager_input_streaming": True} for each in tools()]),),
        plays=HELLO,
    ),
    Rule(
        id="J24",
        title="A request with Anthropic's web search is answered, and the tool not passed on as it is",
        source=CLIENT,
        judge=hosted,
        asks=(ask(tools=[SEARCH], tool_choice={"type": "auto"}),),
        plays=HELLO,
    ),
)
