"""Random requests, answers and streams for the laws.

Texts hold Korean, emoji and control characters; answers hold thinking anywhere and up to four tools, with empty, long
and oddly spaced arguments, one after the other (`orderly`) or interleaved at random. A `Story` is what a model says,
fragment by fragment, in no dialect; `render.py` puts it on the wire as a provider would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from msgspec import Raw

from landbridge.neutral.events import Extra, Finish, Kind, Reason, Usage
from landbridge.neutral.parts import Document, Image, Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice
from landbridge.neutral.response import Response

_SPICE = st.sampled_from(
    ["안녕하세요 세계", "👩‍👩‍👧🦊", "\x00\x1b\x7f\u2028", "\r\ndata: x\r\n\r\n", "[DONE]", "  ", '"\\', "ﬀ"]
)
_CHARACTERS = st.characters(exclude_categories=["Cs"])
texts = st.one_of(st.text(_CHARACTERS, min_size=1, max_size=30), _SPICE, st.lists(_SPICE, max_size=4).map("-".join))
"""Texts, some of them empty or blank."""
words = texts.filter(str.strip)
"""Texts that are not blank."""
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,15}", fullmatch=True)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
counts = st.integers(0, 1 << 40)

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, _values, max_size=4)


@st.composite
def arguments(draw: st.DrawFn) -> str:
    """The JSON text of an object, compact or spaced, escaped or not, sometimes long."""
    value: dict[str, Any] = draw(objects)
    if draw(st.integers(0, 9)) == 0:
        value["content"] = "긴 내용 long 🦊\n" * 40
    spaced = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]))
    return json.dumps(value, ensure_ascii=draw(st.booleans()), separators=spaced)


@dataclass(frozen=True)
class Fragment:
    """A few characters of one block. `call` counts the tool calls from 0; it is -1 for text and thinking."""

    kind: Kind
    text: str
    call: int = -1


@dataclass(frozen=True)
class Story:
    """What a model says, and how its provider likes to say it."""

    fragments: tuple[Fragment, ...]
    calls: tuple[tuple[str, str], ...] = ()
    """Id and name of every tool call."""
    reason: Reason = Reason.END
    usage: Usage | None = None
    usage_place: str = "late"
    """`early`, `with_finish` or `late`."""
    finish_with_content: bool = False
    announce_with_text: bool = False
    """The first arguments come in the record that announces the call."""
    orderly: bool = True
    """No call begins before the last one is whole."""

    def said(self, kind: Kind, call: int = -1) -> str:
        """All text of one kind, or of one call (arguments nobody sent are an empty object)."""
        said = "".join(each.text for each in self.fragments if (each.kind, each.call) == (kind, call))
        return said or ("{}" if kind is Kind.TOOL else "")

    @property
    def has_empty_call(self) -> bool:
        """Whether some call has no arguments at all."""
        return any(
            not "".join(each.text for each in self.fragments if each.call == at) for at in range(len(self.calls))
        )


@st.composite
def _cut(draw: st.DrawFn, text: str) -> list[str]:
    """A text in one to five pieces, empty ones among them."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def _tools(draw: st.DrawFn, count: int) -> list[list[Fragment]]:
    tracks = []
    for call in range(count):
        text = draw(st.one_of(arguments(), st.just("")))
        tracks.append([Fragment(Kind.TOOL, piece, call) for piece in draw(_cut(text))])
    return tracks


@st.composite
def stories(draw: st.DrawFn, orderly: bool | None = None) -> Story:
    """Anything a model may say; orderly or interleaved, as asked or by chance."""
    orderly = draw(st.booleans()) if orderly is None else orderly
    tracks = _tools(draw, draw(st.integers(0, 4)))
    prose = draw(st.lists(st.tuples(st.sampled_from([Kind.TEXT, Kind.THINKING]), texts), max_size=5))
    count = len(tracks)
    for kind, text in prose:
        track = [Fragment(kind, piece) for piece in draw(_cut(text))]
        tracks.insert(draw(st.integers(0, len(tracks))) if orderly else len(tracks), track)
    if orderly:
        fragments = _numbered([fragment for track in tracks for fragment in track])
    else:
        turns = draw(st.permutations([at for at, track in enumerate(tracks) for _ in track]))
        queues = [iter(track) for track in tracks]
        fragments = _numbered([next(queues[turn]) for turn in turns])
    return Story(
        fragments=tuple(fragments),
        calls=tuple((f"call_{number}_{draw(ids)}", draw(names)) for number in range(count)),
        reason=Reason.TOOLS if count else draw(st.sampled_from([Reason.END, Reason.LENGTH])),
        usage=draw(st.none() | st.builds(Usage, input=counts, output=counts, cache_read=st.none() | counts)),
        usage_place=draw(st.sampled_from(["early", "with_finish", "late"])),
        finish_with_content=draw(st.booleans()),
        announce_with_text=draw(st.booleans()),
        orderly=orderly,
    )


def _numbered(fragments: list[Fragment]) -> list[Fragment]:
    """Calls numbered in the order they appear, as providers do."""
    seen: dict[int, int] = {-1: -1}
    return [replace(each, call=seen.setdefault(each.call, len(seen) - 1)) for each in fragments]


# --- whole answers

usages = st.builds(
    Usage,
    input=st.none() | counts,
    output=st.none() | counts,
    cache_read=st.none() | counts,
    cache_write=st.none() | counts,
    reasoning=st.none() | counts,
)


def tool_calls(signed: bool = False) -> st.SearchStrategy[ToolCall]:
    """Tool calls; `signed` ones may carry an opaque token."""
    args = arguments().map(lambda text: Raw(text.encode()))
    if not signed:
        return st.builds(ToolCall, ids, names, args)
    return st.builds(ToolCall, ids, names, args, signature=texts, origin=st.just("gemini"))


@st.composite
def responses(draw: st.DrawFn) -> Response:
    """Answers with every kind of part, as `collect` would make them."""
    thinking = st.builds(Thinking, texts, signature=texts, redacted=st.booleans(), origin=st.just("anthropic"))
    opaque = st.builds(Opaque, st.just("anthropic"), names, objects.map(lambda value: Raw(json.dumps(value).encode())))
    parts = tuple(
        draw(st.lists(st.one_of(st.builds(Text, texts), thinking, tool_calls(signed=True), opaque), max_size=6))
    )
    inside = sorted(draw(st.lists(st.integers(0, len(parts) - 1), max_size=3))) if parts else []
    return Response(
        parts=parts,
        finish=draw(st.builds(Finish, st.sampled_from(Reason), st.sampled_from(["", "STOP"]))),
        usage=draw(usages),
        id=draw(ids),
        model=draw(names),
        extras=tuple(Extra(index, "anthropic", "note", Raw(b"[1]")) for index in [*inside, -1]),
    )


# --- requests

_PIXEL = "iVBORw0KGgo="
_images = st.one_of(
    st.just(Image(data=_PIXEL, media_type="image/png")),
    st.just(Image(url="https://example.com/a.png")),
)
_documents = st.builds(Document, data=st.just("JVBERi0="), media_type=st.just("application/pdf"))
_prose = st.builds(Text, words)


@st.composite
def _turn(draw: st.DrawFn, number: int) -> list[Message]:
    """What the model said and the client answered; every call has its result, in order."""
    said: list[Part] = []
    if draw(st.booleans()):
        said.append(Thinking(draw(words), signature="c2ln", origin="anthropic"))
    if draw(st.booleans()):
        said.append(draw(_prose))
    calls = [
        ToolCall(f"toolu_{number}_{at}", draw(names), Raw(draw(arguments()).encode()))
        for at in range(draw(st.integers(0, 3)))
    ]
    if not calls and len(said) < 2:
        said = [draw(_prose)]
    heard: list[Part] = [
        ToolResult(
            call.id,
            tuple(draw(st.lists(st.one_of(_prose, _images), min_size=1, max_size=2))),
            is_error=draw(st.booleans()),
        )
        for call in calls
    ]
    if not heard or draw(st.booleans()):
        heard += draw(st.lists(st.one_of(_prose, _images, _documents), min_size=1, max_size=3))
    notes = [Message("system", (draw(_prose),))] if draw(st.integers(0, 3)) == 0 else []
    return [Message("assistant", (*said, *calls)), Message("user", tuple(heard)), *notes]


@st.composite
def conversations(draw: st.DrawFn, turns: int = 3) -> tuple[Message, ...]:
    """A user's wish and up to `turns` turns; it ends with the user or a system note."""
    messages = [Message("user", tuple(draw(st.lists(_prose, min_size=1, max_size=3))))]
    for number in range(draw(st.integers(0, turns))):
        messages += draw(_turn(number))
    return tuple(messages)


@st.composite
def tools(draw: st.DrawFn) -> tuple[Tool, ...]:
    """Zero to three tools with raw schemas."""
    wanted = draw(st.lists(names, unique=True, max_size=3))
    schema = st.sampled_from([b'{"type":"object","properties":{"b":{},"a":{}}}', b'{ "type" : "object" }'])
    return tuple(Tool(name, draw(words), Raw(draw(schema))) for name in wanted)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests as clients send them; every field either dialect has may be set."""
    offered = draw(tools())
    choices = [None, ToolChoice("auto"), ToolChoice("any"), ToolChoice("none"), ToolChoice("auto", parallel=False)]
    choices += [ToolChoice("named", tool.name) for tool in offered]
    thinking = [Reasoning(), Reasoning("adaptive", effort="high"), Reasoning("on", budget=2048), Reasoning("off")]
    formats = [None, OutputFormat(Raw(b'{"type":"object"}'), name="answer"), OutputFormat()]
    return Request(
        model=draw(names),
        messages=draw(conversations()),
        system=tuple(draw(st.lists(_prose, max_size=2))),
        tools=offered,
        tool_choice=draw(st.sampled_from(choices)) if offered else None,
        sampling=draw(st.builds(Sampling, temperature=st.none() | st.floats(0, 1), top_p=st.none() | st.floats(0, 1))),
        max_tokens=draw(st.none() | st.integers(1, 100_000)),
        stop=tuple(draw(st.lists(words, max_size=3))),
        reasoning=draw(st.sampled_from(thinking)),
        output=draw(st.sampled_from(formats)),
        stream=draw(st.booleans()),
        user=draw(st.just("") | ids),
    )


class Pieces(list[bytes]):
    """Bytes in pieces; shows only how many."""

    def __repr__(self) -> str:
        return f"<{len(self)} pieces, the first of {list(map(len, self[:20]))} bytes>"


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> Pieces:
    """The bytes in pieces: all at once, one by one, or anywhere."""
    if draw(st.booleans()) and len(data) < 2000:
        return Pieces(data[at : at + 1] for at in range(len(data)))
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    return Pieces(data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True))


_native_usages = st.builds(Usage, input=st.integers(1, 9999), output=st.integers(1, 9999), cache_read=counts)


@st.composite
def native_responses(draw: st.DrawFn, dialect: str) -> Response:
    """Answers in the form a dialect has itself: what it cannot carry does not occur."""
    words_of_kind = {
        "openai_chat": [Reason.END, Reason.LENGTH, Reason.CONTENT_FILTER],
        "anthropic": [Reason.END, Reason.LENGTH, Reason.REFUSAL, Reason.PAUSE, Reason.CONTEXT_FULL],
        "openai_responses": [Reason.END, Reason.LENGTH, Reason.CONTENT_FILTER],
        "gemini": [Reason.END, Reason.LENGTH],
    }
    called = draw(st.lists(tool_calls(), max_size=3, unique_by=lambda call: call.id))
    parts: list[Part] = []
    if dialect == "openai_chat":
        parts += draw(st.lists(st.builds(Thinking, words), max_size=1))
        parts += draw(st.lists(st.builds(Text, words), max_size=1))
        parts += called
    else:
        tokens = ids
        if dialect == "openai_responses":  # there a signature holds an item's id and its ciphertext
            tokens = ids.map(lambda each: f'{{"id":"rs_{each}","encrypted_content":"{each}=="}}')
        signed = st.builds(Thinking, words, signature=tokens, origin=st.just(dialect))
        plain = st.builds(Text, words)
        if dialect == "gemini":  # a signature on each, for text without one goes on in the next part
            plain = st.builds(Text, words, signature=tokens, origin=st.just(dialect))
        # Gemini hides no thoughts of its own, but carries those of others.
        maker = "anthropic" if dialect == "gemini" else dialect
        hidden = st.builds(Thinking, signature=tokens, redacted=st.just(True), origin=st.just(maker))
        beam = b'{"hologram":[1,2]}' if dialect == "gemini" else b'{"type":"hologram","beam":[1,2]}'
        opaque = st.just(Opaque(dialect, "hologram", Raw(beam)))
        prose = draw(st.lists(st.one_of(plain, signed, hidden, opaque), max_size=4))
        parts += draw(st.permutations([*prose, *called]))
    reason = Reason.TOOLS if called else draw(st.sampled_from(words_of_kind[dialect]))
    return Response(tuple(parts), Finish(reason), draw(_native_usages), id=draw(ids), model=draw(names))
