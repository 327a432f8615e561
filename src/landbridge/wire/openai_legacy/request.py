"""The body of a completion request to a `Request` and back.

The prompt is one user turn. A prompt of tokens, a suffix and whatever else only this format has stay as raw JSON in
`extras["openai_legacy"]`. What would need several answers, or the prompt in front of the answer, is refused by name.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import Message, Text
from ...neutral.request import Request, Sampling
from ...neutral.traits import Traits
from ..fields import Fields, decode_at, decode_body
from ..openai_chat.types import StreamOptions
from ..tool_names import no_names
from ..written import Loss, Written
from .types import DIALECT

MAX_TOKENS = 16
"""Tokens of an answer where the client does not say, as OpenAI has it."""
TOKENS, SUFFIX = "prompt", "suffix"
"""Extras that mean something to the gateway: a prompt of tokens, and the text behind a gap."""

tool_names = no_names
"""It has no tools."""

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_number = msgspec.json.Decoder(int | float)
_flag = msgspec.json.Decoder(bool)
_strings = msgspec.json.Decoder(str | list[str])
_prompt = msgspec.json.Decoder(str | list[str | int | list[int]])
_options = msgspec.json.Decoder(StreamOptions)


def read_request(body: bytes) -> Request:
    """The request in `body`. Raises `BadRequest`."""
    fields = Fields(decode_body(body))
    model = fields.take("model", _string)
    if model is None:
        raise BadRequest.at("model", " is missing.", remedy="Name the model to use.")
    _refuse(fields)
    prompt, extras = _read_prompt(fields)
    limit = fields.take("max_tokens", _integer)
    if limit is not None and limit < 1:
        raise BadRequest.at("max_tokens", " is less than 1.", remedy="Leave it out, or ask for at least one token.")
    stop = fields.take("stop", _strings)
    options = fields.take("stream_options", _options)
    stream = fields.take("stream", _flag) or False
    suffix = fields.raw(SUFFIX)
    if suffix is not None and decode_at(_string, suffix, SUFFIX):
        extras[SUFFIX] = suffix
    return Request(
        model=model,
        messages=(Message("user", (Text(prompt),)),) if prompt else (),
        sampling=Sampling(
            temperature=fields.take("temperature", _number),
            top_p=fields.take("top_p", _number),
            top_k=fields.take("top_k", _integer),
            seed=fields.take("seed", _integer),
            presence_penalty=fields.take("presence_penalty", _number),
            frequency_penalty=fields.take("frequency_penalty", _number),
        ),
        max_tokens=MAX_TOKENS if limit is None else limit,
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        stream=stream,
        stream_usage=not stream or bool(options and options.include_usage),
        user=fields.take("user", _string) or "",
        extras=_with_rest(extras, fields),
    )


def _refuse(fields: Fields) -> None:
    if fields.take("echo", _flag):
        raise BadRequest.at(
            "echo", ": the prompt is not repeated here.", remedy="Put it in front of the answer yourself."
        )
    for name in ("n", "best_of"):
        if (fields.take(name, _integer) or 1) > 1:
            raise BadRequest.at(name, ": only one answer is given.", remedy=f"Leave {name} out, or ask several times.")


def _read_prompt(fields: Fields) -> tuple[str, dict[str, Raw]]:
    """The prompt as text; or, if it is tokens, as it came."""
    raw = fields.raw("prompt")
    if raw is None:
        raise BadRequest.at("prompt", " is missing.", remedy="Send a text to continue.")
    fields.put("prompt", raw)
    given = fields.take("prompt", _prompt)
    if isinstance(given, list) and len(given) == 1 and not isinstance(given[0], int):
        given = given[0]
    if isinstance(given, list) and any(isinstance(each, str | list) for each in given):
        raise BadRequest.at(
            "prompt", f" has {len(given)} texts; one at a time is answered.", remedy="Send a request for each."
        )
    if not given:
        raise BadRequest.at("prompt", " is empty.", remedy="Send a text to continue.")
    if isinstance(given, str):
        return given, {}
    return "", {TOKENS: Raw(msgspec.json.encode(given))}


def _with_rest(extras: dict[str, Raw], fields: Fields) -> dict[str, dict[str, Raw]]:
    whole = extras | fields.rest()
    return {DIALECT: whole} if whole else {}


def write_request(request: Request, model: str, traits: Traits) -> Written:
    """The body for the target's `model`."""
    losses: list[Loss] = []
    extras = request.extras.get(DIALECT, {})
    texts = [part.text for turn in request.messages for part in turn.parts if isinstance(part, Text)]
    prompt: str | Raw = extras[TOKENS] if TOKENS in extras else "\n\n".join(texts)
    body: dict[str, object] = {"model": model, "prompt": prompt}
    if request.max_tokens is not None:
        cap = traits.max_output
        body["max_tokens"] = request.max_tokens if cap is None else min(request.max_tokens, cap)
    if stop := request.stop[: traits.max_stop]:
        body["stop"] = stop
    if len(stop) < len(request.stop):
        losses.append(Loss("stop", f"this model takes {len(stop)} of {len(request.stop)} stop sequences"))
    for name in request.sampling.__struct_fields__:
        value = getattr(request.sampling, name)
        if value is not None and name in traits.sampling:
            body[name] = value
        elif value is not None:
            losses.append(Loss(f"sampling.{name}", f"this model does not take {name}"))
    body |= {name: raw for name, raw in extras.items() if name != TOKENS}
    if request.user and traits.metadata_user:
        body[traits.metadata_user] = request.user
    if request.stream:
        body["stream"] = True
        if traits.stream_usage:
            body["stream_options"] = {"include_usage": True}
    return Written(msgspec.json.encode(body), tuple(losses))
