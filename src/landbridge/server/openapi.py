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
from ..engines.info import EngineInfo
from .admin import Engines, Unload, Unloaded
from .health import Report
from .shapes import anthropic, embeddings, gemini, openai_chat, openai_legacy, openai_responses, shared

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
PARAMETERS: Mapping[str, Json] = {
    "model": {"in": "path", "description": "A model's name, with its slashes escaped or not.", "required": True},
    "id": {"in": "path", "description": "The id of a response.", "required": True},
    "items_limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        "description": "Items on one page; 20 where it is left out.",
    },
    "items_order": {
        "name": "order",
        "in": "query",
        "schema": {"enum": ["asc", "desc"]},
        "description": "Oldest or (`desc`, as it is left out) newest first.",
    },
    "items_after": {"name": "after", "in": "query", "description": "The id of the item before the page."},
    "alt": {"in": "query", "schema": {"enum": ["sse", "json"]}, "description": "`sse`: as `text/event-stream`."},
    "limit": {"in": "query", "schema": {"type": "integer"}, "description": "Taken and ignored: there is one page."},
    "beta": {"in": "query", "schema": {"type": "string"}, "description": "Taken and ignored, as Anthropic does."},
    "anthropic-version": {"in": "header", "description": "Asks for the form of Anthropic's API."},
    "x-goog-api-key": {"in": "header", "description": "Asks for the form of Google's API."},
    "x-landbridge": {"in": "header", "description": "Shows that no web page asks. A JSON body does so, too."},
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


class Endpoint(Struct, frozen=True, kw_only=True):
    """What one kind of endpoint takes and gives."""

    summary: str
    gives: tuple[Any, ...]
    """Types of the answer: one, or one for each form there is; none: it is text."""
    takes: Any = None
    """Type of the body."""
    streams: bool = False
    """Whether the answer can be a stream of events."""
    parameters: tuple[str, ...] = ()
    """Names of `PARAMETERS`, but for those in the path."""
    statuses: tuple[int, ...] = (200,)
    """Statuses of `gives`; every other one is an error."""


_SIGNS = ("anthropic-version", "x-goog-api-key")
_HELLO = Endpoint(summary="Say that landbridge is there", gives=(shared.Hello,))

ENDPOINTS: Mapping[tuple[str, str, str], Endpoint] = {
    ("POST", "anthropic", "/messages"): Endpoint(
        summary="Create a message",
        takes=anthropic.Asked,
        gives=(anthropic.Message,),
        streams=True,
        parameters=("beta",),
    ),
    ("POST", "anthropic", "/messages/count_tokens"): Endpoint(
        summary="Count the tokens of a message",
        takes=anthropic.Asked,
        gives=(anthropic.Count,),
        parameters=("beta",),
    ),
    ("POST", "openai_chat", "/chat/completions"): Endpoint(
        summary="Create a chat completion", takes=openai_chat.Asked, gives=(openai_chat.Completion,), streams=True
    ),
    ("POST", "openai_legacy", "/completions"): Endpoint(
        summary="Continue a text", takes=openai_legacy.Asked, gives=(openai_legacy.Completion,), streams=True
    ),
    ("POST", "openai_responses", "/responses"): Endpoint(
        summary="Create a response", takes=openai_responses.Asked, gives=(openai_responses.Response,), streams=True
    ),
    ("POST", "openai_responses", "/responses/input_tokens"): Endpoint(
        summary="Count the tokens of a response's input", takes=openai_responses.Asked, gives=(openai_responses.Count,)
    ),
    ("GET", "openai_responses", "/responses/{id}"): Endpoint(
        summary="Look up a response that was kept", gives=(openai_responses.Response,)
    ),
    ("GET", "openai_responses", "/responses/{id}/input_items"): Endpoint(
        summary="List the input of a response, earlier turns included",
        gives=(openai_responses.Items,),
        parameters=("items_limit", "items_order", "items_after"),
    ),
    ("DELETE", "openai_responses", "/responses/{id}"): Endpoint(
        summary="Delete a response that was kept", gives=(openai_responses.Deleted,)
    ),
    ("POST", "openai_responses", "/responses/{id}/cancel"): Endpoint(
        summary="Cancel a response that a provider makes in the background", gives=(openai_responses.Response,)
    ),
    ("POST", "gemini", ":generateContent"): Endpoint(
        summary="Generate content", takes=gemini.Asked, gives=(gemini.Answer,)
    ),
    ("POST", "gemini", ":streamGenerateContent"): Endpoint(
        summary="Generate content as a stream",
        takes=gemini.Asked,
        gives=(list[gemini.Answer],),
        streams=True,
        parameters=("alt",),
    ),
    ("POST", "gemini", ":countTokens"): Endpoint(
        summary="Count the tokens of a prompt", takes=gemini.Counted, gives=(gemini.Count,)
    ),
    ("POST", "openai_chat", "/embeddings"): Endpoint(
        summary="Create embeddings", takes=embeddings.Asked, gives=(embeddings.Embeddings,)
    ),
    ("POST", "gemini", ":embedContent"): Endpoint(
        summary="Embed a content", takes=embeddings.GoogleAsked, gives=(embeddings.GoogleEmbedding,)
    ),
    ("POST", "gemini", ":batchEmbedContents"): Endpoint(
        summary="Embed contents", takes=embeddings.GoogleBatch, gives=(embeddings.GoogleEmbeddings,)
    ),
    ("GET", "anthropic", "/models"): Endpoint(summary="List models", gives=(anthropic.Models,), parameters=("limit",)),
    ("GET", "gemini", "/models"): Endpoint(summary="List models", gives=(gemini.Models,)),
    ("GET", "", "/models"): Endpoint(
        summary="List models, in the form of the API whose header is there",
        gives=(openai_chat.Models, anthropic.Models, gemini.Models),
        parameters=_SIGNS,
    ),
    ("GET", "anthropic", "/models/{model}"): Endpoint(summary="Show a model", gives=(anthropic.Model,)),
    ("GET", "gemini", "/models/{model}"): Endpoint(summary="Show a model", gives=(gemini.Model,)),
    ("GET", "", "/models/{model}"): Endpoint(
        summary="Show a model, in the form of the API whose header is there",
        gives=(openai_chat.Model, anthropic.Model, gemini.Model),
        parameters=_SIGNS,
    ),
    ("GET", "", "/health"): Endpoint(
        summary="Say how landbridge is: 503 when a part of it has failed", gives=(Report,), statuses=(200, 503)
    ),
    ("GET", "", "/metrics"): Endpoint(summary="Give figures to Prometheus, on this machine", gives=()),
    ("GET", "", "/engines"): Endpoint(summary="List the engines of local models", gives=(Engines,)),
    ("GET", "", "/engines/{model}"): Endpoint(summary="Say how an engine stands", gives=(EngineInfo,)),
    ("POST", "", "/load"): Endpoint(
        summary="Load a model, and wait until it is ready", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("POST", "", "/unload"): Endpoint(
        summary="Unload a model when those who use it are done, or now", takes=Unload, gives=(Unloaded,)
    ),
    ("PUT", "", "/pin"): Endpoint(
        summary="Let a model stay in memory once it is loaded", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("DELETE", "", "/pin"): Endpoint(
        summary="Let a model go again when its memory is needed", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("GET", "", "/openapi.json"): Endpoint(summary="Describe the API", gives=(Json,)),
    ("GET", "", "/"): _HELLO,
    ("GET", "anthropic", "/anthropic"): _HELLO,
    ("GET", "anthropic", "/anthropic/"): _HELLO,
    ("GET", "anthropic", "/api/hello"): _HELLO,
}
"""By method, dialect and ending of the path."""

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
