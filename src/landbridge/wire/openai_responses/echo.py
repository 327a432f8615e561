"""What a response repeats of its request: clients of the dialect find every setting in the answer.

Settings the client did not name stand with the API's own defaults. Tools are repeated as the client defined them.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from ...neutral.parts import NONE
from ...neutral.request import Request
from ...neutral.traits import Traits
from .types import DIALECT
from .write_tools import write_choice, write_tools

_ALL = Traits()
_REPEATED: dict[str, Any] = {
    "background": False,
    "max_tool_calls": None,
    "metadata": {},
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "top_logprobs": 0,
    "truncation": "disabled",
    "user": None,
}
"""Fields that stand in a response as they stood in the request, and what stands for absence."""


def echo(request: Request) -> dict[str, Any]:
    """The fields of a response that its request decides."""
    extras = {**request.extras.get(DIALECT, {}), **request.extras.get("landbridge", {})}
    tools, _ = write_tools(request, _ALL)
    choice = write_choice(request, _ALL, [])
    return {
        **{name: extras.get(name, absent) for name, absent in _REPEATED.items()},
        "instructions": _instructions(request),
        "max_output_tokens": request.max_tokens,
        "parallel_tool_calls": choice.get("parallel_tool_calls", True),
        "reasoning": _reasoning(request, extras),
        "temperature": request.sampling.temperature,
        "text": _text(request, extras),
        "tool_choice": extras.get("tool_choice") or choice.get("tool_choice", "auto"),
        "tools": [] if tools is NONE else tools,
        "top_p": request.sampling.top_p,
    }


def _instructions(request: Request) -> str | None:
    return "\n\n".join(block.text for block in request.system) or None


def _reasoning(request: Request, extras: dict[str, Raw]) -> dict[str, Any]:
    wish = request.reasoning
    effort = "none" if wish.mode == "off" else wish.effort or None
    return {"effort": effort, "summary": extras.get("reasoning.summary", "auto" if wish.display else None)}


def _text(request: Request, extras: dict[str, Raw]) -> dict[str, Any]:
    output = request.output
    fields: dict[str, Any] = {"format": {"type": "text"}, "verbosity": extras.get("text.verbosity", "medium")}
    if output is not None and bytes(output.schema):
        schema = {"name": output.name, "schema": output.schema, "strict": output.strict}
        fields["format"] = {"type": "json_schema", "description": output.description or None, **schema}
    elif output is not None:
        fields["format"] = {"type": "json_object"}
    return fields
