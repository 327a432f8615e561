"""The pages' way to the router: at its socket, with faults in words for the reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from msgspec import Struct

from landbridge.dashboard.router import Router, RouterFault, at

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Said(Struct):
    method: str
    path: str
    query: str = ""
    body: str = ""
    type: str = ""


async def echo(request: web.Request) -> web.Response:
    body = (await request.read()).decode()
    said = Said(request.method, request.raw_path, request.query_string, body, request.headers.get("content-type", ""))
    return web.json_response({name: getattr(said, name) for name in said.__struct_fields__})


async def refuse(request: web.Request) -> web.Response:
    return web.Response(status=int(request.query["status"]), text=request.query["text"])


async def slow(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"one\n")
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(0.01)
    return answer


@asynccontextmanager
async def asking(folder: Path) -> AsyncIterator[Router]:
    """A router that says what it was asked, and the pages' way to it."""
    app = web.Application()
    app.router.add_get("/refuse", refuse)
    app.router.add_get("/slow", slow)
    app.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(folder / "s")).start()
    router = Router(str(folder / "s"))
    try:
        yield router
    finally:
        await router.close()
        await runner.cleanup()


def test_paths_are_escaped() -> None:
    assert at("engines", "a/b c", "load") == "/api/v1/engines/a%2Fb%20c/load"


async def test_what_is_asked(tmp_path: Path) -> None:
    async with asking(tmp_path) as router:
        said = await router.get("/api/v1/x", Said, model="a&b", none=None, empty="")
        assert (said.method, said.path, said.query) == ("GET", "/api/v1/x?model=a%26b", "model=a%26b")
        said = await router.ask("POST", at("a", "b/c"), Said, {"set": {"x": 1}})
        assert (said.method, said.path, said.body) == ("POST", "/api/v1/a/b%2Fc", '{"set":{"x":1}}')
        assert said.type == "application/json"


async def test_an_answer_in_another_form(tmp_path: Path) -> None:
    async with asking(tmp_path) as router:
        with pytest.raises(RouterFault, match="nobody understands"):
            await router.get("/x", list[int])


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"error": {"message": "No room."}}', "No room."), ("<html>", "status 503"), ("{}", "status 503")],
)
async def test_a_refusal_has_the_router_s_words(tmp_path: Path, text: str, words: str) -> None:
    async with asking(tmp_path) as router:
        with pytest.raises(RouterFault, match=words) as caught:
            await router.get("/refuse", Said, status="503", text=text)
        assert caught.value.status == 503


async def test_patience_ends(tmp_path: Path) -> None:
    async with asking(tmp_path) as router:
        with pytest.raises(RouterFault, match=r"within 0 s"):
            await router.get("/slow", Said, seconds=0.05)


async def test_an_answer_is_read_as_it_comes(tmp_path: Path) -> None:
    async with asking(tmp_path) as router, router.open("GET", "/slow") as answer:
        assert await answer.content.readline() == b"one\n"


async def test_bytes_and_headers_go_as_they_are(tmp_path: Path) -> None:
    async with asking(tmp_path) as router:
        async with router.open("POST", "/x", b'{"raw": 1}', headers={"content-type": "text/plain"}) as answer:
            told = await answer.json()
        assert (told["body"], told["type"]) == ('{"raw": 1}', "text/plain")


async def test_nobody_is_there(tmp_path: Path) -> None:
    router = Router(str(tmp_path / "none"))
    with pytest.raises(RouterFault, match="cannot be asked"):
        await router.get("/x", Said)
    await router.close()


async def test_a_router_that_was_never_asked_closes(tmp_path: Path) -> None:
    await Router(str(tmp_path / "none")).close()
