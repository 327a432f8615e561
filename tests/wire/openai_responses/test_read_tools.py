"""Tool definitions and choices of clients."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.request import HostedTool, Request, Tool, ToolChoice
from landbridge.wire.openai_responses.names import CUSTOM_SCHEMA, name_of
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.types import DIALECT

EXEC = {"type": "function", "name": "exec", "strict": False, "parameters": {"type": "object"}}
READ = {"type": "function", "name": "read", "description": "Reads.", "defer_loading": True}
PATCH = {"type": "custom", "name": "apply_patch", "description": "Edits."}
AGENTS = {"type": "namespace", "name": "agents", "description": "Other agents.", "tools": [EXEC, READ]}
SEARCH = {"type": "web_search"}
ALL = [EXEC, PATCH, AGENTS, SEARCH]


def read(tools: object, **fields: Any) -> Request:
    return read_request(json.dumps({"model": "m", "input": "hi", "tools": tools, **fields}).encode())


def names(request: Request) -> list[str]:
    return [tool.name for tool in request.tools]


def test_functions_keep_their_schema_as_it_came() -> None:
    (tool,) = read([EXEC]).tools
    assert tool == Tool("exec", schema=Raw(b'{"type": "object"}'), strict=False)


def test_fields_nobody_else_has_are_kept() -> None:
    (tool,) = read([READ]).tools
    assert isinstance(tool, Tool) and not tool.deferred, "there is nobody else who would load it later"
    assert tool == Tool("read", "Reads.", extras={"defer_loading": Raw(b"true")}, dialect=DIALECT)


def test_namespaces_are_flattened_in_order() -> None:
    request = read(ALL)
    assert names(request) == ["exec", "apply_patch", "agents__exec", "agents__read", "web_search"]
    first, second = request.tools[2:4]
    assert isinstance(first, Tool) and isinstance(second, Tool)
    assert (name_of(first).namespace, name_of(first).name) == ("agents", "exec")
    assert first.description == "Other agents.", "what is said of all of them is said once"
    assert second.description == "Reads."


def test_a_flat_name_that_is_taken_gets_a_number() -> None:
    taken = {**EXEC, "name": "agents__exec"}
    request = read([AGENTS, taken, AGENTS])
    assert names(request) == ["agents__exec_2", "agents__read", "agents__exec", "agents__exec_3", "agents__read_2"]
    assert names(request) == names(read([AGENTS, taken, AGENTS])), "the same each time"


def test_custom_tools_become_functions_with_one_text() -> None:
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: line+"}
    plain, held = read([PATCH, {**PATCH, "format": grammar}]).tools
    assert isinstance(plain, Tool) and isinstance(held, Tool)
    assert (plain.description, plain.schema) == ("Edits.", CUSTOM_SCHEMA)
    assert held.description == "Edits.\n\nThe input must follow this lark grammar:\nstart: line+"
    assert name_of(held).custom and json.loads(bytes(held.extras["format"])) == grammar
    text_only, *_ = read([{**PATCH, "format": {"type": "text"}}]).tools
    assert isinstance(text_only, Tool) and text_only.description == "Edits."


def test_everything_else_is_run_by_the_provider() -> None:
    hosted = [SEARCH, {"type": "mcp", "server_label": "x", "name": "files"}, {"type": "tool_of_2027"}, {"type": 5}]
    assert read(hosted).tools == (
        HostedTool(DIALECT, "web_search", "web_search", Raw(b'{"type": "web_search"}')),
        HostedTool(DIALECT, "mcp", "files", Raw(json.dumps(hosted[1]).encode())),
        HostedTool(DIALECT, "tool_of_2027", "tool_of_2027", Raw(b'{"type": "tool_of_2027"}')),
        HostedTool(DIALECT, "", "", Raw(b'{"type": 5}')),
    )


@pytest.mark.parametrize(
    ("tools", "path"),
    [
        ("x", "tools:"),
        ([5], "tools[0]"),
        ([{"type": "function"}], "tools[0].name"),
        ([{"type": "namespace", "tools": []}], "tools[0].name"),
        ([{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}], "tools[0].tools[0].name"),
        ([{"type": "custom", "name": "c", "format": 5}], "tools[0].format"),
        ([{"type": "function", "name": "f", "strict": "yes"}], "tools[0].strict"),
    ],
)
def test_what_cannot_be_is_named(tools: object, path: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(tools)
    assert caught.value.message.startswith(path)


@pytest.mark.parametrize(
    ("wire", "choice"),
    [
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("any")),
        ("none", ToolChoice("none")),
        ({"type": "function", "name": "exec"}, ToolChoice("named", "exec")),
        ({"type": "function", "name": "read", "namespace": "agents"}, ToolChoice("named", "agents__read")),
        ({"type": "function", "name": "gone"}, ToolChoice("named", "gone")),
        ({"type": "custom", "name": "apply_patch"}, ToolChoice("named", "apply_patch")),
    ],
)
def test_p60_tool_choice(wire: object, choice: ToolChoice) -> None:
    assert read(ALL, tool_choice=wire).tool_choice == choice


@pytest.mark.parametrize(
    "wire", [{"type": "web_search_preview"}, {"type": "mcp", "server_label": "x"}, {"type": "new"}]
)
def test_p60_a_hosted_tool_as_choice_is_kept_for_its_provider(wire: dict[str, Any]) -> None:
    request = read(ALL, tool_choice=wire)
    assert request.tool_choice == ToolChoice("auto")
    assert json.loads(bytes(request.extras[DIALECT]["tool_choice"])) == wire


def test_p60_allowed_tools_are_all_that_is_offered() -> None:
    def allow(*tools: dict[str, str], mode: str = "auto") -> Request:
        return read(ALL, tool_choice={"type": "allowed_tools", "mode": mode, "tools": tools})

    exec_, search = {"type": "function", "name": "exec"}, {"type": "web_search"}
    assert names(allow(exec_, search)) == ["exec", "web_search"]
    assert names(allow({"type": "custom", "name": "apply_patch"})) == ["apply_patch"]
    assert names(allow({"type": "namespace", "name": "agents"})) == ["agents__exec", "agents__read"]
    assert allow(exec_, mode="required").tool_choice == ToolChoice("any")
    nothing = allow({"type": "new"}, mode="required")
    assert (names(nothing), nothing.tool_choice) == ([], ToolChoice("auto"))


def test_p60_mcp_servers_are_told_apart() -> None:
    servers = [{"type": "mcp", "server_label": label} for label in ("one", "two")]
    wish = {"type": "allowed_tools", "mode": "auto", "tools": [servers[1]]}
    (kept,) = read(servers, tool_choice=wish).tools
    assert isinstance(kept, HostedTool) and b'"two"' in bytes(kept.raw)


def test_p60_parallel_calls() -> None:
    assert read(ALL, parallel_tool_calls=False).tool_choice == ToolChoice(parallel=False)
    wish = read(ALL, parallel_tool_calls=True, tool_choice="required").tool_choice
    assert wish == ToolChoice("any", parallel=True)
    assert read(ALL).tool_choice is None


@pytest.mark.parametrize("wire", ["sometimes", {"type": "function"}, 5])
def test_p60_a_choice_that_is_none_is_refused(wire: object) -> None:
    with pytest.raises(BadRequest, match="tool_choice"):
        read(ALL, tool_choice=wire)


def test_the_same_definitions_are_read_once() -> None:
    assert read(ALL).tools is read(ALL, stream=True).tools
    large = [{**EXEC, "description": "x" * (1 << 20)}]
    assert read(large).tools == read(large).tools
    assert read(large).tools is not read(large).tools, "what is too large is not kept"
