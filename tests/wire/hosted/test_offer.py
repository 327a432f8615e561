"""What the model is offered in place of hosted tools."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import HostedTool, Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.hosted.offer import has_hosted, offer
from landbridge.wire.hosted.outcome import Kind
from landbridge.wire.openai_chat.request import write_request

CAN: dict[Kind, str] = {"search": "", "fetch": ""}
CANNOT: dict[Kind, str] = {"search": "the key is missing", "fetch": ""}
SEARCH = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b'{"max_uses":3}'))
FETCH = HostedTool("anthropic", "web_fetch_20250910", "web_fetch", Raw(b"{}"))
CODE = HostedTool("anthropic", "code_execution_20250825", "code_execution", Raw(b"{}"))
READ = Tool("Read", "Reads.", Raw(b'{"type":"object"}'))


def request(*tools: Tool | HostedTool, choice: ToolChoice | None = None) -> Request:
    return Request("m", (Message("user", (Text("x"),)),), system=(Text("Be brief."),), tools=tools, tool_choice=choice)


def test_functions_stand_in_their_places() -> None:
    found = offer(request(READ, SEARCH, CODE, FETCH), "openai_chat", CAN)
    assert [tool.name for tool in found.request.tools] == ["Read", "web_search", "code_execution", "web_fetch"]
    assert found.request.tools[0] is READ
    assert found.request.tools[2] is CODE
    for name in ("web_search", "web_fetch"):
        tool = next(tool for tool in found.request.tools if tool.name == name)
        assert isinstance(tool, Tool) and tool.description
        schema = json.loads(bytes(tool.schema))
        assert schema["required"] == [*schema["properties"]]
    assert found.wishes["web_search"].max_uses == 3
    assert found.request.system == (Text("Be brief."),)


def test_the_offer_is_the_same_each_time() -> None:
    asked = request(READ, SEARCH)
    written = [write_request(offer(asked, "openai_chat", CAN).request, "m", Traits()).body for _ in range(2)]
    assert written[0] == written[1]


def test_a_name_that_is_taken_is_made_another() -> None:
    own = replace(READ, name="web_search")
    found = offer(request(own, SEARCH, choice=ToolChoice("named", "web_search")), "openai_chat", CAN)
    assert [tool.name for tool in found.request.tools] == ["web_search", "web_search_"]
    assert list(found.wishes) == ["web_search_"]


def test_the_target_s_own_tools_are_its_provider_s() -> None:
    asked = request(SEARCH)
    assert offer(asked, "anthropic", CAN).request is asked


def test_without_hosted_tools_nothing_changes() -> None:
    asked = request(READ, CODE)
    assert offer(asked, "openai_chat", CANNOT).request is asked
    assert has_hosted(asked) and not has_hosted(request(READ))


def test_what_cannot_be_run_is_left_out_and_reported() -> None:
    found = offer(request(READ, SEARCH), "openai_chat", CANNOT)
    assert found.request.tools == (READ, SEARCH)
    assert found.request.system == (Text("Be brief."),), "the model has other things to do"
    losses = write_request(found.request, "m", Traits()).losses
    assert [loss.path for loss in losses] == ["tools[1]"]


def test_a_model_that_was_to_search_and_nothing_else_is_told_why_it_cannot() -> None:
    found = offer(request(SEARCH, choice=ToolChoice("named", "web_search")), "openai_chat", CANNOT)
    note = found.request.system[-1].text
    assert "the key is missing" in note and "do not make up" in note
    body = json.loads(write_request(found.request, "m", Traits()).body)
    assert "tools" not in body and "tool_choice" not in body


def test_what_can_be_run_beside_what_cannot_needs_no_note() -> None:
    found = offer(request(SEARCH, FETCH), "openai_chat", CANNOT)
    assert list(found.wishes) == ["web_fetch"]
    assert len(found.request.system) == 1


@pytest.mark.parametrize(
    ("mode", "name", "after"),
    [
        ("auto", "", ToolChoice("auto")),
        ("any", "", ToolChoice("any")),
        ("none", "", ToolChoice("none")),
        ("named", "googleSearch", ToolChoice("named", "google_search")),
        ("named", "Read", ToolChoice("named", "Read")),
        ("named", "gone", None),
    ],
)
def test_choices(mode: Literal["auto", "any", "none", "named"], name: str, after: ToolChoice | None) -> None:
    google = HostedTool("gemini", "googleSearch", "googleSearch", Raw(b'{"googleSearch":{}}'))
    asked = request(READ, google, choice=ToolChoice(mode, name))
    assert offer(asked, "openai_chat", CAN).request.tool_choice == after
