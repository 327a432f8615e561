"""Parts to blocks for a Messages provider, and what it cannot take."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from landbridge.neutral.parts import (
    Audio,
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
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.read_blocks import read_block
from landbridge.wire.anthropic.write_blocks import BlockWriter

MARK = Raw(b'{"type":"ephemeral","ttl":"1h"}')
PNG = Image(data="AA==", media_type="image/png")
PDF = Document(data="JV==", media_type="application/pdf", title="a.pdf")


def written(part: Part, traits: Traits | None = None) -> tuple[Any, list[str]]:
    """The block as JSON, and the paths that were lost."""
    writer = BlockWriter(traits or Traits())
    block = writer.write(part, "p")
    return json.loads(msgspec.json.encode(block)), [loss.path for loss in writer.losses]


def write(part: Part) -> Any:
    block, lost = written(part)
    assert lost == []
    return block


@pytest.mark.parametrize(
    "part",
    [
        Text("안녕", cache=MARK),
        Text("x", citations=Raw(b'[{"type":"char_location"}]')),
        PNG,
        Image(url="https://example.com/a.png", cache=MARK),
        Image(file_id="file_1"),
        PDF,
        Document(text="words", media_type="text/plain", context="Old.", citations=Raw(b'{"enabled":true}'), cache=MARK),
        Document(url="https://example.com/a.pdf"),
        Document(file_id="file_1"),
        Document(parts=(Text("See"), PNG)),
        Thinking("Hm.", signature="c2ln", origin="anthropic"),
        Thinking("", signature="c2ln", origin="anthropic"),
        Thinking(signature="ZZ", redacted=True, origin="anthropic"),
        ToolCall("toolu_1", "Read", Raw(b'{"a":1}'), cache=MARK),
        ToolCall("functions.Read:0", "Read"),
        ToolResult("toolu_1", (Text("done"), PNG, PDF, ToolReference("WebFetch")), cache=MARK),
        ToolResult("functions.Read:0", is_error=True),
        ToolReference("WebFetch"),
        Opaque("anthropic", "server_tool_use", Raw(b'{"type":"server_tool_use","x":[1.50]}')),
    ],
)
def test_what_anthropic_knows_comes_back(part: Part) -> None:
    writer = BlockWriter(Traits())
    assert read_block(Raw(msgspec.json.encode(writer.write(part, "p"))), "x") == part
    assert writer.losses == []


def test_arguments_go_as_they_are_written() -> None:
    block = BlockWriter(Traits()).write(ToolCall("a", "f", Raw(b'{ "z" : 1.50, "a" : "\\u00e9" }')), "p")
    assert b'"input":{ "z" : 1.50, "a" : "\\u00e9" }' in msgspec.json.encode(block)


@pytest.mark.parametrize(
    ("args", "input"),
    [
        (b"", {}),
        (b"  ", {}),
        (b"[1]", {"value": [1]}),
        (b'"x"', {"value": "x"}),
        (b"null", {"value": None}),
        (b'{"a":', {"value": '{"a":'}),
        (b"ls -la", {"value": "ls -la"}),
        (b"\xff", {"value": "\ufffd"}),
    ],
)
def test_p26_p29_arguments_are_always_an_object(args: bytes, input: dict[str, Any]) -> None:
    assert write(ToolCall("a", "f", Raw(args))) == {"type": "tool_use", "id": "a", "name": "f", "input": input}


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_p61_blank_text_is_left_out(text: str) -> None:
    assert write(Text(text, cache=MARK)) is None
    assert write(ToolResult("a", (Text(text),))) == {"type": "tool_result", "tool_use_id": "a"}
    within = Document(parts=(Text(text), Text("x")))
    assert write(within)["source"]["content"] == [{"type": "text", "text": "x"}]


@pytest.mark.parametrize(
    "thinking",
    [
        Thinking("Hm."),
        Thinking("Hm.", signature="", origin="anthropic"),
        Thinking("Hm.", signature="x", origin="gemini"),
        Thinking(signature="x", redacted=True, origin="openai_responses"),
        Thinking("Hm.", signature="x"),
    ],
)
def test_p54_p55_only_what_anthropic_signed_goes_back_to_it(thinking: Thinking) -> None:
    assert written(thinking) == (None, ["p"])


def test_p49_thinking_has_no_cache_mark() -> None:
    assert write(Thinking("Hm.", signature="x", origin="anthropic", cache=MARK)) == {
        "type": "thinking",
        "thinking": "Hm.",
        "signature": "x",
    }


def test_p59_a_failed_tool_is_marked() -> None:
    assert write(ToolResult("a", (Text("no"),), is_error=True))["is_error"] is True
    assert "is_error" not in write(ToolResult("a", (Text("yes"),)))


def test_p58_text_files_go_as_text() -> None:
    for data, text in (("7JWI64WV", "안녕"), ("7JWI\r\n64WV\n", "안녕"), ("not base64!", "not base64!"), ("é", "é")):
        source = write(Document(data=data, media_type="text/markdown"))["source"]
        assert source == {"type": "text", "media_type": "text/plain", "data": text}


@pytest.mark.parametrize(
    ("part", "note"),
    [
        (Audio("AA==", "wav"), "[audio that cannot be heard here]"),
        (Opaque("openai_chat", "hologram", Raw(b"{}")), "[a hologram that cannot be shown here]"),
    ],
)
def test_what_has_no_block_is_said_and_reported(part: Part, note: str) -> None:
    assert written(part) == ({"type": "text", "text": note}, ["p"])


@pytest.mark.parametrize(
    ("part", "traits", "note"),
    [
        (PNG, Traits(images=False), "[an image that cannot be seen here]"),
        (PDF, Traits(documents=False), "[a document that cannot be read here: a.pdf]"),
        (Document(url="u"), Traits(documents=False), "[a document that cannot be read here: untitled]"),
    ],
)
def test_p57_p58_what_this_model_cannot_take_is_said_and_reported(part: Part, traits: Traits, note: str) -> None:
    assert written(part, traits) == ({"type": "text", "text": note}, ["p"])
    assert isinstance(part, Image | Document)
    block, lost = written(ToolResult("a", (Text("See"), part)), traits)
    assert block["content"] == [{"type": "text", "text": "See"}, {"type": "text", "text": note}]
    assert lost == ["p.parts[1]"]


def test_a_model_without_papers_still_reads_words() -> None:
    block, lost = written(Document(text="words"), Traits(documents=False))
    assert (block["source"]["data"], lost) == ("words", [])
