"""The settings as a JSON schema (draft 7), for editors that complete and check TOML: taplo, Even Better TOML.

Made from the Structs and the texts under their fields, so it cannot say anything else than the program does.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .meanings import meanings
from .schema import Config

DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schema() -> dict[str, Any]:
    """The schema of a whole settings file."""
    (_, sections) = msgspec.json.schema_components([Config], ref_template="#/definitions/{name}")
    texts = meanings()
    for name, section in sections.items():
        for field, kind in section["properties"].items():
            section["properties"][field] = _described(_without_null(kind), texts.get((name, field), ""))
    whole = sections.pop("Config")
    return {"$schema": DRAFT, **whole, "title": "landbridge settings", "definitions": sections}


def _described(kind: dict[str, Any], text: str) -> dict[str, Any]:
    if "$ref" in kind:  # what stands beside a reference does not count in this draft
        kind = {"allOf": [{"$ref": kind["$ref"]}], **{key: kind[key] for key in kind if key != "$ref"}}
    return {**kind, "description": text} if text else kind


def _without_null(kind: dict[str, Any]) -> dict[str, Any]:
    """TOML has no null: what is left out is not there."""
    kind = {key: value for key, value in kind.items() if key != "default" or value is not None}
    if isinstance(kind.get("default"), dict):
        kind["default"] = {key: value for key, value in kind["default"].items() if value is not None}
    if "anyOf" in kind:
        some = [each for each in kind["anyOf"] if each != {"type": "null"}]
        rest = {key: value for key, value in kind.items() if key != "anyOf"}
        return {**rest, **some[0]} if len(some) == 1 else {**rest, "anyOf": some}
    if isinstance(kind.get("enum"), list):
        kind["enum"] = [value for value in kind["enum"] if value is not None]
    return kind
