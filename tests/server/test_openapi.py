"""The description of the API: of every route, of nothing else, and true to what clients and providers really send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from landbridge.errors import ConfigFault, GatewayError, TooLong
from landbridge.server.endpoints import ENDPOINTS, PARAMETERS
from landbridge.server.openapi import ERRORS, Route, document, endpoint
from landbridge.server.shapes import anthropic, gemini, openai_chat, openai_legacy, openai_responses
from landbridge.wire.dialects import DIALECTS, dialect
from tests.cases.cases import Case, cases
from tests.fakes.running import Running

Json = dict[str, Any]

SHAPES: dict[str, tuple[Any, Any]] = {
    "anthropic": (anthropic.Asked, anthropic.Message),
    "openai_chat": (openai_chat.Asked, openai_chat.Completion),
    "openai_legacy": (openai_legacy.Asked, openai_legacy.Completion),
    "openai_responses": (openai_responses.Asked, openai_responses.Response),
    "gemini": (gemini.Asked, gemini.Answer),
}


async def described(tmp_path: Path, face: str) -> tuple[list[Route], Json]:
    async with Running(tmp_path) as running:
        routes = [Route(*route) for route in running.app(face).routes]
        answer = await running.get("/openapi.json", base=running.url if face == "router" else running.openai)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    return routes, answer.json


@pytest.mark.io
@pytest.mark.anyio
@pytest.mark.parametrize("face", ["router", "openai"])
async def test_every_route_of_a_face_is_described_and_no_other(tmp_path: Path, face: str) -> None:
    routes, found = await described(tmp_path, face)
    assert len(set(routes)) == len(routes)
    told = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    assert told == {(route.method, route.path) for route in routes}
    assert ("POST", "/v1/messages") in told if face == "router" else ("POST", "/v1/messages") not in told
    ids = [operation["operationId"] for methods in found["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.io
@pytest.mark.anyio
async def test_every_description_is_of_a_route_that_is_served(tmp_path: Path) -> None:
    routes, _ = await described(tmp_path, "router")
    used = {id(endpoint(route)) for route in routes}
    assert [key for key, about in ENDPOINTS.items() if id(about) not in used] == []


@pytest.mark.io
@pytest.mark.anyio
async def test_the_router_says_at_which_path_each_dialect_is_asked(tmp_path: Path) -> None:
    routes, _ = await described(tmp_path, "router")
    paths = {(route.dialect, re.sub(r".*/v1(beta)?", "", route.path)) for route in routes if route.method == "POST"}
    for name in DIALECTS:
        assert any(known == name and path == dialect(name).paths[0].removeprefix("/v1") for known, path in paths), name


def test_a_route_nobody_described_is_noticed() -> None:
    for route in (Route("POST", "/v1/paint", "openai_chat"), Route("GET", "/v1/messages", "anthropic")):
        with pytest.raises(LookupError, match=f"nobody has described {route.method} {route.path}"):
            document([route])


def routes_of_all() -> list[Route]:
    keys = [key for key in ENDPOINTS if not key[2].startswith(":")]
    return [Route(method, f"/{number}{ending}", name) for number, (method, name, ending) in enumerate(keys)]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (each for name, each in value.items() if name == "$ref")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def test_references_lead_somewhere_and_names_are_plain() -> None:
    made = document(routes_of_all())
    schemas = made["components"]["schemas"]
    assert {name.rpartition("/")[2] for name in references(made)} == schemas.keys()
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]+", name) for name in schemas), sorted(schemas)
    assert schemas["AnthropicAsked"]["properties"]["model"]["examples"]
    assert schemas["AnthropicDocumentBlock"]["properties"]["title"], "a field of that name is no title of a schema"


def test_every_endpoint_says_how_it_fails() -> None:
    for route in routes_of_all():
        (operation,) = document([route])["paths"][route.path].values()
        assert operation["responses"]["default"]["content"]["application/json"]["schema"], route
        assert operation["summary"] and operation["tags"], route
        for status in endpoint(route).statuses:
            assert operation["responses"][str(status)]["content"], route


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_errors_have_the_described_form(name: str) -> None:
    (shape,) = ERRORS[name]
    for error in (GatewayError("no"), TooLong(5, 4), ConfigFault("bad", status=503, retry_after=3.0)):
        msgspec.json.decode(dialect(name).write_error(error, "req_1"), type=shape)


SHORT = {
    "openai_responses/custom_tool": "messages without `type`, as the short form has them",
    "openai_responses/reasoning": "as above",
    "openai_responses/web_search": "as above",
    "openai_chat/whole_object_arguments": "a provider that leaves `index` out",
}
"""Exchanges that are more tolerated than described."""


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_golden_exchanges_have_the_described_form(case: Case) -> None:
    told = 0
    for file, shape in zip(("request.json", "response.json"), SHAPES[case.dialect], strict=True):
        body = case.given(file)
        if body is not None:
            try:
                msgspec.json.decode(body, type=shape)
            except msgspec.ValidationError as error:
                assert case.name in SHORT, f"{file}: {error}"
                told += 1
    assert (case.name in SHORT) == bool(told)


def test_what_we_write_ourselves_has_the_described_form() -> None:
    written = [
        (case, name) for case in cases() for name in DIALECTS if (case.path / f"to.{name}.response.json").exists()
    ]
    assert len(written) > 20
    for case, name in written:
        body = (case.path / f"to.{name}.response.json").read_bytes()
        msgspec.json.decode(body, type=SHAPES[name][1])


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_parameters_are_used(name: str) -> None:
    named = {each for about in ENDPOINTS.values() for each in about.parameters}
    inside = {each for _, _, ending in ENDPOINTS for each in re.findall(r"\{(\w+)\}", ending)}
    assert name in named | inside
    assert json.dumps(PARAMETERS[name])
