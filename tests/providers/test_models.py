"""What is known of models, and under which spellings of their names it is found."""

from __future__ import annotations

import re

import pytest

from landbridge.neutral.effort import EFFORTS
from landbridge.neutral.traits import Traits
from landbridge.providers import quirks
from landbridge.providers.models import Limits, limits, limits_of, plain_name


def test_rows_can_be_reached() -> None:
    for row in limits():
        for pattern in row.match:
            sample = re.sub(r"\[(\w)[^]]*\]", r"\1", pattern.replace("*", "0x"))
            plain = re.sub(r"\[(\w)[^]]*\]", r"\1", pattern.replace("*", ""))
            assert row in (limits_of(sample), limits_of(plain)), f"{pattern} is hidden by another row"


def named(row: Limits) -> str:
    return row.match[0]


@pytest.mark.parametrize("row", limits(), ids=named)
def test_rows_make_sense(row: Limits) -> None:
    assert row.match
    assert all(pattern == plain_name(pattern) for pattern in row.match), "patterns are of plain names"
    assert row.window is None or row.output is None or 0 < row.output <= row.window
    assert quirks.apply(Traits(), row.quirks)
    assert row.thinks, "who writes a row looks up whether the model thinks"
    known = [word for word in EFFORTS if word in row.efforts]
    assert list(row.efforts) == (["none", *known] if "none" in row.efforts else known), "words in rising order"
    assert row.thinks == "can" or "none" not in row.efforts
    if row.thinks == "never":
        assert (row.budgets, row.efforts) == (None, ())
    if row.budgets is not None:
        assert 1 <= row.budgets[0] < row.budgets[1] < (row.output or 1 << 30)  # thinking is part of the answer
    else:
        assert "no_adaptive" not in row.quirks, "it could be told nothing"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet:thinking"),
        ("anthropic/claude-4.5-sonnet", "claude-sonnet-4-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929-v1:0"),
        ("bedrock/global.anthropic.claude-opus-4-6-v1", "claude-opus-4-6-v1"),
        ("claude-haiku-4-5@20251001", "claude-haiku-4-5@20251001"),
        ("Claude-Opus-5", "claude-opus-5"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("xai.grok-4.3", "grok-4.3"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b-1:0"),
        ("openai/gpt-5.1-codex", "gpt-5.1-codex"),
        ("Qwen/Qwen3.5-9B", "qwen3.5-9b"),
        ("qwen2.5-coder:0.5b", "qwen2.5-coder:0.5b"),
        ("o3", "o3"),
        ("", ""),
    ],
)
def test_one_name_of_many_spellings(model: str, name: str) -> None:
    assert plain_name(model) == name
    assert plain_name(name) == name


CLAUDE = ("low", "medium", "high", "xhigh", "max")


@pytest.mark.parametrize(
    ("model", "thinks", "budgets", "efforts"),
    [
        ("claude-3-5-haiku-latest", "never", None, ()),
        ("anthropic/claude-3.7-sonnet", "can", (1024, 63_999), ()),
        ("anthropic/claude-opus-4", "can", (1024, 31_999), ()),
        ("anthropic/claude-sonnet-4", "can", (1024, 63_999), ()),
        ("anthropic/claude-haiku-4.5", "can", (1024, 63_999), ()),
        ("claude-opus-4-5-20251101", "can", (1024, 63_999), ("low", "medium", "high")),
        ("anthropic.claude-sonnet-4-6", "can", (1024, 127_999), ("low", "medium", "high", "max")),
        ("claude-opus-4-7", "can", None, CLAUDE),
        ("claude-opus-5", "can", None, CLAUDE),
        ("claude-sonnet-5", "can", None, CLAUDE),
        ("claude-haiku-5-5", "can", None, CLAUDE),
        ("claude-opus-5-5", "always", None, CLAUDE),
        ("claude-fable-5", "always", None, CLAUDE),
        ("claude-fable-5-1", "always", None, CLAUDE),
        ("claude-opus-6", "always", None, CLAUDE),
        ("gpt-4.1", "never", None, ()),
        ("gpt-5", "always", None, ("minimal", "low", "medium", "high")),
        ("gpt-5-mini-2025-08-07", "always", None, ("minimal", "low", "medium", "high")),
        ("gpt-5-codex", "always", None, ("low", "medium", "high")),
        ("gpt-5.1", "can", None, ("none", "low", "medium", "high")),
        ("gpt-5.1-codex-max", "always", None, ("low", "medium", "high", "xhigh")),
        ("gpt-5.2", "can", None, ("none", "low", "medium", "high", "xhigh")),
        ("gpt-5.5-pro", "always", None, ("medium", "high", "xhigh")),
        ("gpt-5.6-sol", "can", None, ("none", *CLAUDE)),
        ("gpt-5.2-chat-latest", "never", None, ()),
        ("o4-mini", "always", None, ("low", "medium", "high")),
        ("openai/gpt-oss-20b", "always", None, ("low", "medium", "high")),
        ("google/gemini-2.5-pro", "always", (128, 32_768), ()),
        ("gemini-2.5-flash", "can", (1, 24_576), ()),
        ("gemini-2.5-flash-lite", "can", (512, 24_576), ()),
        ("gemini-3-pro-preview", "always", None, ("low", "high")),
        ("gemini-3-flash-preview", "always", None, ("minimal", "low", "medium", "high")),
        ("gemini-3.8-flash", "always", None, ("low", "medium", "high")),
        ("deepseek-v4-pro", "can", None, ("minimal", *CLAUDE)),
        ("qwen3:8b", "can", (1, 38_912), ()),
        ("qwen3-coder-plus", "never", None, ()),
        ("kimi-k2.6", "can", None, ()),
        ("kimi-k3", "always", None, ("low", "high", "max")),
        ("z-ai/glm-4.6", "can", None, ()),
        ("grok-4.20-0309-non-reasoning", "never", None, ()),
        ("grok-4.3", "can", None, ("none", "low", "medium", "high")),
        ("grok-4.7", "always", None, ("low", "medium", "high")),
        ("something-new", "", None, ()),
    ],
)
def test_p51_how_models_think(
    model: str, thinks: str, budgets: tuple[int, int] | None, efforts: tuple[str, ...]
) -> None:
    found = limits_of(plain_name(model))
    assert (found.thinks, found.budgets, found.efforts) == (thinks, budgets, efforts)
