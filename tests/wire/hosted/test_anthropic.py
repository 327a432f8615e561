"""Blocks of the Messages API, as Anthropic's own SDK reads them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from anthropic.types import ServerToolUseBlock, WebFetchToolResultBlock, WebSearchToolResultBlock
from msgspec import Raw

from landbridge.neutral.parts import Opaque, Text, ToolCall, ToolResult
from landbridge.wire.hosted.anthropic import Blocks, read
from landbridge.wire.hosted.outcome import FAULTS, Fault, Found, Outcome, told
from landbridge.wire.hosted.use import Use
from tests.wire.hosted.outcomes import FETCH, FOUND, PAGE, PAIRS, SEARCH


def json(part: Opaque | None) -> dict[str, Any]:
    assert part is not None and part.dialect == "anthropic"
    block = msgspec.json.decode(part.raw, type=dict[str, Any])
    assert block["type"] == part.name
    return block


@pytest.mark.parametrize("use", [SEARCH, FETCH])
def test_the_call(use: Use) -> None:
    block = json(Blocks().asked(use))
    found = ServerToolUseBlock.model_validate(block, strict=True)
    assert found.id.startswith("srvtoolu_")
    assert found.name == ("web_search" if use is SEARCH else "web_fetch")
    assert found.input in ({"query": "한글 cats"}, {"url": "https://a.example/"})


def test_what_was_found() -> None:
    block = json(Blocks().answered(SEARCH, FOUND))
    found = WebSearchToolResultBlock.model_validate(block)
    assert found.tool_use_id == SEARCH.id
    assert isinstance(found.content, list)
    assert [(each.url, each.title, each.page_age) for each in found.content] == [
        ("https://a.example/", "A", "today"),
        ("https://b.example/", "B", None),
    ]
    assert "said" not in found.content[0].encrypted_content
    assert json(Blocks().answered(SEARCH, Found(())))["content"] == []


def test_a_page() -> None:
    found = WebFetchToolResultBlock.model_validate(json(Blocks().answered(FETCH, PAGE)))
    assert found.content.type == "web_fetch_result"
    assert (found.content.url, found.content.retrieved_at) == (PAGE.url, PAGE.at)
    assert found.content.content.source.data == "body"
    assert found.content.content.title == "A"


@pytest.mark.parametrize("code", FAULTS)
def test_each_error_has_its_form(code: str) -> None:
    for use, name in ((SEARCH, "web_search_tool_result_error"), (FETCH, "web_fetch_tool_result_error")):
        content = json(Blocks().answered(use, Fault(code, "secret words")))["content"]
        assert content == {"type": name, "error_code": code}


@pytest.mark.parametrize(("use", "outcome"), PAIRS)
@pytest.mark.parametrize("own", [True, False])
def test_both_come_back_as_the_model_knew_them(use: Use, outcome: Outcome, own: bool) -> None:
    asked, answered = Blocks().asked(use), Blocks().answered(use, outcome)
    assert asked is not None and answered is not None
    name = "web_search" if use is SEARCH else "web_fetch"
    assert read(asked, own=own) == (ToolCall(use.id, name, use.args), None)
    words = Fault(outcome.code) if isinstance(outcome, Fault) else outcome
    failed = isinstance(outcome, Fault)
    assert read(answered, own=own) == (None, ToolResult(use.id, (Text(told(words)),), is_error=failed))


THEIRS = [
    Opaque("anthropic", "server_tool_use", Raw(b'{"id":"srvtoolu_01A","name":"web_search","input":{"query":"x"}}')),
    Opaque(
        "anthropic",
        "web_search_tool_result",
        Raw(
            b'{"tool_use_id":"srvtoolu_01A","content":[{"type":"web_search_result","title":"T","url":"https://t.example/",'
            b'"encrypted_content":"EqgfCioIARgB","page_age":null}]}'
        ),
    ),
]


def test_anthropic_s_own_are_read_only_for_others() -> None:
    assert [read(part, own=True) for part in THEIRS] == [(None, None)] * 2
    (call, _), (_, result) = (read(part, own=False) for part in THEIRS)
    assert call == ToolCall("srvtoolu_01A", "web_search", Raw(b'{"query":"x"}'))
    assert result is not None
    (text,) = result.parts
    assert isinstance(text, Text) and "T\nhttps://t.example/" in text.text


def test_a_pdf_of_anthropic_s_is_said_to_be_one() -> None:
    raw = (
        b'{"tool_use_id":"srvtoolu_01A","content":{"type":"web_fetch_result","url":"https://t.example/a.pdf","content":'
        b'{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}}}'
    )
    _, result = read(Opaque("anthropic", "web_fetch_tool_result", Raw(raw)), own=False)
    assert result is not None and "cannot be shown" in str(result.parts)


@pytest.mark.parametrize(
    "part",
    [
        Opaque("anthropic", "server_tool_use", Raw(b'{"id":"srvtoolu_1","name":"code_execution","input":{}}')),
        Opaque("anthropic", "server_tool_use", Raw(b'{"name":"web_search"}')),
        Opaque("anthropic", "server_tool_use", Raw(b"[]")),
        Opaque("anthropic", "web_search_tool_result", Raw(b"{}")),
        Opaque("anthropic", "hologram", Raw(b"{}")),
    ],
)
def test_others_stay_what_they_are(part: Opaque) -> None:
    assert read(part, own=False) == (None, None)


@pytest.mark.parametrize("content", [b"null", b"5", b"{}", b'[5,{"type":"x"}]', b'{"type":"web_fetch_result"}'])
def test_odd_results_are_results(content: bytes) -> None:
    part = Opaque("anthropic", "web_search_tool_result", Raw(b'{"tool_use_id":"a","content":%s}' % content))
    _, result = read(part, own=False)
    assert result is not None and result.parts
