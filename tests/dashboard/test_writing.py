"""An answer is asked for once, grows, stops, and says how it went."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from landbridge.dashboard import writing as module
from landbridge.dashboard.router import Router
from landbridge.dashboard.writing import CLIENT, Writing
from landbridge.store.conversation import Answer, Conversation, Turn
from tests.dashboard.test_messages import END, START, block, events

pytestmark = [pytest.mark.io, pytest.mark.anyio]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REST = events(*block(1, "text", " World"), END, {"type": "message_stop"})


@asynccontextmanager
async def serving(folder: Path, handler: Handler) -> AsyncIterator[Router]:
    """A router that answers everything with the handler of the test."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s"))
    await web.SockSite(runner, listener).start()
    router = Router(str(folder / "s"))
    try:
        yield router
    finally:
        await router.close()
        await runner.cleanup()


def write(router: Router) -> Writing:
    turn = Turn(id="t", text="Hello?", answers=[Answer(id="a", model="lab/m")])
    return Writing(router, Conversation(id="talk", turns=[turn], leaf="t"), turn, turn.answers[0], 99)


async def stream(request: web.Request, **headers: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={name.replace("_", "-"): value for name, value in headers.items()})
    await response.prepare(request)
    return response


async def test_a_whole_answer(tmp_path: Path) -> None:
    asked: list[tuple[str, dict[str, str], object]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(
            (request.path, {name.lower(): value for name, value in request.headers.items()}, await request.json())
        )
        response = await stream(request, request_id="req_theirs", x_landbridge_id="req_1")
        await response.write(events(START, *block(0, "text", "Hello")) + REST)
        return response

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        await writing.run(lambda: None)
        said = writing.answer
        assert (said.text, said.stop, said.fault, said.request) == ("Hello\n\n World", "end", "", "req_1")
        assert (said.input, said.cached, said.output) == (42, 30, 9)
        assert said.first is not None and said.seconds is not None and 0 < said.first <= said.seconds
        path, headers, body = asked[0]
        assert path == "/anthropic/v1/messages"
        assert (headers["user-agent"], headers["x-claude-code-session-id"]) == (CLIENT, "talk")
        assert isinstance(body, dict) and (body["model"], body["max_tokens"]) == ("lab/m", 99)


async def test_it_is_shown_as_it_grows_but_not_at_every_word(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(events(START))
        for number in range(60):
            await response.write(events(*block(number, "text", "x")))
            await asyncio.sleep(0.005)
        await response.write(events(END, {"type": "message_stop"}))
        return response

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        seen: list[int] = []
        await writing.run(lambda: seen.append(len(writing.answer.text)))
        assert 2 <= len(seen) <= 20
        assert seen == sorted(seen)


async def test_what_is_slow_to_show_is_shown_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", 0.0)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(events(START))
        for number in range(40):
            await response.write(events(*block(number, "text", "x")))
            await asyncio.sleep(0.005)
        await response.write(events(END, {"type": "message_stop"}))
        return response

    shown = 0

    def show() -> None:
        nonlocal shown
        shown += 1
        until = asyncio.get_running_loop().time() + 0.02
        while asyncio.get_running_loop().time() < until:
            pass

    async with serving(tmp_path, answer) as router:
        await write(router).run(show)
    assert 1 <= shown <= 8


async def test_stopped_it_keeps_what_came_and_the_router_is_left(tmp_path: Path) -> None:
    left = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(events(START, *block(0, "text", "So far")))
        try:
            while True:
                await response.write(b": still here\n\n")
                await asyncio.sleep(0.01)
        finally:
            left.set()

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        running = asyncio.ensure_future(writing.run(writing.stop))
        await asyncio.wait_for(running, 5)
        assert (writing.answer.text, writing.answer.stop, writing.answer.fault) == ("So far", "stopped", "")
        await asyncio.wait_for(left.wait(), 5)


async def test_a_refusal_is_its_fault(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "No such model."}}, status=404)

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        await writing.run(lambda: None)
        assert (writing.answer.fault, writing.answer.stop, writing.answer.text) == ("No such model.", "", "")


async def test_a_broken_line_is_its_fault(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await stream(request)
        await response.write(events(START, *block(0, "text", "Half")))
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        await writing.run(lambda: None)
        assert (writing.answer.text, writing.answer.stop) == ("Half", "")
        assert "broke off" in writing.answer.fault


async def test_the_cost_is_asked_for_until_it_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COST_AFTER", (0.0, 0.0, 0.0))
    answers = [web.json_response({}, status=404), web.json_response({"exchange": {"id": "req_1", "cost": 3100}})]

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.path == "/api/v1/requests/req_1"
        return answers.pop(0)

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        assert not await writing.find_cost(), "nobody knows which exchange it was"
        writing.answer.request = "req_1"
        assert await writing.find_cost()
        assert writing.answer.cost == 3100


async def test_an_unknown_cost_stays_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COST_AFTER", (0.0,))

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"exchange": {"id": "req_1", "cost": None}})

    async with serving(tmp_path, answer) as router:
        writing = write(router)
        writing.answer.request = "req_1"
        assert not await writing.find_cost()
        assert writing.answer.cost is None
