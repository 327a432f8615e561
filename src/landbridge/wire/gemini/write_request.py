"""A `Request` to the body of a Gemini request. Model and streaming are in the URL, which is the gateway's.

What the target takes is in its `Traits`; what it does not is clamped, brought to the nearest or left out, and said in
the losses. Nothing is generated and nothing reordered: the same history gives the same bytes (P80).
"""

from __future__ import annotations

from ...neutral.request import OutputFormat, Request
from ...neutral.thinking import settle
from ...neutral.traits import Traits
from ..anthropic.attribution import strip_attribution
from ..not_carried import NOT_CARRIED
from ..written import Loss, Written
from .schema import to_openapi
from .types import DIALECT, encode
from .write_contents import write_contents
from .write_tools import write_choice, write_tools

Wire = dict[str, object]

_SAMPLING = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
AUTOMATIC = -1
"""The `thinkingBudget` that leaves it to the model."""


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for the target's `model`, whose name does not stand in it."""
    contents, losses = write_contents(request, traits)
    body: Wire = {}
    system = [{"text": part.text} for part in strip_attribution(request).system if part.text]
    if system:
        body["systemInstruction"] = {"parts": system}
    body |= write_tools(request, traits, losses)
    body |= write_choice(request, traits, losses)
    body["contents"] = contents
    if config := _config(request, traits, losses):
        body["generationConfig"] = config
    for name, raw in request.extras.get(DIALECT, {}).items():
        if "." not in name and "[" not in name:
            body.setdefault(name, raw)
    losses += _foreign(request)
    return Written(encode(body), tuple(losses))


def _config(request: Request, traits: Traits, losses: list[Loss]) -> Wire:
    """`generationConfig`."""
    config = _sampling(request, traits, losses)
    limit = request.max_tokens
    if limit is not None:
        limit = config["maxOutputTokens"] = limit if traits.max_output is None else min(limit, traits.max_output)
    stop = request.stop[: traits.max_stop] if traits.stop_field else ()
    if stop:
        config["stopSequences"] = list(stop)
    if len(stop) < len(request.stop):
        losses.append(Loss("stop", f"this model takes {len(stop)} of {len(request.stop)} stop sequences"))
    if request.output is not None:
        config |= _output(request.output, traits, losses)
    if thinking := _thinking(request, traits, limit, losses):
        config["thinkingConfig"] = thinking
    for name, raw in request.extras.get(DIALECT, {}).items():
        where, _, field = name.partition(".")
        if where == "generationConfig":
            config.setdefault(field, raw)
    return config


def _sampling(request: Request, traits: Traits, losses: list[Loss]) -> Wire:
    fields: Wire = {}
    for name, camel in _SAMPLING.items():
        value = getattr(request.sampling, name)
        # OpenAI has no `top_k`: whoever takes any number takes that one too.
        takes = name in traits.sampling or (name == "top_k" and bool(traits.sampling))
        if value is not None and takes:
            fields[camel] = value
        elif value is not None:
            losses.append(Loss(f"sampling.{name}", f"this model does not take {name}"))
    if traits.one_sampling and "temperature" in fields and fields.pop("topP", None) is not None:
        losses.append(Loss("sampling.top_p", "this model takes temperature or top_p, not both"))
    return fields


def _thinking(request: Request, traits: Traits, limit: int | None, losses: list[Loss]) -> Wire:
    """A budget in tokens or a level in a word, as the target takes it; thoughts are shown unless nobody wants them."""
    wish, why = settle(request.reasoning, traits, limit)
    if why:
        losses.append(Loss("reasoning", why))
    config: Wire = {}
    if wish.mode == "off":
        return {"thinkingBudget": 0}
    if wish.budget is not None:
        config["thinkingBudget"] = wish.budget
    elif wish.effort:
        config["thinkingLevel"] = wish.effort.upper()
    elif wish.mode != "unset" and traits.budgets is not None:
        config["thinkingBudget"] = AUTOMATIC
    if wish.mode != "unset" and wish.display != "omitted":
        config["includeThoughts"] = True
    return config


def _output(output: OutputFormat, traits: Traits, losses: list[Loss]) -> Wire:
    schema = output.schema
    if traits.output_schema == "none":
        losses.append(Loss("output", "this model cannot be held to an output format"))
        return {}
    wire: Wire = {"responseMimeType": "application/json"}
    if not bytes(schema):
        return wire
    if traits.output_schema == "object":
        losses.append(Loss("output.schema", "this model can be held to JSON, but not to a schema"))
        return wire
    if traits.schema == "json":
        return {**wire, "responseJsonSchema": schema}
    converted = to_openapi(schema)
    losses += [Loss(f"output.schema{where}", why) for where, why in converted.lost]
    return {**wire, "responseSchema": converted.schema}


def _foreign(request: Request) -> list[Loss]:
    """Fields only another dialect has, but for those nobody misses."""
    return [
        Loss(name, f"this field of {dialect} has no place in Gemini")
        for dialect, fields in request.extras.items()
        if dialect != DIALECT
        for name in fields
        if name not in NOT_CARRIED.get(dialect, ())
    ]
