"""Lists of models in each dialect: what providers say they have, and what clients are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

Entry = dict[str, Any]

CREATED = "1970-01-01T00:00:00Z"
"""Local files and most providers tell no date; the epoch is what the dialect gives then."""
GENERATION = ("generateContent", "streamGenerateContent", "countTokens")
EMBEDDING = ("embedContent", "batchEmbedContents")
"""What Google's API says a model can be asked."""


class _Model(Struct):
    id: str = ""


class _Named(Struct):
    name: str = ""


class _List(Struct):
    data: list[_Model] | UnsetType | None = UNSET
    """Some servers without models say null."""
    models: list[_Named] | UnsetType | None = UNSET
    """Gemini's form, with names like `models/gemini-3-pro`."""


_read = msgspec.json.Decoder(_List | list[_Model]).decode
"""All dialects wrap the list; some providers send it bare."""


def read_ids(body: bytes) -> tuple[str, ...]:
    """The ids in a provider's list, each once. Raises what `msgspec` does, and `LookupError` where there is no list."""
    said = _read(body)
    if isinstance(said, _List) and said.data is UNSET:
        if said.models is UNSET:
            raise LookupError
        names = [model.name.removeprefix("models/") for model in said.models or ()]
    else:
        names = [model.id for model in (said.data if isinstance(said, _List) else said) or ()]
    return tuple(dict.fromkeys(filter(None, names)))


class Listed(Struct, frozen=True, kw_only=True):
    """One model as clients are told of it."""

    name: str
    title: str
    owner: str
    target: str
    """Where requests for it go: `provider/model`."""
    dialect: str
    """What is spoken there."""
    local: bool
    window: int | None
    """Tokens of prompt and answer; None where nobody knows."""
    output: int | None
    """Most tokens of one answer."""
    tools: bool
    embeds: bool
    """Makes embeddings and does not chat."""


def _anthropic(model: Listed) -> Entry:
    return {
        "type": "model",
        "id": model.name,
        "display_name": model.title,
        "created_at": CREATED,
        "lifecycle": "active",
        "max_input_tokens": model.window,
        "max_tokens": model.output,
        "landbridge": {
            "window": model.window,
            "local": model.local,
            "tools": model.tools,
            "target": model.target,
            "dialect": model.dialect,
        },
    }


def _gemini(model: Listed) -> Entry:
    limits = {"inputTokenLimit": model.window, "outputTokenLimit": model.output}
    return {
        "name": f"models/{model.name}",
        "baseModelId": model.name,
        "version": "1",
        "displayName": model.title,
        "description": model.target,
        **{limit: count for limit, count in limits.items() if count is not None},
        "supportedGenerationMethods": EMBEDDING if model.embeds else GENERATION,
    }


def _openai(model: Listed) -> Entry:
    return {"id": model.name, "object": "model", "created": 0, "owned_by": model.owner}


_ENTRIES: Mapping[str, Callable[[Listed], Entry]] = {"anthropic": _anthropic, "gemini": _gemini}

SHOWS_LIMITS = frozenset(_ENTRIES)
"""Dialects with a place for windows and limits."""


def write_model(dialect: str, model: Listed) -> bytes:
    """One model's entry."""
    return msgspec.json.encode(_ENTRIES.get(dialect, _openai)(model))


def write_list(dialect: str, models: Sequence[Listed]) -> bytes:
    """All of them, as one page."""
    entries = list(map(_ENTRIES.get(dialect, _openai), models))
    if dialect == "gemini":
        return msgspec.json.encode({"models": entries})
    if dialect != "anthropic":
        return msgspec.json.encode({"object": "list", "data": entries})
    first, last = (models[0].name, models[-1].name) if models else (None, None)
    return msgspec.json.encode({"data": entries, "has_more": False, "first_id": first, "last_id": last})
