"""Google's form of embeddings: `:embedContent` for one content, `:batchEmbedContents` for several."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...errors import BadRequest
from ...neutral.parts import NONE, Text
from ..fields import decode_body, is_set
from ..gemini.errors import read_error
from ..gemini.fields import Fields, first, read_fields, read_list
from ..gemini.read_parts import read_parts
from .wish import Vectors, Wish, as_numbers, is_vector, no_vectors

MAX_INPUTS = 100
"""Contents of one batch, as Google has it."""

_integer = msgspec.json.Decoder(int)
_object = msgspec.json.Decoder(dict[str, Raw])

SPELLINGS = {"output_dimensionality": "outputDimensionality", "task_type": "taskType"}


class _Values(Struct):
    values: Raw = NONE


class _Counts(Struct, rename="camel"):
    prompt_token_count: Any = None


class _Answer(Struct, rename="camel"):
    embedding: _Values | None = None
    embeddings: list[_Values] | None = None
    usage_metadata: _Counts | None = None


_decode = msgspec.json.Decoder(_Answer).decode


def read_wish(body: bytes, *, batch: bool) -> Wish:
    """What a request's body asks for. Raises `BadRequest`."""
    decode_body(body)
    if not batch:
        return _joined([_read_one(read_fields(body, ""))])
    fields = read_fields(body, "")
    requests = fields.raw("requests")
    if requests is None or first(requests) != b"[":
        raise BadRequest("requests is missing.", remedy='Send a list: {"requests": [{"content": {...}}]}.')
    listed = read_list(requests, "requests")
    if not listed:
        raise BadRequest("requests is an empty list.", remedy="Send at least one content.")
    if len(listed) > MAX_INPUTS:
        raise BadRequest(f"requests has {len(listed)} contents; {MAX_INPUTS} are the most.")
    return _joined([_read_one(read_fields(raw, f"requests[{number}]")) for number, raw in enumerate(listed)])


def _read_one(fields: Fields) -> Wish:
    for name, known in SPELLINGS.items():
        if (raw := fields.raw(name)) is not None:
            fields.put(known, raw)
    fields.raw("model")
    content = fields.raw("content")
    if content is None:
        raise BadRequest(f"{fields.at('content')} is missing.", remedy='Send {"parts": [{"text": "..."}]}.')
    dimensions = fields.take("outputDimensionality", _integer)
    if dimensions is not None and dimensions < 1:
        raise BadRequest(f"{fields.at('outputDimensionality')} is less than 1.")
    return Wish((_text(content, fields.at("content")),), dimensions, foreign=tuple(fields.rest()))


def _text(content: Raw, path: str) -> str:
    parts = read_parts(read_fields(content, path).raw("parts"), f"{path}.parts")
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) < len(parts):
        raise BadRequest(f"{path}.parts holds more than text.", remedy="Only texts can be embedded here.")
    text = "\n".join(texts)
    if not text:
        raise BadRequest(f"{path} is empty.", remedy="Leave empty texts out.")
    return text


def _joined(wishes: list[Wish]) -> Wish:
    """One wish for all; they are answered together, so their vectors have one length."""
    lengths = {wish.dimensions for wish in wishes}
    if len(lengths) > 1:
        raise BadRequest("outputDimensionality differs within requests.", remedy="Send requests of their own.")
    names = dict.fromkeys(name for wish in wishes for name in wish.foreign)
    return Wish(tuple(each for wish in wishes for each in wish.inputs), lengths.pop(), foreign=tuple(names))


def rename(body: bytes, model: str) -> bytes:
    """The body for the provider's `model`, which each request of a batch names again; all else as it came."""
    fields = decode_body(body)
    name = Raw(msgspec.json.encode(f"models/{model.removeprefix('models/')}"))
    changed = _renamed(fields, name)
    requests = fields.get("requests")
    if requests is not None and is_set(requests) and first(requests) == b"[":
        inner: list[object] = []
        for raw in read_list(requests, "requests"):
            if first(raw) != b"{":
                return body  # the provider says what is wrong
            each = msgspec.json.decode(raw, type=dict[str, Raw])
            changed = _renamed(each, name) or changed
            inner.append(each)
        fields["requests"] = Raw(msgspec.json.encode(inner))
    return msgspec.json.encode(fields) if changed else body


def _renamed(fields: dict[str, Raw], name: Raw) -> bool:
    if "model" not in fields or bytes(fields["model"]) == bytes(name):
        return False
    fields["model"] = name
    return True


def write_wish(wish: Wish, model: str) -> bytes:
    """The body of a batch for a provider's `model`. Raises `BadRequest` for tokens."""
    requests = []
    for each in wish.inputs:
        if not isinstance(each, str):
            raise BadRequest("input: Google's models take texts and no tokens.", remedy="Send the texts themselves.")
        request: dict[str, object] = {"model": f"models/{model.removeprefix('models/')}"}
        request["content"] = {"parts": [{"text": each}]}
        if wish.dimensions is not None:
            request["outputDimensionality"] = wish.dimensions
        requests.append(request)
    return msgspec.json.encode({"requests": requests})


def read_vectors(body: bytes, count: int, origin: str) -> Vectors:
    """The answer in `body`, which shall have `count` vectors. Raises `Garbled`, or the error in its place."""
    try:
        answer = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise read_error(200, body, origin, {}) from None
    found = answer.embeddings if answer.embeddings is not None else [answer.embedding] if answer.embedding else []
    if len(found) != count or not all(is_vector(each.values) for each in found):
        raise no_vectors(origin)
    said = answer.usage_metadata.prompt_token_count if answer.usage_metadata is not None else None
    return Vectors(tuple(each.values for each in found), said if type(said) is int else None)


def write_vectors(answer: Vectors, tokens: int, origin: str, *, batch: bool) -> bytes:
    """The answer for a client; `tokens` are what was read, or about that."""
    values = [{"values": as_numbers(vector, origin)} for vector in answer.vectors]
    counts = {"promptTokenCount": tokens, "totalTokenCount": tokens}
    found: dict[str, object] = {"embeddings": values} if batch else {"embedding": values[0]}
    return msgspec.json.encode({**found, "usageMetadata": counts})
