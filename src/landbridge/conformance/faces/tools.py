"""The tools the suite's clients offer: shapes as Claude Code sends them, and a property with an awkward name."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

READ: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "file_path": {"type": "string", "description": "The absolute path"},
        "limit": {"type": "integer", "exclusiveMinimum": 0, "description": "Lines to read"},
        "pages": {"type": "string", "description": "Pages of a PDF"},
    },
    "required": ["file_path"],
    "additionalProperties": False,
}
BASH: Json = {
    "type": "object",
    "properties": {"command": {"type": "string"}, "timeout": {"type": "number", "maximum": 600000}},
    "required": ["command"],
    "additionalProperties": False,
}
ODD: Json = {
    "type": "object",
    "properties": {
        "properties": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"minLength": 1}},
        "mode": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]},
    },
}
NOTHING: Json = {"type": "object", "properties": {}, "additionalProperties": False}

TOOLS: dict[str, tuple[str, Json]] = {
    "Read": ("Reads a file.", READ),
    "Bash": ("Runs a command.", BASH),
    "Configure": ("Sets properties.", ODD),
    "ListAgents": ("Lists the agents.", NOTHING),
}
"""Name -> description and schema."""
