"""Content blocks: every known type, and those nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import (
    Document,
    Image,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolReference,
    ToolResult,
)
from landbridge.wire.anthropic import read_blocks
from landbridge.wire.anthropic.read_blocks import read_block, read_content
from landbridge.wire.anthropic.signatures import pack

MARK = {"type": "ephemeral", "ttl": "1h"}
MARKED = Raw(b'{"type": "ephemeral", "ttl": "1h"}')


def read(**block: Any) -> Part:
    return read_block(Raw(json.dumps(block).encode()), "content[0]")


def content(value: object) -> tuple[Part, ...]:
    return read_content(Raw(json.dumps(value).encode()), "content")


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "안녕"}, Text("안녕")),
        ({"type": "text", "text": ""}, Text("")),
        ({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}, Thinking("Hm.", "c2ln", origin="anthropic")),
        ({"type": "thinking", "thinking": "Hm.", "signature": ""}, Thinking("Hm.")),
        ({"type": "thinking"}, Thinking()),
        ({"type": "redacted_thinking", "data": "ZZ"}, Thinking(signature="ZZ", redacted=True, origin="anthropic")),
        ({"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}, ToolCall("toolu_1", "Read", Raw(b"{}"))),
        ({"type": "tool_use", "id": "toolu_1", "name": "Read"}, ToolCall("toolu_1", "Read")),
        ({"type": "tool_use", "id": "toolu_1", "name": "Read", "input": None}, ToolCall("toolu_1", "Read")),
        ({"type": "tool_use", "name": "Read"}, ToolCall("", "Read")),
        ({"type": "tool_reference", "tool_name": "WebFetch"}, ToolReference("WebFetch")),
    ],
)
def test_what_the_model_said(block: dict[str, Any], part: Part) -> None:
    assert read(**block) == part


def test_arguments_stay_as_they_are_written() -> None:
    raw = b'{"type":"tool_use","id":"t","name":"f","input":{ "z" : 1.50, "a" : "\\u00e9" }}'
    part = read_block(Raw(raw), "x")
    assert isinstance(part, ToolCall) and bytes(part.args) == b'{ "z" : 1.50, "a" : "\\u00e9" }'


def test_p33_the_id_of_another_dialect_comes_back() -> None:
    call = read(type="tool_use", id="lbid_ZnVuY3Rpb25zLlJlYWQ6MA", name="Read", input={})
    result = read(type="tool_result", tool_use_id="lbid_ZnVuY3Rpb25zLlJlYWQ6MA")
    assert isinstance(call, ToolCall) and isinstance(result, ToolResult)
    assert call.id == result.id == "functions.Read:0"


def test_p53_p55_the_token_of_another_provider_comes_back_with_its_name() -> None:
    thinking = read(type="thinking", thinking="Hm.", signature=pack("sig+/=", "gemini"))
    assert thinking == Thinking("Hm.", "sig+/=", origin="gemini")
    hidden = read(type="redacted_thinking", data=pack("cipher", "openai_responses"))
    assert hidden == Thinking(signature="cipher", redacted=True, origin="openai_responses")


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ({"type": "base64", "media_type": "image/webp", "data": "AA=="}, Image(data="AA==", media_type="image/webp")),
        ({"type": "base64", "data": "AA=="}, Image(data="AA==", media_type="image/png")),
        ({"type": "url", "url": "https://example.com/a.png"}, Image(url="https://example.com/a.png")),
        ({"type": "file", "file_id": "file_1"}, Image(file_id="file_1")),
    ],
)
def test_images(source: dict[str, Any], part: Part) -> None:
    assert read(type="image", source=source) == part


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ({"type": "base64", "data": "JVBERi0="}, Document(data="JVBERi0=", media_type="application/pdf")),
        ({"type": "text", "data": "words"}, Document(text="words", media_type="text/plain")),
        ({"type": "url", "url": "https://example.com/a.pdf"}, Document(url="https://example.com/a.pdf")),
        ({"type": "file", "file_id": "file_1"}, Document(file_id="file_1")),
        ({"type": "content", "content": "words"}, Document(parts=(Text("words"),))),
        (
            {
                "type": "content",
                "content": [
                    {"type": "text", "text": "See"},
                    {"type": "image", "source": {"type": "file", "file_id": "file_2"}},
                ],
            },
            Document(parts=(Text("See"), Image(file_id="file_2"))),
        ),
    ],
)
def test_p58_documents(source: dict[str, Any], part: Part) -> None:
    assert read(type="document", source=source) == part


def test_what_is_said_about_a_document() -> None:
    source = {"type": "text", "data": "words"}
    document = read(
        type="document", source=source, title="Report", context="Old.", citations={"enabled": True}, cache_control=MARK
    )
    assert document == Document(
        text="words",
        media_type="text/plain",
        title="Report",
        context="Old.",
        citations=Raw(b'{"enabled": true}'),
        cache=MARKED,
    )
    assert read(type="document", source=source, title=None, citations=None) == Document(
        text="words", media_type="text/plain"
    )


@pytest.mark.parametrize("type", ["image", "document"])
@pytest.mark.parametrize(
    "source", [{"type": "hologram", "beam": 1}, {"type": "base64"}, {"type": "url", "url": None}, {}]
)
def test_law_12_a_source_nobody_knows_keeps_its_block(type: str, source: dict[str, Any]) -> None:
    part = read(type=type, source=source)
    assert isinstance(part, Opaque)
    assert (part.dialect, part.name) == ("anthropic", type)
    assert json.loads(bytes(part.raw)) == {"type": type, "source": source}


@pytest.mark.parametrize("type", ["server_tool_use", "web_search_tool_result", "search_result", "tool_addition", "new"])
def test_law_12_a_block_nobody_knows_stays_as_it_is_written(type: str) -> None:
    raw = Raw(b'{"type": "%b", "text": 5, "source": null, "x": {"b": 1.50}}' % type.encode())
    assert read_block(raw, "x") == Opaque("anthropic", type, raw)


def result(**block: Any) -> ToolResult:
    part = read(type="tool_result", tool_use_id="toolu_1", **block)
    assert isinstance(part, ToolResult)
    return part


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ({}, ()),
        ({"content": None}, ()),
        ({"content": ""}, ()),
        ({"content": []}, ()),
        ({"content": "done"}, (Text("done"),)),
        ({"content": [{"type": "text", "text": "done"}]}, (Text("done"),)),
        ({"content": [{"type": "tool_reference", "tool_name": "WebFetch"}]}, (ToolReference("WebFetch"),)),
    ],
)
def test_tool_results(block: dict[str, Any], parts: tuple[Text | ToolReference, ...]) -> None:
    assert result(**block) == ToolResult("toolu_1", parts)


def test_p57_p58_pictures_and_papers_inside_a_result() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
    paper = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JV=="}}
    found = {"type": "search_result", "title": "T"}
    parts = result(content=[{"type": "text", "text": "See"}, picture, paper, found]).parts
    assert parts[:3] == (
        Text("See"),
        Image(data="AA==", media_type="image/png"),
        Document(data="JV==", media_type="application/pdf"),
    )
    assert isinstance(parts[3], Opaque) and parts[3].name == "search_result"


@pytest.mark.parametrize(("said", "error"), [(True, True), (False, False), (None, False), ("true", False)])
def test_p59_a_failed_tool_is_marked(said: object, error: bool) -> None:
    assert result(content="no", is_error=said).is_error is error


def test_cache_marks_are_read_from_every_block() -> None:
    source = {"type": "url", "url": "u"}
    blocks: list[dict[str, Any]] = [
        {"type": "text", "text": "x"},
        {"type": "image", "source": source},
        {"type": "document", "source": source},
        {"type": "thinking", "thinking": "x"},
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        {"type": "tool_result", "tool_use_id": "a"},
    ]
    for block in blocks:
        for part, cache in ((read(**block, cache_control=MARK), MARKED), (read(**block, cache_control=None), Raw(b""))):
            assert not isinstance(part, ToolReference | Opaque)
            assert part.cache == cache


def test_citations_are_kept_as_they_are_written() -> None:
    part = read(type="text", text="x", citations=[{"type": "char_location", "start": 1.0}])
    assert part == Text("x", citations=Raw(b'[{"type": "char_location", "start": 1.0}]'))
    assert read(type="text", text="x", citations=None) == Text("x")


@pytest.mark.parametrize("text", ["hi", "안녕 🦊", " ", "\n"])
def test_a_string_and_a_list_mean_the_same(text: str) -> None:
    assert content(text) == content([{"type": "text", "text": text}]) == (Text(text),)


def test_nothing_is_no_parts() -> None:
    assert content("") == content([]) == content(None) == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "content is neither text nor a list of blocks"),
        ({"type": "text"}, "content is neither text nor a list of blocks"),
        (["hi"], "content[0]: Expected `object`, got `str`"),
        ([{"type": "text", "text": "x"}, {"text": "y"}], "content[1].type is missing"),
        ([{"type": 5}], "content[0].type is missing"),
        ([{"type": "text"}], "content[0].text is not a string"),
        ([{"type": "text", "text": 5}], "content[0].text is not a string"),
        ([{"type": "image"}], "content[0].source is missing"),
        ([{"type": "image", "source": None}], "content[0].source is missing"),
        ([{"type": "image", "source": "x"}], "content[0].source: Expected `object`"),
        ([{"type": "image", "source": {"type": "url", "url": 5}}], "content[0].source.url: "),
        ([{"type": "tool_use", "id": "a", "input": {}}], "content[0].name is missing"),
        ([{"type": "tool_use", "id": "a", "name": "", "input": {}}], "content[0].name is missing"),
        ([{"type": "tool_result", "tool_use_id": "a", "content": 5}], "content[0].content is neither"),
        ([{"type": "tool_result", "content": [{"type": "text"}]}], "content[0].content[0].text is not a string"),
        (
            [{"type": "document", "source": {"type": "content", "content": [{}]}}],
            "content[0].source.content[0].type is missing",
        ),
    ],
)
def test_what_is_impossible_is_said_with_its_path(value: object, words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        content(value)
    assert caught.value.message.startswith(words)


_texts = st.sampled_from(["", "a", "안", None, 1])
_blocks: st.SearchStrategy[object] = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_result", "thinking", "image", "server_tool_use", None, {}])},
    optional={
        "text": _texts,
        "thinking": _texts,
        "signature": _texts,
        "name": _texts,
        "id": _texts,
        "tool_use_id": _texts,
        "input": st.sampled_from([{"a": 1}, None]),
        "source": st.sampled_from([{"type": "url", "url": "https://a.b/c"}, {"type": "url"}, None]),
        "content": st.sampled_from(["so", [{"type": "text", "text": "so"}], [{"type": "video"}], None, 1, [{}]]),
        "cache_control": st.sampled_from([MARK, None]),
    },
)


def outcome(value: object) -> tuple[Part, ...] | str:
    try:
        return content(value)
    except BadRequest as error:
        return error.message


@given(st.lists(_blocks | st.just("a"), max_size=4))
def test_blocks_read_in_one_pass_are_read_alike(blocks: list[object]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(read_blocks, "_plain_blocks", lambda raw: None)
        one_by_one = outcome(blocks)
    assert outcome(blocks) == one_by_one
