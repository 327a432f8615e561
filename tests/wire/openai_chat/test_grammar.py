"""Schemas an engine can make no grammar of: noticed by its words, and asked for without."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.errors import GatewayError
from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import HostedTool, OutputFormat, Request, Tool, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.errors import read_error
from landbridge.wire.openai_chat.grammar import is_grammar_fault, without_grammar
from landbridge.wire.openai_chat.write_request import write_request

SCHEMA = Raw(b'{"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}')
ODD = Tool("odd", "Does something.", SCHEMA, strict=True)
HI = Request("m", (Message("user", (Text("hi"),)),), system=(Text("Be brief."),))


def said(status: int, message: str, origin: str = "engine:m") -> GatewayError:
    """What an engine's answer is read as."""
    body = json.dumps({"error": {"code": status, "message": message, "type": "invalid_request_error"}})
    return read_error(status, body.encode(), origin, {})


@pytest.mark.parametrize(
    ("status", "message"),
    [
        # llama.cpp, measured with the built-in engine
        (400, "Failed to initialize samplers: failed to parse grammar"),
        (
            400,
            "Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at "
            "#/properties/a: cannot resolve $ref #/$defs/none, $defs not found",
        ),
        (
            400,
            "Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at #: "
            "unrecognized type objekt",
        ),
        # llama.cpp, as others report it
        (400, 'Failed to initialize samplers: Unexpected empty grammar stack after accepting piece: {" (14937)'),
        (500, "JSON schema conversion failed:\nUnrecognized schema: {}"),
        (500, "Failed to parse grammar"),
        (500, "error parsing grammar: expecting name at (?=b)"),
        # vLLM
        (400, "The provided JSON schema contains features not supported by xgrammar."),
        (400, "Invalid grammar specification."),
        (400, "Grammar error: unknown nonterminal"),
    ],
)
def test_p36_an_engine_that_cannot_make_a_grammar_is_noticed(status: int, message: str) -> None:
    assert is_grammar_fault(said(status, message))
    assert is_grammar_fault(said(status, message, "provider:lab"))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "messages: roles must alternate"),
        (400, "Your text is about grammar."),
        (400, "unknown parameter: grammar_mode"),
        (401, "Failed to initialize samplers: failed to parse grammar"),
        (429, "grammar service failed"),
        (500, "out of memory"),
        (400, "the request exceeds the available context size"),
    ],
)
def test_p36_other_faults_are_none(status: int, message: str) -> None:
    assert not is_grammar_fault(said(status, message))


def test_p36_our_own_words_are_none() -> None:
    assert not is_grammar_fault(GatewayError("failed to parse grammar", status=400))


def test_p36_tools_stay_with_their_schemas_in_words() -> None:
    request = replace(HI, tools=(ODD, Tool("bare")), tool_choice=ToolChoice("named", "odd", parallel=False))
    found = without_grammar(request)
    odd, bare = found.tools
    assert isinstance(odd, Tool)
    assert (odd.name, odd.strict, json.loads(bytes(odd.schema))) == ("odd", None, {"type": "object"})
    assert odd.description.startswith("Does something.")
    assert odd.description.endswith(bytes(SCHEMA).decode())
    assert bare == Tool("bare")
    assert found.tool_choice == ToolChoice("auto", parallel=False)
    assert (found.messages, found.system) == (request.messages, request.system)


@pytest.mark.parametrize("choice", [None, ToolChoice("auto"), ToolChoice("none")])
def test_p36_a_choice_that_forces_nothing_stays(choice: ToolChoice | None) -> None:
    assert without_grammar(replace(HI, tools=(ODD,), tool_choice=choice)).tool_choice == choice


def test_p36_a_format_is_told_in_words() -> None:
    found = without_grammar(replace(HI, output=OutputFormat(SCHEMA)))
    assert found.output is None
    assert found.system[0] == HI.system[0]
    assert found.system[1].text.endswith(bytes(SCHEMA).decode())


def test_p36_nothing_is_left_to_make_a_grammar_of() -> None:
    hosted = HostedTool("openai_chat", "custom", "custom", Raw(b'{"type":"custom"}'))
    request = replace(HI, tools=(ODD, hosted), output=OutputFormat(SCHEMA), tool_choice=ToolChoice("any"))
    body = json.loads(write_request(without_grammar(request), "m", Traits()).body)
    assert "response_format" not in body
    assert body["tool_choice"] == "auto"
    assert [tool["function"]["parameters"] for tool in body["tools"][:1]] == [{"type": "object"}]
    assert body["tools"][1] == {"type": "custom"}


def test_p36_where_there_was_no_schema_nothing_changes() -> None:
    """Then the grammar is the client's own, and the fault too."""
    request = replace(HI, extras={"openai_chat": {"grammar": Raw(b'"root ::= ("')}})
    assert without_grammar(request) is request


def test_p36_p60_a_call_that_a_schema_forces_stays_forced() -> None:
    """Any object makes a grammar, so nothing is lost but the hold on the arguments."""
    request = replace(HI, tools=(ODD,), tool_choice=ToolChoice("named", "odd"))
    found = without_grammar(request, as_call=True)
    assert found.tool_choice == request.tool_choice
    written = write_request(found, "m", Traits(forced_by="schema"))
    schema = json.loads(written.body)["response_format"]["json_schema"]["schema"]
    assert written.as_call and schema["$defs"] == {"0": {"type": "object"}}
