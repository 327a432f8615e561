"""Names of tools in the Messages API."""

from __future__ import annotations

import json

from msgspec import Raw

from landbridge.neutral.parts import Message, Text, ToolCall, ToolReference, ToolResult
from landbridge.neutral.request import Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.identifiers import tool_names, write_name
from landbridge.wire.anthropic.request import write_request

OWN = "mcp.notes:write"


def test_p33_names_of_other_dialects_are_written_so_that_they_are_taken() -> None:
    """Gemini's clients have names with dots and colons; the API refuses the whole request for one."""
    assert write_name("x" * 128) == "x" * 128 and len(write_name("x" * 129)) == 128
    call, result = ToolCall("c1", OWN, Raw(b"{}")), ToolResult("c1", (ToolReference(OWN),))
    history = (Message("user", (Text("hi"),)), Message("assistant", (call,)), Message("user", (result,)))
    request = Request("m", history, tools=(Tool(OWN), Tool("Read")), tool_choice=ToolChoice("named", OWN))
    written = write_request(request, "m", Traits())
    body, name = json.loads(written.body), write_name(OWN)
    assert [tool["name"] for tool in body["tools"]] == [name, "Read"]
    assert body["tool_choice"]["name"] == name
    assert body["messages"][1]["content"][0]["name"] == name
    assert body["messages"][2]["content"][0]["content"][0]["tool_name"] == name
    assert [loss.path for loss in written.losses] == ["tools[0].name"]
    assert tool_names(request.tools) == {name: OWN}
    bare = json.loads(write_request(Request("m", history), "m", Traits()).body)
    assert bare["tools"][0]["name"] == name
