"""Engines hold answers and tool calls to a grammar made of the schemas; some schemas they cannot make one of (P36).

llama.cpp does so for every tool, vLLM for forced tools and formats. Where that fails the whole request fails, in every
turn: one odd tool of an agent makes the model useless. Then the same can be asked without a grammar: the schemas are
told in words, and the model is trusted to follow them.
"""

from __future__ import annotations

import re

from msgspec import Raw
from msgspec.structs import replace

from ...errors import GatewayError
from ...neutral.request import HostedTool, Request, Tool
from ..structured import instructed

STATUSES = frozenset({400, 422, 500, 502})
"""A provider's 500 is our 502."""
_ANY_OBJECT = Raw(b'{"type":"object"}')
_FAULT = re.compile(
    r"(?:fail|error|invalid|unable|unexpected|cannot|not support)[^.\n]{0,80}\bgrammar"
    r"|\bx?grammar[^.\n]{0,80}(?:fail|error|invalid|unexpected|not support)"
    r"|not supported by xgrammar"
    r"|failed to initialize samplers"
    r"|parser generation failed"
    r"|json schema (?:error at #|conversion failed)",
    re.IGNORECASE,
)
"""llama.cpp: `Failed to initialize samplers: failed to parse grammar`, `Unable to generate parser for this template.
Automatic parser generation failed: JSON schema error at #/properties/a: unrecognized type x`, older `JSON schema
conversion failed`; vLLM: `The provided JSON schema contains features not supported by xgrammar`; LM Studio and Ollama
pass llama.cpp's words on.
"""


def is_grammar_fault(error: GatewayError) -> bool:
    """Whether an engine says that it could not make or read a grammar."""
    return error.status in STATUSES and error.origin != "landbridge" and bool(_FAULT.search(error.message))


def without_grammar(request: Request, *, as_call: bool = False) -> Request:
    """The request with nothing an engine makes a grammar of; itself where there was nothing.

    Tools stay, with any object as arguments and the schema in their description. A format is told in the system
    prompt. No tool is forced, unless the answer was held to be `as_call`: any object makes a grammar. A grammar of the
    client's own stays: it shall hear that it is wrong.
    """
    told, _ = instructed(request, schemas=False, objects=False)
    choice = request.tool_choice
    if not as_call and choice is not None and choice.mode in ("any", "named"):
        choice = replace(choice, mode="auto", name="")
    tools = tuple(_loose(tool) for tool in request.tools)
    return request if not tools and told is request else replace(told, output=None, tools=tools, tool_choice=choice)


def _loose(tool: Tool | HostedTool) -> Tool | HostedTool:
    if isinstance(tool, HostedTool) or not bytes(tool.schema):
        return tool
    words = f"Its arguments follow this JSON schema: {bytes(tool.schema).decode(errors='replace')}"
    description = f"{tool.description}\n\n{words}" if tool.description else words
    return replace(tool, description=description, schema=_ANY_OBJECT, strict=None)
