"""Small real questions that show what a model can do, and what its answers mean. Pure; `gateway/probing.py` asks them.

Each question is put as if the model could do everything. An answer that only somebody who can could give is a yes; a
refusal of the request is a no; what may pass (a limit, an outage) shows nothing.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from ..errors import GatewayError, ProviderFault
from ..neutral.parts import Document, Image, Message, Part, Text, Thinking, ToolCall
from ..neutral.request import OutputFormat, Reasoning, Request, Tool, ToolChoice
from ..neutral.response import Response
from ..neutral.traits import Traits

Verdict = Literal["yes", "no", "unsure"]

MAX_TOKENS = 2000
"""Of an answer: models that think need some before they say a word."""
FAR_TOO_MANY = 99_999_999
"""Tokens no model writes; its provider's refusal names the limit."""
REFUSALS = (400, 404, 405, 413, 415, 422, 501)
"""Statuses that mean the request, and not the moment."""
WORD = "heliotrope"
"""Stands in the PDF and nowhere in the question."""
COLOURS = ("green", "red")


class Finding(Struct, frozen=True):
    """What one question showed."""

    verdict: Verdict
    why: str = ""
    """What the model said, or its provider."""


Judge = Callable[[Response], Finding]


class Question(Struct, frozen=True):
    """One thing to find out."""

    name: str
    means: str
    """What a yes means, for people."""
    request: Request
    judge: Judge
    quirks: dict[Verdict, tuple[str, ...]] = {}
    """What each verdict means for the model's traits."""


def able(traits: Traits, question: str) -> Traits:
    """`traits`, as if the model could do what the question asks."""
    match question:
        case "images":
            return replace(traits, images=True)
        case "documents":
            return replace(traits, documents=True)
        case "tools":
            return replace(traits, tools=True)
        case "schema":
            return replace(traits, output_schema="schema")
        case "thinking":
            field = "reasoning_effort" if traits.effort == "none" else traits.effort
            return replace(traits, thinks="can", effort=field, thinking="")
        case "limit":
            return replace(traits, max_output=None)
    return traits


def refused(error: GatewayError) -> Finding:
    """What an error shows."""
    words = " ".join(error.message.split())[:300]
    if error.status in REFUSALS or (isinstance(error, ProviderFault) and _NOT_SUPPORTED.search(words)):
        return Finding("no", words)
    return Finding("unsure", words)


_NOT_SUPPORTED = re.compile(r"not support|unsupported|not available for|does not accept", re.I)


# -- what is asked -----------------------------------------------------------------------------------------------------


def _ask(text: str, *parts: Part) -> Request:
    return Request("", (Message("user", (*parts, Text(text))),), max_tokens=MAX_TOKENS)


def _png() -> str:
    """Left half of one colour, right half of another."""
    rows = (b"\0" + b"\x00\xa0\x00" * 64 + b"\xe0\x00\x00" * 64) * 64
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 128, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    written = (
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(written)).decode()


def _pdf() -> str:
    """One page with one word."""
    page = f"BT /F 36 Tf 72 700 Td ({WORD}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%btrailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (table, len(out))
    return base64.b64encode(out + end).decode()


_WEATHER = Tool(
    "get_weather",
    description="The weather in a city, now.",
    schema=Raw(b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'),
)
_CITY = OutputFormat(
    schema=Raw(
        b'{"type":"object","properties":{"city":{"type":"string"},"river":{"type":"string"}},'
        b'"required":["city","river"],"additionalProperties":false}'
    ),
    name="city",
)


# -- what the answers mean ---------------------------------------------------------------------------------------------


def said(response: Response) -> str:
    """The words of an answer."""
    return "".join(part.text for part in response.parts if isinstance(part, Text)).strip()


def _quote(response: Response) -> str:
    words = " ".join(said(response).split())
    return f'it said "{words[:80]}"' if words else "it said nothing"


def _answers(response: Response) -> Finding:
    return Finding("yes" if said(response) else "no", _quote(response))


def _calls(response: Response) -> Finding:
    for part in response.parts:
        if isinstance(part, ToolCall):
            try:
                args = msgspec.json.decode(part.args)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return Finding("no", "its call's arguments are no JSON")
            good = part.name == _WEATHER.name and isinstance(args, dict) and "city" in args
            return Finding(
                "yes" if good else "no", f"it called {part.name}({bytes(part.args).decode(errors='replace')})"
            )
    return Finding("unsure", f"it took the tool and did not call it; {_quote(response)}")


def _sees(response: Response) -> Finding:
    words = said(response).lower()
    places = [words.find(colour) for colour in COLOURS]
    seen = -1 < places[0] < places[1]
    return Finding("yes" if seen else "no", _quote(response))


def _reads(response: Response) -> Finding:
    return Finding("yes" if WORD in said(response).lower() else "no", _quote(response))


def _thinks(response: Response) -> Finding:
    if any(isinstance(part, Thinking) for part in response.parts):
        return Finding("yes", "it showed its thinking")
    if response.usage.reasoning:
        return Finding("yes", f"it thought for {response.usage.reasoning} tokens")
    return Finding("unsure", "it took the wish; nothing shows that it thought")


def _keeps_form(response: Response) -> Finding:
    try:
        value = msgspec.json.decode(said(response).encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return Finding("no", f"no JSON: {_quote(response)}")
    good = isinstance(value, dict) and set(value) == {"city", "river"}
    return Finding("yes" if good else "no", _quote(response))


def _no_limit(response: Response) -> Finding:
    return Finding("unsure", "it takes any number of tokens")


QUESTIONS: tuple[Question, ...] = (
    Question("answers", "answers at all", _ask("Reply with the word OK."), _answers),
    Question("streaming", "streams its answer", replace(_ask("Count from 1 to 20."), stream=True), _answers),
    Question(
        "tools",
        "calls tools",
        replace(
            _ask("What is the weather in Seoul now? Use the tool."), tools=(_WEATHER,), tool_choice=ToolChoice("auto")
        ),
        _calls,
        {"no": ("no_tools",)},
    ),
    Question(
        "images",
        "sees images",
        _ask(
            "Which colour is the left half of this image, and which the right half? Answer with two words.",
            Image(data=_png(), media_type="image/png"),
        ),
        _sees,
        {"yes": ("images",), "no": ("no_images",)},
    ),
    Question(
        "documents",
        "reads PDFs",
        _ask(
            "Which word stands in this document? Answer with that word.",
            Document(data=_pdf(), media_type="application/pdf", title="word.pdf"),
        ),
        _reads,
        {"yes": ("documents",), "no": ("no_documents",)},
    ),
    Question(
        "thinking",
        "thinks when asked to",
        replace(
            _ask("A farmer has 17 sheep; all but 9 run away. How many are left? Think first."),
            reasoning=Reasoning("on", effort="low"),
            max_tokens=2 * MAX_TOKENS,
        ),
        _thinks,
        {"no": ("no_thinking",)},
    ),
    Question(
        "schema",
        "answers by a JSON schema",
        replace(_ask("Which river flows through Seoul?"), output=_CITY),
        _keeps_form,
        {"no": ("no_structured_output",)},
    ),
    Question("limit", "names its limits", replace(_ask("Reply with the word OK."), max_tokens=FAR_TOO_MANY), _no_limit),
)
