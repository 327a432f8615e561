"""Names of tools: flat for everybody else, the client's own on the way back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.neutral.request import HostedTool, Tool
from landbridge.wire.openai_chat.identifiers import write_name
from landbridge.wire.openai_responses.names import Name, Names, as_args, as_text, flat, name_of, names_of
from landbridge.wire.openai_responses.types import DIALECT
from tests.laws.strategies import texts

LONG = "a_tool_of_a_server_with_a_name_that_is_longer_than_any_provider_takes"


def member(namespace: str, name: str) -> Tool:
    extras = {"namespace": Raw(json.dumps(namespace).encode()), "name": Raw(json.dumps(name).encode())}
    return Tool(flat(name, namespace), extras=extras, dialect=DIALECT)


CUSTOM = Tool("apply_patch", extras={"type": Raw(b'"custom"')}, dialect=DIALECT)
HOSTED = HostedTool(DIALECT, "web_search", "web_search", Raw(b"{}"))


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        ("", "exec", "exec"),
        ("multi_agent_v1", "spawn_agent", "multi_agent_v1__spawn_agent"),
        ("mcp__github__", "search", "mcp__github__search"),
        ("mcp__github", "mcp__github__search", "mcp__github__search"),
    ],
)
def test_a_member_of_a_namespace_has_one_flat_name(namespace: str, name: str, expected: str) -> None:
    assert flat(name, namespace) == expected


def test_a_tool_knows_its_clients_name() -> None:
    assert name_of(member("agents", "spawn")) == Name("spawn", "agents")
    assert name_of(CUSTOM) == Name("apply_patch", custom=True)
    assert name_of(Tool("f", extras={"namespace": Raw(b'"x"')})) == Name("f"), "those are another dialect's fields"


def test_calls_come_back_under_the_clients_names() -> None:
    names = Names((member("agents", "spawn"), CUSTOM, HOSTED, Tool("exec")))
    assert names.own("agents__spawn") == Name("spawn", "agents")
    assert names.own("apply_patch") == Name("apply_patch", custom=True)
    assert names.own("exec") == Name("exec")
    assert names.own("unheard_of") == Name("unheard_of")
    assert names.flat("spawn", "agents") == "agents__spawn"
    assert names.flat("spawn", "gone") == "gone__spawn", "a history may call what is no longer offered"


def test_a_name_that_was_too_long_for_a_target_comes_back() -> None:
    shortened = write_name(flat(LONG, "github"))
    assert len(shortened) <= 64
    assert Names((member("github", LONG),)).own(shortened) == Name(LONG, "github")


def test_models_leave_the_namespace_out() -> None:
    one, other = member("agents", "wait"), member("timers", "wait")
    assert Names((one,)).own("wait") == Name("wait", "agents")
    assert Names((one, other)).own("wait") == Name("wait"), "which of them is not clear"
    assert Names((one, Tool("wait"))).own("wait") == Name("wait"), "there is a tool of that very name"


def test_names_of_the_same_tools_are_made_once() -> None:
    tools = (CUSTOM,)
    assert names_of(tools) is names_of(tools)
    assert names_of((Tool("a"),)) is not names_of((Tool("a"),)), "another request's"


@given(text=texts)
def test_text_of_a_custom_tool_survives_being_an_argument(text: str) -> None:
    assert as_text(as_args(text)) == text
    assert as_text(bytes(as_args(text)).decode()) == text


@pytest.mark.parametrize("given", ["*** Begin Patch", '{"input": 5}', '{"patch": "x"}', '["a"]'])
def test_p29_what_a_model_wrote_instead_reaches_the_custom_tool(given: str) -> None:
    assert as_text(given) == given


@given(st.sampled_from(["{}", " {} "]))
def test_p26_no_arguments_are_no_text(given: str) -> None:
    assert as_text(given) == ""
