"""Every client's way to ask for thinking, to every kind of model: each pair by hand, and what holds for all of them."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from landbridge.neutral.request import Request
from landbridge.wire.dialects import dialect
from tests.fakes.answers import chat_stream
from tests.redoc_thinking import ASKS, FORMS, TARGETS, becomes, sent, traits_of

SHORT = {
    "H45": "Claude Haiku 4.5",
    "O46": "Claude Opus 4.6",
    "O5": "Claude Opus 5",
    "O55": "Claude Opus 5.5",
    "G56": "GPT-5.6",
    "G5": "GPT-5",
    "G41": "GPT-4.1",
    "R52": "GPT-5.2 (Responses)",
    "OR": "Claude Sonnet 4.5 (OpenRouter)",
    "DS": "DeepSeek V4",
    "K2": "Kimi K2.6",
    "QD": "Qwen3 (DashScope)",
    "QV": "Qwen3 (vLLM)",
    "F25": "Gemini 2.5 Flash",
    "P25": "Gemini 2.5 Pro",
    "G3": "Gemini 3 Pro",
}
PAIRS = """
                 H45     O46        O5         O55        G56     G5       G41  R52     OR      DS         K2   QD      QV   F25     P25     G3
budget           31999   31999      own/max    own/max    max     high     -!   xhigh   31999   on/max     on!  31999   on!  24576   31999   high
adaptive         8192    own        own        own        medium  -        -    medium  8192    on         on   on      on   own     own     show
adaptive high    16384   own/high   own/high   own/high   high    high     -    high    16384   on/high    on   16384   on   16384   16384   high
effort max       -       max        max        max        max     high     -    xhigh   -       max        -    -       -    -       -       high
disabled         off     off        off        low!       none    minimal! -    none    off     off        off  off     off  off     128!    low!
chat low         2048    own/low    own/low    own/low    low     low      -!   low     2048    on/low     on!  2048    on!  2048    2048    low
chat none        off     off        off        low!       none    minimal! -    none    off     off        off  off     off  off     128!    low!
chat object      5000    5000       own/medium own/medium medium  medium   -!   medium  5000    on/medium  on!  5000    on!  5000    5000    low
chat template    off     off        off        low!       none    minimal! -    none    off     off        off  off     off  off     128!    low!
responses xhigh  24576   own/high   own/xhigh  own/xhigh  xhigh   high     -!   xhigh   24576   on/xhigh   on!  24576   on!  24576   24576   high
responses none   off     off        off        low!       none    minimal! -    none    off     off        off  off     off  off     128!    low!
gemini budget    5000    5000       own/medium own/medium medium  medium   -!   medium  5000    on/medium  on!  5000    on!  5000    5000    low
gemini dynamic   8192    own        own        own        medium  -        -    medium  8192    on         on   on      on   own     own     show
gemini zero      off     off        off        low!       none    minimal! -    none    off     off        off  off     off  off     128!    low!
gemini level     16384   own/high   own/high   own/high   high    high     -    high    16384   on/high    on   16384   on   16384   16384   high
"""  # noqa: E501  # a table is read across
"""A number: tokens; `own`: as the model judges; `on`, `off`; a word of effort; `show`: only its thoughts; `-`: nothing.

`!`: what cannot be carried is reported.
"""


def read_table() -> dict[tuple[str, str], str]:
    head, *rows = PAIRS.strip("\n").splitlines()
    columns = head.split()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        form, cells = row[:17].strip(), row[17:].split()
        found |= {(form, SHORT[column]): cell for column, cell in zip(columns, cells, strict=True)}
    return found


EXPECTED = read_table()


def brief(fields: dict[str, Any]) -> str:
    """A body's fields as a cell says them."""
    template = fields.get("chat_template_kwargs", {})
    gemini, reasoning = fields.get("thinkingConfig", {}), fields.get("reasoning", {})
    thinking = fields.get("thinking", {})
    numbers = (
        thinking.get("budget_tokens"), reasoning.get("max_tokens"),
        fields.get("thinking_budget"), gemini.get("thinkingBudget"),
    )  # fmt: skip
    number = next((each for each in numbers if each is not None), None)
    switches = (template.get("enable_thinking"), fields.get("enable_thinking"), reasoning.get("enabled"))
    switch = next((each for each in switches if each is not None), None)
    word = next(
        filter(None, (fields.get("reasoning_effort"), fields.get("output_config", {}).get("effort"),
                      reasoning.get("effort"), gemini.get("thinkingLevel", "").lower())), "",
    )  # fmt: skip
    if thinking.get("type") == "disabled" or switch is False or number == 0:
        return "off"
    if thinking.get("type") == "adaptive" or number == -1:
        return f"own/{word}" if word else "own"
    if number is not None:
        return str(number)
    if thinking.get("type") == "enabled" or switch:
        return f"on/{word}" if word else "on"
    return word or ("show" if gemini.get("includeThoughts") else "-")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target", TARGETS)
def test_p51_every_pair(form: str, target: str) -> None:
    fields, lost = becomes(form, target)
    assert brief(fields) + "!" * bool(lost) == EXPECTED[form, target]


def test_the_table_has_every_pair() -> None:
    assert EXPECTED.keys() == {(form, target) for form in FORMS for target in TARGETS}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target", TARGETS)
def test_p51_no_field_contradicts_another(form: str, target: str) -> None:
    """A model is sent what it takes, off is not sent with an effort, and one measure is enough."""
    fields, _ = becomes(form, target)
    traits = traits_of(target)
    text = json.dumps(fields).lower()
    off = brief(fields) == "off"
    assert not (off and any(f'"{word}"' in text for word in ("low", "medium", "high", "xhigh", "max")))
    assert not (off and traits.thinks != "can")
    assert "enabled" not in text or traits.budgets is not None or traits.effort != "none"
    assert "adaptive" not in text or traits.adaptive
    assert "budget" not in text or traits.budgets is not None
    assert {"max_tokens", "effort"} - fields.get("reasoning", {}).keys(), "OpenRouter takes one of them"
    assert {"thinkingBudget", "thinkingLevel"} - fields.get("thinkingConfig", {}).keys(), "Gemini takes one of them"


@pytest.mark.parametrize("source", ASKS)
@pytest.mark.parametrize("target", TARGETS)
def test_p51_where_nothing_is_said_nothing_is_sent(source: str, target: str) -> None:
    assert sent(source, json.dumps(ASKS[source]).encode(), target) == ({}, [])


def test_p39_thinking_that_used_up_the_answer_is_told_as_its_limit() -> None:
    """A turn of thoughts alone is no end of a turn: the client learns that the limit was reached."""
    ids = itertools.count()
    chat, claude = dialect("openai_chat"), dialect("anthropic")
    request = Request("m", ())
    reader = chat.reader(lambda head: f"{head}{next(ids)}", "provider:lab")
    writer = claude.writer("msg_1", "m", 0, request)
    stream = chat_stream(thinking="Hm, let me see.", finish="length")
    said = b"".join(map(writer.feed, [*reader.feed(stream), *reader.close()])).decode()
    assert '"stop_reason":"max_tokens"' in said
    assert "text_delta" not in said and "thinking_delta" in said
