"""The description of the API (`GET /openapi.json`), made from the application's own table of routes.

`ENDPOINTS` says of each kind of endpoint what it takes and gives; the application says at which paths each is served.
A route nobody has described fails a test. Schemas are made of the Structs in `shapes/`; every object takes fields that
are not named there. Errors have the form of the path's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import starmap
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from .. import __version__
from .described import Endpoint
from .endpoints import ENDPOINTS, PARAMETERS
from .shapes import anthropic, gemini, openai_chat

Json = dict[str, Any]

TAGS = {
    "anthropic": "Messages (Anthropic)",
    "openai_chat": "Chat Completions (OpenAI)",
    "openai_legacy": "Completions (OpenAI)",
    "openai_responses": "Responses (OpenAI)",
    "gemini": "Gemini (Google)",
    "": "landbridge",
}
"""What the endpoints are grouped by."""
ERRORS: Mapping[str, tuple[type[Struct], ...]] = {
    "anthropic": (anthropic.Error,),
    "openai_chat": (openai_chat.Error,),
    "openai_legacy": (openai_chat.Error,),
    "openai_responses": (openai_chat.Error,),
    "gemini": (gemini.Error,),
    "": (openai_chat.Error, anthropic.Error, gemini.Error),
}
STREAM: Json = {"text/event-stream": {}}
"""OpenAPI 3.1 has no words for the events of a stream; they are those of the dialect's maker."""
TEXT: Json = {"text/plain": {"schema": {"type": "string"}}}


class Route(NamedTuple):
    """One path of the application and how it is asked; `{model}` in it stands for a name."""

    method: str
    path: str
    dialect: str
    """Empty: landbridge's own, or the client's headers say it."""


DESCRIPTION = """\
One local program between agent clients and models: the APIs of Anthropic, OpenAI and Google, each for every model there
is. What is described here is what landbridge reads and writes itself. Fields, items and types that are not named are no
errors: they are passed on to targets that speak the same dialect, and counted as losses elsewhere
(`x-landbridge-losses`). Any key is taken, and none is needed.
"""


def endpoint(route: Route) -> Endpoint:
    """What is said of a route. Raises `LookupError` where nothing is."""
    fitting = [key for key in ENDPOINTS if key[:2] == (route.method, route.dialect) and route.path.endswith(key[2])]
    if not fitting:
        raise LookupError(f"nobody has described {route.method} {route.path}")
    return ENDPOINTS[max(fitting, key=lambda key: len(key[2]))]


def document(routes: Iterable[Route]) -> Json:
    """The description of these routes."""
    schemas = Schemas()
    paths: dict[str, Json] = {}
    for route in sorted(routes):
        operation = _operation(route, endpoint(route), schemas)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "landbridge",
            "version": __version__,
            "summary": "Every agent client, any model.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name} for name in TAGS.values()],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.found.items()))},
    }


def encoded(routes: Iterable[tuple[str, str, str]]) -> bytes:
    """The description as JSON."""
    return msgspec.json.encode(document(starmap(Route, routes)))


class Schemas:
    """Makes schemas of types, and keeps those of the Structs by their names."""

    def __init__(self) -> None:
        self.found: dict[str, Json] = {}

    def of(self, *types: Any) -> Json:
        """The schema of one of these types."""
        made = [self._one(each) for each in types]
        return made[0] if len(made) == 1 else {"anyOf": made}

    def _one(self, type: Any) -> Json:
        group = _group(type)
        (schema,), parts = msgspec.json.schema_components((type,), ref_template=f"#/components/schemas/{group}{{name}}")
        self.found |= {f"{group}{name.rpartition('.')[2]}": _clean(part) for name, part in parts.items()}
        return schema


def _group(type: Any) -> str:
    """What the names of a type's schemas begin with, so that those of all dialects have different ones."""
    inner = getattr(type, "__args__", (type,))[0]
    return inner.__module__.rpartition(".")[2].title().replace("_", "") if inner.__module__ != __name__ else ""


def _clean(schema: Any) -> Any:
    """The schema without what says nothing: titles and defaults that are null."""
    if isinstance(schema, list):
        return [_clean(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _clean(value) for name, value in schema.items() if not _says_nothing(name, value)}


def _says_nothing(name: str, value: Any) -> bool:
    return (name == "title" and isinstance(value, str)) or (name == "default" and value is None)


def _operation(route: Route, about: Endpoint, schemas: Schemas) -> Json:
    named = (*re.findall(r"\{(\w+)\}", route.path), *about.parameters)
    given = {"application/json": {"schema": schemas.of(*about.gives)}} if about.gives else TEXT
    good = given | (STREAM if about.streams else {})
    bad = {"application/json": {"schema": schemas.of(*ERRORS[route.dialect])}}
    responses = {str(status): {"description": "The answer.", "content": good} for status in about.statuses}
    operation: Json = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}"),
        "summary": about.summary,
        "tags": [TAGS[route.dialect]],
        "responses": responses | {"default": {"description": "What is wrong, and what to do.", "content": bad}},
    }
    if named:
        string = {"schema": {"type": "string", "minLength": 1}}
        operation["parameters"] = [{"name": name, **string, **PARAMETERS[name]} for name in named]
    if about.takes is not None:
        body = {"application/json": {"schema": schemas.of(about.takes)}}
        operation["requestBody"] = {"required": True, "content": body}
    return operation
