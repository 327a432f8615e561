"""Exceptions by name: what a target takes otherwise than its dialect's maker. Pure; each is a change of `Traits`.

Settings name them (`quirks = ["no_images"]`), presets and models bring their own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from ..errors import ConfigFault
from ..neutral.traits import Traits

DRAIN = "drain_on_cancel"
"""A habit of the server, not of a model: it changes no traits, but how its endpoint's answers are closed (P87)."""

QUIRKS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "max_completion_tokens": (
        "takes max_completion_tokens instead of max_tokens",
        {"max_tokens_field": "max_completion_tokens"},
    ),
    "prompt_cache_key": ("takes a key for its prompt cache", {"cache_key": "prompt_cache_key"}),
    "images": ("sees images, whatever is known of the model", {"images": True}),
    "no_images": ("does not see images; words or a note stand where each was", {"images": False}),
    "documents": ("reads PDFs as files", {"documents": True, "documents_known": True}),
    "no_documents": ("does not read PDFs; it gets their text", {"documents": False, "documents_known": True}),
    "no_tools": ("knows no tools; they are left out and reported", {"tools": False}),
    "no_web_tools": ("runs no web search or fetch of its own; landbridge does it", {"web_tools": False}),
    "no_tool_choice": ("takes no tool_choice", {"tool_choice": False}),
    "no_forced_tools": ("cannot be made to call a tool; it may", {"forced_tools": False}),
    "calls_by_schema": (
        "is held to a call by the schema of a structured answer only (llama.cpp)",
        {"forced_by": "schema"},
    ),
    "one_call_at_a_time": ("takes one call in a turn of the history", {"parallel_history": False}),
    "no_parallel_field": ("takes no parallel_tool_calls", {"parallel_tools": False}),
    "no_strict_tools": ("takes no strict in tool definitions", {"strict_tools": False}),
    "openapi_schemas": ("takes schemas only in Google's subset of OpenAPI's", {"schema": "openapi"}),
    "no_tool_ids": ("takes no ids with calls and results (Google's cloud platform)", {"tool_ids": False}),
    "no_stream_usage": ("takes no stream_options (many report usage all the same)", {"stream_usage": False}),
    "no_stop": ("takes no stop sequences", {"stop_field": False}),
    "no_sampling": ("takes no temperature, top_p or penalties", {"sampling": ()}),
    "one_sampling": ("takes temperature or top_p, not both", {"one_sampling": True}),
    "no_penalties": ("takes no penalties", {"sampling": ("temperature", "top_p", "seed")}),
    "no_seed": (
        "takes no seed",
        {"sampling": ("temperature", "top_p", "presence_penalty", "frequency_penalty")},
    ),
    "json_object_only": ("answers in JSON, but not by a schema", {"output_schema": "object"}),
    "no_structured_output": ("has no structured answers", {"output_schema": "none"}),
    "fold_system": ("takes system turns only at the start; later ones are folded", {"system_turns": "fold"}),
    "alternate": ("wants user and assistant turns in strict alternation", {"alternate": True}),
    "calls_without_text": ("takes no text beside tool calls", {"content_with_calls": False}),
    "no_thinking": ("does not think; nothing asks it to", {"thinks": "never"}),
    "always_thinks": ("thinks always; nothing tells it not to", {"thinks": "always"}),
    "no_adaptive": ("thinks for a number of tokens, not by its own judgement", {"adaptive": False}),
    "no_budgets": ("cannot be given a number of tokens to think", {"budgets": None}),
    "no_effort": ("takes no word of effort", {"efforts": ()}),
    "reasoning_effort": ("is asked to think by reasoning_effort", {"effort": "reasoning_effort"}),
    "reasoning_object": ("is asked to think by the object reasoning (OpenRouter)", {"effort": "reasoning.effort"}),
    "thinking_switch": ("is asked to think by thinking.type", {"effort": "thinking"}),
    "thinking_and_effort": (
        "is asked to think by thinking.type and reasoning_effort",
        {"effort": "thinking+reasoning_effort"},
    ),
    "enable_thinking": ("is asked to think by enable_thinking and thinking_budget", {"effort": "enable_thinking"}),
    "template_thinking": (
        "is asked to think through its chat template (chat_template_kwargs.enable_thinking)",
        {"effort": "chat_template_kwargs"},
    ),
    "reasoning_content_back": (
        "wants its reasoning back as reasoning_content",
        {"reasoning_back": "reasoning_content"},
    ),
    "reasoning_back": ("wants its reasoning back as reasoning", {"reasoning_back": "reasoning"}),
    "mistral_tool_ids": ("takes tool ids of exactly nine letters and digits", {"tool_id_pattern": "mistral9"}),
    DRAIN: ("crashes when a connection is dropped; an answer nobody wants is read to its end", {}),
}
"""Name -> what it means, and the traits it changes."""


def apply(traits: Traits, names: Iterable[str]) -> Traits:
    """`traits` with the named exceptions. Raises `ConfigFault` for a name that is none."""
    for name in names:
        if name not in QUIRKS:
            near = difflib.get_close_matches(name, QUIRKS, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(QUIRKS)}."
            raise ConfigFault(f"There is no quirk '{name}'.", remedy=hint)
        traits = replace(traits, **QUIRKS[name][1])
    return traits
