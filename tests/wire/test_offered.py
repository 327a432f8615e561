"""The tools of a prompt, and their order."""

from __future__ import annotations

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Part, Text, ToolReference, ToolResult
from landbridge.neutral.request import HostedTool, Request, Tool
from landbridge.wire.offered import Tools, in_prompt, loaded

READ, FETCH, NOTE = Tool("Read"), Tool("WebFetch", deferred=True), Tool("Note", deferred=True)
HOSTED = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"{}"))
ALL: Tools = (FETCH, READ, NOTE, HOSTED)


def request(tools: Tools, *parts: Part) -> Request:
    return Request("m", (Message("user", (Text("hi"), *parts)),), tools=tools)


def test_p40_p80_loaded_tools_come_last_in_the_order_of_their_mention() -> None:
    result = ToolResult("c", (ToolReference("Note"), ToolReference("WebFetch"), ToolReference("Note")))
    names = loaded(request(ALL, result, ToolReference("Unknown")))
    assert names == ("Note", "WebFetch", "Unknown")
    assert in_prompt(ALL, names) == [(1, READ), (3, HOSTED), (2, NOTE), (0, FETCH)]


@pytest.mark.parametrize("tools", [(), (READ,), (READ, HOSTED)])
def test_the_history_is_not_searched_where_nothing_is_deferred(tools: Tools) -> None:
    assert loaded(request(tools, ToolReference("Read"))) == ()
    assert [tool for _, tool in in_prompt(tools, ())] == list(tools)


def test_what_nobody_has_loaded_is_no_part_of_the_prompt() -> None:
    assert loaded(request(ALL)) == ()
    assert in_prompt(ALL, ()) == [(1, READ), (3, HOSTED)]
