"""A `Request` to a Responses body for one target.

What the target takes is in its `Traits`; what it does not is clamped, brought to the nearest or left out, and said in
the losses. Nothing is generated and nothing reordered: the same history gives the same bytes. Nothing is kept at the
provider (`store` is false), so reasoning is asked for in the form that can be replayed.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ...neutral.parts import NONE
from ...neutral.request import OutputFormat, Request
from ...neutral.thinking import settle
from ...neutral.traits import Traits
from ..anthropic.attribution import strip_attribution
from ..not_carried import NOT_CARRIED
from ..openai_chat.identifiers import write_name, write_user
from ..openai_chat.write_parts import join_texts
from ..structured import instructed
from ..written import Loss, Written
from .types import DIALECT, INCLUDE, encode
from .write_input import write_input
from .write_tools import write_choice, write_tools

LEAST_OUTPUT = 16
"""Fewest tokens of an answer OpenAI takes; some clients probe with one."""

Body = dict[str, Any]


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for the target's `model`."""
    takes = traits.output_schema
    request, told = instructed(strip_attribution(request), schemas=takes == "schema", objects=takes != "none")
    items, losses = write_input(request, traits)
    losses += told
    body: Body = {"model": model}
    if system := join_texts(block.text for block in request.system):
        body["instructions"] = system
    body["input"] = items
    if request.tools:
        body |= _tools(request, traits, losses)
    body |= _limits(request, traits, losses)
    body |= _sampling(request, traits, losses)
    body |= _reasoning(request, traits, losses)
    if text := _text(request, traits):
        body["text"] = text
    for name, raw in request.extras.get(DIALECT, {}).items():
        if "." not in name:
            body[name] = raw
    body |= {name: value for name, value in _unsaid(request, traits).items() if name not in body}
    if request.stream:
        body["stream"] = True
    losses += _foreign(request)
    return Written(encode(body), tuple(losses))


def _tools(request: Request, traits: Traits, losses: list[Loss]) -> Body:
    if not traits.tools:
        losses.append(Loss("tools", "this model has no tools"))
        return {}
    tools, lost = write_tools(request, traits)
    losses += lost
    return {} if tools is NONE else {"tools": tools, **write_choice(request, traits, losses)}


def _limits(request: Request, traits: Traits, losses: list[Loss]) -> Body:
    """The longest answer, within what the model can write (P63). The dialect has no stop sequences."""
    if request.stop:
        losses.append(Loss("stop", "the Responses API takes no stop sequences"))
    if request.max_tokens is None:
        return {}
    most = request.max_tokens if traits.max_output is None else min(request.max_tokens, traits.max_output)
    if most < LEAST_OUTPUT:
        losses.append(Loss("max_tokens", f"the Responses API takes no less than {LEAST_OUTPUT}"))
    return {"max_output_tokens": max(most, LEAST_OUTPUT)}


def _sampling(request: Request, traits: Traits, losses: list[Loss]) -> Body:
    fields: Body = {}
    for name in request.sampling.__struct_fields__:
        value = getattr(request.sampling, name)
        if value is None:
            continue
        if name not in ("temperature", "top_p"):
            losses.append(Loss(f"sampling.{name}", f"the Responses API has no {name}"))
        elif name not in traits.sampling:
            losses.append(Loss(f"sampling.{name}", f"this model does not take {name}"))
        elif traits.one_sampling and fields:
            losses.append(Loss(f"sampling.{name}", "this model takes temperature or top_p, not both"))
        else:
            fields[name] = value
    return fields


def _reasoning(request: Request, traits: Traits, losses: list[Loss]) -> Body:
    """`reasoning`: how much by a word (the dialect takes no numbers, P51), and whether it is shown."""
    wish, why = settle(request.reasoning, replace(traits, budgets=None), request.max_tokens)
    if why:
        losses.append(Loss("reasoning", why))
    fields: Body = {}
    if wish.mode == "off":
        if "none" in traits.efforts:
            fields["effort"] = "none"
    elif wish.effort:
        fields["effort"] = wish.effort
    if traits.thinks != "never":
        shown = request.reasoning.display or ("auto" if wish.mode in ("on", "adaptive") else "")
        if shown and shown != "omitted" and wish.mode != "off":
            fields["summary"] = "auto"
        fields |= _own(request, "reasoning.")
    return {"reasoning": fields} if fields else {}


def _own(request: Request, head: str) -> Body:
    """The client's own settings below a field that is otherwise neutral."""
    extras = request.extras.get(DIALECT, {})
    return {name.removeprefix(head): raw for name, raw in extras.items() if name.startswith(head)}


def _text(request: Request, traits: Traits) -> Body:
    """`text`: the format of the answer, as far as there is a field for it, and its verbosity."""
    fields = _own(request, "text.")
    if request.output is None or traits.output_schema == "none":
        return fields
    if bytes(request.output.schema) and traits.output_schema == "schema":
        return {"format": _schema(request.output), **fields}
    return {"format": {"type": "json_object"}, **fields}


def _schema(output: OutputFormat) -> Body:
    wire: Body = {"type": "json_schema", "name": write_name(output.name or "answer")}
    if output.description:
        wire["description"] = output.description
    wire["schema"] = output.schema
    # Left out it would mean true, as for tools.
    wire["strict"] = bool(output.strict)
    return wire


def _unsaid(request: Request, traits: Traits) -> Body:
    """What is sent unless a client of this dialect said otherwise."""
    fields: Body = {"store": False}
    if traits.thinks != "never":
        fields["include"] = [INCLUDE]
    names = (traits.metadata_user, traits.cache_key) if request.user else ()
    return fields | {name: write_user(request.user) for name in names if name}


def _foreign(request: Request) -> list[Loss]:
    """Fields only another dialect has, but for those nobody misses."""
    return [
        Loss(name, f"this field of {dialect} has no place in a Responses request")
        for dialect, fields in request.extras.items()
        if dialect != DIALECT
        for name in fields
        if name not in NOT_CARRIED.get(dialect, ())
    ]
