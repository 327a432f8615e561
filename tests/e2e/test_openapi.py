"""Schemathesis makes every kind of input of our own description, good and bad: no answer is a defect of ours.

It runs as it would for anybody, against a gateway with a provider of each dialect that answers well, converted and
straight across. Each kind of endpoint is asked at one of its paths.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.server.described import Endpoint
from landbridge.server.openapi import Route, endpoint
from landbridge.wire.dialects import DIALECTS
from tests.fakes.embedding import vectors
from tests.fakes.provider import Answer, Provider, Received, Reply, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

Json = dict[str, Any]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
MODELS = [f"{way}-{name}/m" for name in sorted(DIALECTS) for way in ("straight", "converted")]
REFUSED: Json = {
    "anthropic": {"type": "error", "error": {"type": "invalid_request_error", "message": "odd"}},
    "gemini": {"error": {"code": 400, "message": "odd", "status": "INVALID_ARGUMENT"}},
}


def answer(request: Received) -> Reply | Answer:
    """A good answer, and to what passes through and is none of the dialect a refusal, as a real provider gives it."""
    said = Reply(text="Hello!", thinking="Hm.")
    try:
        return vectors(request) if "mbed" in request.path else said.answer(request, 1)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        body = REFUSED.get(request.dialect, {"error": {"message": "odd", "type": "invalid_request_error"}})
        return error(400, json.dumps(body).encode())


def settings(provider: Provider) -> str:
    """A provider of each dialect, twice: as it comes, and always converted."""
    tables = []
    for name in DIALECTS:
        for way, passes in (("straight", "true"), ("converted", "false")):
            place = f'dialect = "{name}"\nbase_url = "{provider.base_url(name)}"\nmodels = ["m"]'
            tables.append(f"[providers.{way}-{name}]\n{place}\npassthrough = {passes}\n")
    return "".join(tables)


ENDLESS = "/api/v1/events"
"""Goes on until somebody leaves."""


def kind(about: Endpoint) -> str:
    """Which run an endpoint belongs to."""
    if any(given.__name__ == "Count" for given in about.gives if isinstance(given, type)):
        return "counts"
    return "conversations" if about.takes is not None and about.takes.__name__ == "Asked" else "others"


def narrowed(document: Json, routes: list[Route], wanted: str) -> Json:
    """The description of one path of each endpoint of a kind, with the models there are."""
    paths: dict[int, Route] = {}
    for route in sorted(routes, key=lambda route: len(route.path)):
        if route.path != ENDLESS and kind(about := endpoint(route)) == wanted:
            paths.setdefault(id(about), route)
    kept: Json = {}
    for route in paths.values():
        method = route.method.lower()
        kept.setdefault(route.path, {})[method] = document["paths"][route.path][method]
    chosen = {**document, "paths": kept}
    for schema in models(chosen):
        schema.clear()
        schema["enum"] = MODELS
    return chosen


def models(value: Any) -> Iterator[Json]:
    """The schemas of models' names."""
    if isinstance(value, dict):
        if value.get("name") == "model" and value.get("in") == "path":
            yield value["schema"]
        if "smollm2" in value.get("examples", ()):
            yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from models(inner)


@pytest.mark.parametrize(("wanted", "mode"), [("conversations", "all"), ("counts", "positive"), ("others", "all")])
async def test_no_input_finds_a_defect(tmp_path: Path, wanted: str, mode: str) -> None:
    async with Provider(answer) as provider, Running(tmp_path, settings(provider)) as gateway:
        routes = [Route(*route) for route in gateway.app("router").routes]
        document = narrowed((await gateway.get("/openapi.json")).json, routes, wanted)
        assert len(document["paths"]) >= 3
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(document))
        command = [str(Path(sys.executable).with_name("st")), "run", str(file), "--url", gateway.url, "--mode", mode]
        command += ["--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing", "--max-examples", "2"]
        command += ["--generation-deterministic", "--seed", "1", "--no-shrink"]
        command += ["--suppress-health-check", "all", "--continue-on-failure", "--no-color"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "150"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said = (await process.communicate())[0].decode()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, said
        if wanted == "conversations":
            answered = [record for record in gateway.journal.latest if record.outcome == "ok"]
            assert len(answered) > 50, "what is good was answered, too"
