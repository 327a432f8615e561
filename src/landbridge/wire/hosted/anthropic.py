"""Searches and fetches in the blocks of the Messages API: `server_tool_use`, then `web_search_tool_result` or
`web_fetch_tool_result`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from ...neutral.parts import Opaque, Text, ToolCall, ToolResult
from ..search.query import Result
from .outcome import Fault, Found, Kind, Outcome, Page, told
from .packed import pack, unpack
from .use import OURS, Use, json

DIALECT = "anthropic"
USE = "server_tool_use"
NAMES: dict[Kind, str] = {"search": "web_search", "fetch": "web_fetch"}
RESULTS: dict[Kind, str] = {"search": "web_search_tool_result", "fetch": "web_fetch_tool_result"}

_object = msgspec.json.Decoder(dict[str, Any]).decode
_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Blocks:
    """Writes them."""

    def asked(self, use: Use) -> Opaque | None:
        """The block of a call."""
        block = {"type": USE, "id": use.id, "name": NAMES[use.kind], "input": use.args}
        return Opaque(DIALECT, USE, json(block))

    def answered(self, use: Use, outcome: Outcome) -> Opaque | None:
        """The block of its result."""
        name = RESULTS[use.kind]
        block = {"type": name, "tool_use_id": use.id, "content": _content(name, outcome)}
        return Opaque(DIALECT, name, json(block))

    def closing(self, uses: list[tuple[Use, Outcome]]) -> list[tuple[str, Raw]]:
        """All has been said."""
        return []


def _content(name: str, outcome: Outcome) -> object:
    match outcome:
        case Found():
            return [_result(each) for each in outcome.results]
        case Page():
            source = {"type": "text", "media_type": "text/plain", "data": outcome.text}
            document = {"type": "document", "source": source, "title": outcome.title or None, "citations": None}
            at = outcome.at or None
            return {"type": "web_fetch_result", "url": outcome.url, "content": document, "retrieved_at": at}
        case Fault():
            return {"type": f"{name}_error", "error_code": outcome.code}


def _result(result: Result) -> dict[str, object]:
    return {
        "type": "web_search_result",
        "title": result.title,
        "url": result.url,
        "encrypted_content": pack(result.text),
        "page_age": result.age or None,
    }


# -- back --------------------------------------------------------------------------------------------------------------


def read(part: Opaque, *, own: bool) -> tuple[ToolCall | None, ToolResult | None]:
    """The call or the result in a block. `own`: only those that landbridge wrote."""
    try:
        if part.name == USE:
            return _read_use(part, own=own), None
        if part.name in RESULTS.values():
            return None, _read_result(part, own=own)
    except _FAULTS:
        pass
    return None, None


def _read_use(part: Opaque, *, own: bool) -> ToolCall | None:
    block = _object(part.raw)
    id, name = block.get("id"), block.get("name")
    if name not in NAMES.values() or not isinstance(id, str) or (own and not id.startswith(OURS)):
        return None
    return ToolCall(id, str(name), _fields(part.raw).get("input", Raw(b"{}")))


def _read_result(part: Opaque, *, own: bool) -> ToolResult | None:
    block = _object(part.raw)
    id = block.get("tool_use_id")
    if not isinstance(id, str) or (own and not id.startswith(OURS)):
        return None
    outcome = _outcome(block.get("content"))
    return ToolResult(id, (Text(told(outcome)),), is_error=isinstance(outcome, Fault))


def _outcome(content: Any) -> Outcome:
    if isinstance(content, list):
        results = [
            _found(each) for each in content if isinstance(each, dict) and each.get("type") == "web_search_result"
        ]
        return Found(tuple(results))
    if isinstance(content, dict) and content.get("type") == "web_fetch_result":
        document = content.get("content")
        document = document if isinstance(document, dict) else {}
        source = document.get("source")
        source = source if isinstance(source, dict) else {}
        text = source.get("data") if source.get("type") == "text" else None
        shown = text if isinstance(text, str) else "[a document that cannot be shown here]"
        return Page(_word(content.get("url")), _word(document.get("title")), shown)
    code = content.get("error_code") if isinstance(content, dict) else None
    return Fault(_word(code) or "unavailable")


def _found(result: dict[str, Any]) -> Result:
    token = _word(result.get("encrypted_content"))
    return Result(
        url=_word(result.get("url")),
        title=_word(result.get("title")),
        text=unpack(token),
        age=_word(result.get("page_age")),
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
