"""Claude Code run once, with one short message and no terminal: how it is told, and what it prints."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from ..neutral.events import Usage
from ..wire.anthropic.usage import read_usage

HELLO = ("-p", "Say hello.", "--output-format", "json")
SHORT = {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "128"}
"""Only the reading matters. Where an answer is cut off, Claude Code asks for the rest."""


class Said(Struct, frozen=True):
    """How it went."""

    usage: Usage = Usage()
    fault: str = ""
    """In its own words why it did not get through."""


class _Result(Struct, frozen=True):
    is_error: bool = False
    result: str = ""
    usage: Raw = Raw(b"")


def read_said(code: int, printed: bytes, complained: bytes) -> Said:
    """What came of a run that ended with exit code `code`."""
    try:
        result = msgspec.json.decode(printed, type=_Result)
    except msgspec.MsgspecError:
        words = (complained or printed).decode(errors="replace").strip()[-500:]
        return Said(fault=words or f"it ended with exit code {code}")
    if result.is_error:
        return Said(fault=result.result.strip() or f"it ended with exit code {code}")
    return Said(read_usage(result.usage))
