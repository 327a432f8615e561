"""Searches in the items of the Responses API: one `web_search_call` each, whole when it is done.

OpenAI keeps what a search found; here it travels in the item itself, for clients that send items back as they came.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from ...neutral.parts import Opaque, Text, ToolCall, ToolResult
from ..search.query import Result
from .outcome import Fault, Found, Outcome, told
from .packed import pack, unpack
from .use import OURS, Use, json

DIALECT = "openai_responses"
ITEM = "web_search_call"
CONTENT = "encrypted_content"
GONE = (
    "What this search found is not here any more. The answer after it says what mattered; search again if you need to."
)
GONE_PAGE = "{did}. What it said is not here any more. The answer after it says what mattered."

_object = msgspec.json.Decoder(dict[str, Any]).decode
_results = msgspec.json.Decoder(tuple[Result, ...]).decode
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Items:
    """Writes them."""

    def asked(self, use: Use) -> Opaque | None:
        """Nothing yet: an item is given when it is whole."""
        return None

    def answered(self, use: Use, outcome: Outcome) -> Opaque | None:
        """The item of a search."""
        if use.kind != "search":
            return None
        action: dict[str, object] = {"type": "search", "query": use.wanted, "queries": [use.wanted]}
        item = {"id": f"ws_{use.id}", "type": ITEM, "status": "failed", "action": action}
        if isinstance(outcome, Found):
            action["sources"] = [{"type": "url", "url": each.url} for each in outcome.results]
            item |= {"status": "completed", CONTENT: pack(msgspec.json.encode(outcome.results).decode())}
        return Opaque(DIALECT, ITEM, json(item))

    def closing(self, uses: list[tuple[Use, Outcome]]) -> list[tuple[str, Raw]]:
        """All has been said."""
        return []


def read(part: Opaque, *, own: bool) -> tuple[ToolCall | None, ToolResult | None]:
    """The call and the result in an item. `own`: only those that landbridge wrote."""
    if part.name != ITEM:
        return None, None
    try:
        item = _object(part.raw)
    except _FAULTS:
        return None, None
    id = str(item.get("id") or "").removeprefix("ws_")
    action = item.get("action")
    if (own and not id.startswith(OURS)) or not isinstance(action, dict):
        return None, None
    query, gone = _asked(action)
    id = id or f"ws_{query}"
    result = ToolResult(id, (Text(_told(item, gone)),), is_error=item.get("status") == "failed")
    return ToolCall(id, "web_search", json({"query": query} if query else {})), result


def _asked(action: dict[str, Any]) -> tuple[str, str]:
    """What was asked for in the words of our search, which is what the model has, and what is left of the result."""
    url, pattern = _word(action.get("url")), _word(action.get("pattern"))
    match action.get("type"):
        case "open_page":
            return url, GONE_PAGE.format(did=f"The page {url} was opened")
        case "find" | "find_in_page":
            return f"{pattern} {url}".strip(), GONE_PAGE.format(did=f"'{pattern}' was looked for in {url}")
    queries = action.get("queries")
    several = "; ".join(filter(None, map(_word, queries))) if isinstance(queries, list) else ""
    return _word(action.get("query")) or several, GONE


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _told(item: dict[str, Any], gone: str) -> str:
    token = item.get(CONTENT)
    if isinstance(token, str) and (text := unpack(token)):
        try:
            return told(Found(_results(text)))
        except _FAULTS:
            pass
    return told(Fault("unavailable")) if item.get("status") == "failed" else gone
