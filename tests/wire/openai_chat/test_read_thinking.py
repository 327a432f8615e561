"""Chat clients wish for thinking in many fields; off means off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.errors import BadRequest
from landbridge.neutral.request import Reasoning
from landbridge.wire.fields import Fields, decode_body
from landbridge.wire.openai_chat.read_thinking import read_thinking


def read(**body: Any) -> tuple[Reasoning, set[str]]:
    """The wish, and the fields that stay."""
    fields = Fields(decode_body(json.dumps(body).encode()))
    return read_thinking(fields), set(fields.rest())


OFF, ON = Reasoning("off"), Reasoning("on")


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        ({}, Reasoning()),
        ({"reasoning_effort": None}, Reasoning()),
        ({"reasoning_effort": ""}, Reasoning()),
        # OpenAI
        ({"reasoning_effort": "high"}, Reasoning("on", effort="high")),
        ({"reasoning_effort": "new"}, Reasoning("on", effort="new")),
        ({"reasoning_effort": "none"}, OFF),
        # OpenRouter
        ({"reasoning": {"effort": "low"}}, Reasoning("on", effort="low")),
        ({"reasoning": {"effort": "none"}}, OFF),
        ({"reasoning": {"max_tokens": 2000}}, Reasoning("on", budget=2000)),
        ({"reasoning": {"enabled": True}}, ON),
        ({"reasoning": {"enabled": False}}, OFF),
        ({"reasoning": {"effort": "high", "exclude": True}}, Reasoning("on", effort="high", display="omitted")),
        ({"reasoning": {}}, Reasoning()),
        # DeepSeek, Moonshot, Z.ai
        ({"thinking": {"type": "enabled"}}, ON),
        ({"thinking": {"type": "enabled", "budget_tokens": 3000}}, Reasoning("on", budget=3000)),
        ({"thinking": {"type": "enabled"}, "reasoning_effort": "max"}, Reasoning("on", effort="max")),
        ({"thinking": {"type": "disabled"}}, OFF),
        ({"thinking": {"type": "auto"}}, Reasoning("adaptive")),
        # Alibaba
        ({"enable_thinking": True}, ON),
        ({"enable_thinking": True, "thinking_budget": 500}, Reasoning("on", budget=500)),
        ({"enable_thinking": False, "thinking_budget": 500}, OFF),
        ({"thinking_budget": 0}, OFF),
        ({"thinking_budget": -1}, Reasoning("adaptive")),
        # Servers of open models
        ({"chat_template_kwargs": {"enable_thinking": True}}, ON),
        ({"chat_template_kwargs": {"enable_thinking": False}}, OFF),
        ({"chat_template_kwargs": {"thinking": False}}, OFF),
        ({"chat_template_kwargs": {"enable_thinking": True, "thinking_budget": 9}}, Reasoning("on", budget=9)),
        # Contradictions: off is off (P51)
        ({"reasoning": {"effort": "high", "enabled": False}}, OFF),
        ({"reasoning_effort": "high", "thinking": {"type": "disabled"}}, OFF),
        ({"reasoning_effort": "none", "enable_thinking": True}, OFF),
        ({"thinking": {"type": "auto"}, "enable_thinking": True}, ON),
    ],
)
def test_p51_every_field_of_every_provider(body: dict[str, Any], wish: Reasoning) -> None:
    assert read(**body) == (wish, set())


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        ({"reasoning": "high"}, Reasoning()),
        ({"reasoning": {"effort": "high", "new": 1}}, Reasoning()),
        ({"thinking": True}, Reasoning()),
        ({"thinking": {"type": "enabled", "clear_thinking": False}}, Reasoning()),
        ({"thinking": {"type": "sometimes"}}, Reasoning()),
        ({"enable_thinking": "yes"}, Reasoning()),
        ({"thinking_budget": "much"}, Reasoning()),
        ({"chat_template_kwargs": []}, Reasoning()),
        ({"chat_template_kwargs": {"enable_thinking": 1}}, Reasoning()),
        ({"chat_template_kwargs": {"add_vision_id": True}}, Reasoning()),
        ({"chat_template_kwargs": {"add_vision_id": True, "enable_thinking": False}}, OFF),
    ],
)
def test_law_12_what_says_more_or_something_else_stays(body: dict[str, Any], wish: Reasoning) -> None:
    assert read(**body) == (wish, set(body))


def test_openais_own_field_is_checked() -> None:
    with pytest.raises(BadRequest, match="reasoning_effort: Expected `str`"):
        read(reasoning_effort=5)
