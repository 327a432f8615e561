"""Items of the Responses API, as OpenAI's own SDK reads them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw
from openai.types.responses import ResponseFunctionWebSearch

from landbridge.neutral.parts import Opaque, Text, ToolCall, ToolResult
from landbridge.wire.hosted.outcome import Fault, Found, Outcome, told
from landbridge.wire.hosted.responses import CONTENT, GONE, Items, read
from landbridge.wire.hosted.use import Use
from tests.wire.hosted.outcomes import FETCH, FOUND, PAGE, PAIRS, SEARCH


def item(use: Use, outcome: Outcome) -> tuple[Opaque, dict[str, Any]]:
    part = Items().answered(use, outcome)
    assert part is not None and (part.dialect, part.name) == ("openai_responses", "web_search_call")
    return part, msgspec.json.decode(part.raw, type=dict[str, Any])


def test_a_search_is_one_item_when_it_is_done() -> None:
    assert Items().asked(SEARCH) is None
    assert Items().answered(FETCH, PAGE) is None
    _, wire = item(SEARCH, FOUND)
    found = ResponseFunctionWebSearch.model_validate(wire)
    assert (found.status, found.action.type) == ("completed", "search")
    assert found.action.type == "search" and found.action.query == "한글 cats"
    assert found.action.sources is not None
    assert [source.url for source in found.action.sources] == ["https://a.example/", "https://b.example/"]


def test_one_that_failed_says_so() -> None:
    _, wire = item(SEARCH, Fault("unavailable"))
    assert ResponseFunctionWebSearch.model_validate(wire).status == "failed"


@pytest.mark.parametrize(("use", "outcome"), [pair for pair in PAIRS if pair[0] is SEARCH])
@pytest.mark.parametrize("own", [True, False])
def test_an_item_comes_back_as_call_and_result(use: Use, outcome: Outcome, own: bool) -> None:
    part, _ = item(use, outcome)
    failed = isinstance(outcome, Fault)
    words = told(outcome if isinstance(outcome, Found) else Fault("unavailable"))
    assert read(part, own=own) == (
        ToolCall(use.id, "web_search", use.args),
        ToolResult(use.id, (Text(words),), is_error=failed),
    )


def test_an_item_that_lost_its_content_says_so() -> None:
    """Codex sends back id-less items with the action alone."""
    _, wire = item(SEARCH, FOUND)
    bare = {name: wire[name] for name in wire if name not in ("id", CONTENT)}
    call, result = read(Opaque("openai_responses", "web_search_call", Raw(msgspec.json.encode(bare))), own=False)
    assert call is not None and result is not None
    assert call.id == result.id
    assert bytes(call.args).decode() == '{"query":"한글 cats"}'
    assert result.parts == (Text(GONE),)


def test_openai_s_own_are_read_only_for_others() -> None:
    raw = (
        b'{"type":"web_search_call","id":"ws_0a","status":"completed","action":{"type":"open_page","url":"https://a"}}'
    )
    part = Opaque("openai_responses", "web_search_call", Raw(raw))
    assert read(part, own=True) == (None, None)
    call, _ = read(part, own=False)
    assert call == ToolCall("0a", "web_search", Raw(b'{"query":"https://a"}'))


@pytest.mark.parametrize(
    ("action", "query", "words"),
    [
        (
            {"type": "open_page", "url": "https://a.example"},
            "https://a.example",
            "The page https://a.example was opened",
        ),
        (
            {"type": "find_in_page", "url": "https://a.example", "pattern": "cats"},
            "cats https://a.example",
            "'cats' was looked for in https://a.example",
        ),
        (
            {"type": "find", "url": "https://a", "pattern": "cats"},
            "cats https://a",
            "'cats' was looked for in https://a",
        ),
        ({"type": "search", "queries": ["cats", 5, "dogs"]}, "cats; dogs", GONE),
        ({"type": "open_page"}, "", "was opened"),
        ({}, "", GONE),
    ],
)
def test_what_openai_did_is_told_in_calls_of_the_search_there_is(action: Any, query: str, words: str) -> None:
    """A model that sees calls of a form it has no tool for would make such calls."""
    raw = Raw(msgspec.json.encode({"type": "web_search_call", "status": "completed", "action": action}))
    call, result = read(Opaque("openai_responses", "web_search_call", raw), own=False)
    assert call is not None and result is not None and call.id == result.id
    assert msgspec.json.decode(call.args) == ({"query": query} if query else {})
    (text,) = result.parts
    assert isinstance(text, Text) and words in text.text


@pytest.mark.parametrize(
    ("name", "raw"),
    [("web_search_call", b"5"), ("web_search_call", b"{}"), ("web_search_call", b'{"action":5}'), ("other", b"{}")],
)
def test_others_stay_what_they_are(name: str, raw: bytes) -> None:
    assert read(Opaque("openai_responses", name, Raw(raw)), own=False) == (None, None)


def test_content_that_is_none_is_gone() -> None:
    _, wire = item(SEARCH, FOUND)
    for content in ("x", 5, "landbridge.eJwDAAAAAAE="):
        raw = Raw(msgspec.json.encode({**wire, CONTENT: content}))
        _, result = read(Opaque("openai_responses", "web_search_call", raw), own=True)
        assert result is not None and result.parts == (Text(GONE),)
