"""A deliberately bad gateway: a real landbridge between two doors that spoil what passes, as a fault says.

    client -> front door -> landbridge -> back door -> the conformance suite's upstream

Without a fault both doors pass bytes on as they come. A fault spoils requests or answers at one of the doors; whatever
passes such a door is held until it is whole. `Stage` runs all of it in a thread of its own, so that tests are plain
functions: `stage.run(fault, rules)`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from landbridge.conformance.client import compose, send
from landbridge.conformance.own import free_port, own_gateway
from landbridge.conformance.rule import Rule
from landbridge.conformance.rules import RULES
from landbridge.conformance.run import Result, Suite, runs
from landbridge.conformance.seen import Received
from landbridge.conformance.target import Target, target_at
from landbridge.conformance.upstream import Upstream, read_request

Value = TypeVar("Value")
Json = dict[str, Any]
HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "host")


@dataclass
class Passing:
    """A request or an answer at a door; a fault may change all of it."""

    method: str = ""
    path: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: str = "whole"
    """Of an answer: `whole` or `cut`."""
    asked: Passing | None = None
    """The request of an answer."""

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    @property
    def is_stream(self) -> bool:
        """Whether it is an event stream."""
        return self.headers.get("content-type", "").startswith("text/event-stream")


Spoil = Callable[[Passing], Passing]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and the rules it must break."""

    name: str
    rules: tuple[str, ...]
    ask: Spoil | None = None
    """Done to requests before they pass the door."""
    answer: Spoil | None = None
    """Done to answers."""
    behind: bool = False
    """At the back door, between landbridge and the upstream."""
    delay: float = 0
    """Seconds for which every answer is held."""
    patience: float = 60
    """Seconds after which the door gives up with a 504."""
    tries: int = 1
    """How often a request that failed is sent again, whoever still waits for it."""
    holds: bool = False
    """Whether holding things until they are whole is the fault itself."""

    @property
    def harmless(self) -> Fault:
        """A door of the same kind that spoils nothing."""
        return Fault("none", self.rules, ask=_same, answer=_same, behind=self.behind)


def _same(passing: Passing) -> Passing:
    return passing


class Door:
    """Listens on a port of its own and passes everything to `url`."""

    def __init__(self, url: str, behind: bool) -> None:
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._to = int(port)
        self._behind = behind
        self.fault: Fault | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self, port: int) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 26)
        self.port = port

    async def forget(self) -> None:
        """End all connections: those that landbridge keeps would lead past a new fault."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Stop, whatever is under way."""
        assert self._server is not None
        self._server.close()
        await self.forget()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        fault = self.fault
        try:
            # Cancelled is a connection that is to be forgotten; asyncio would log that.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                if fault is None or fault.behind is not self._behind:
                    await self._relay(reader, writer)
                else:
                    while (request := await read_request(reader, writer)) is not None:
                        if not await self._spoil(request, fault, writer):
                            break
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bytes both ways until one side ends; an end is passed on at once."""
        from_there, to_there = await asyncio.open_connection(self._host, self._to)
        pumps = [asyncio.ensure_future(_pump(reader, to_there)), asyncio.ensure_future(_pump(from_there, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            to_there.transport.abort()
            with contextlib.suppress(ConnectionError):
                writer.close()
                await writer.wait_closed()

    async def _spoil(self, request: Received, fault: Fault, writer: asyncio.StreamWriter) -> bool:
        """Pass one request and its answer; whether the connection can go on."""
        asked = Passing(request.method, request.path, headers=dict(request.headers), body=request.body)
        there = fault.ask(asked) if fault.ask else asked
        answer = Passing() if there.status else await self._get(there, fault)
        answer = replace(there, asked=asked) if there.status else replace(answer, asked=asked)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.answer and answer.status:
            answer = fault.answer(answer)
        if answer.status:
            writer.write(_write(answer))
            await writer.drain()
        return answer.ending == "whole" and answer.status > 0

    async def _get(self, asked: Passing, fault: Fault) -> Passing:
        headers = {name: value for name, value in asked.headers.items() if name not in HOP}
        wire = compose(asked.method, f"http://{self._host}:{self._to}{asked.path}", headers, asked.body)
        for number in range(fault.tries):
            got = await send(wire, fault.patience)
            if number + 1 == fault.tries or (got.status == 200 and b"event: error" not in got.body):
                break
        if got.ended == "late":
            return Passing(status=504, headers={"content-type": "text/plain"}, body=b"too slow")
        return Passing(status=got.status, headers=got.headers, body=got.body, ending=got.ended)


def _write(answer: Passing) -> bytes:
    missing = 0 if answer.ending == "whole" else 10  # of a broken answer the client must not get all
    kept = {name: value for name, value in answer.headers.items() if name not in HOP}
    head = {**kept, "content-length": str(len(answer.body) + missing)}
    if answer.asked is not None and answer.asked.method == "HEAD":
        head["content-length"] = "0"
    lines = [f"HTTP/1.1 {answer.status} Whatever", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + answer.body


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


class Stage:
    """Upstream, landbridge and both doors, on an event loop of their own until `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = contextlib.AsyncExitStack()
        self._suite, self._doors = self._do(self._open())

    def _do(self, work: Coroutine[Any, Any, Value]) -> Value:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=110)

    async def _open(self) -> tuple[Suite, tuple[Door, Door]]:
        upstream = await self._stack.enter_async_context(Upstream())
        back = Door(upstream.url, behind=True)
        await back.open(free_port())
        self._stack.push_async_callback(back.close)
        direct = await self._stack.enter_async_context(own_gateway(f"http://127.0.0.1:{back.port}"))
        front = Door(direct.openai_url, behind=False)
        await front.open(free_port())
        self._stack.push_async_callback(front.close)
        suite = Suite(_through(front.port, direct), upstream)
        await suite.look()
        return suite, (front, back)

    def run(self, fault: Fault | None, *only: str) -> list[Result]:
        """The results of these rules (all without any) under the fault."""
        return self._do(self._run(fault, only))

    async def _run(self, fault: Fault | None, only: Sequence[str]) -> list[Result]:
        async with self._spoilt(fault):
            return await self._suite.run(runs(RULES, only))

    @contextlib.asynccontextmanager
    async def _spoilt(self, fault: Fault | None) -> AsyncIterator[None]:
        for door in self._doors:
            door.fault = fault
        await self._doors[1].forget()
        try:
            yield
        finally:
            for door in self._doors:
                door.fault = None
            await self._doors[1].forget()

    def close(self) -> None:
        """End everything."""
        self._do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _through(port: int, direct: Target) -> Target:
    return target_at(f"http://127.0.0.1:{port}/anthropic", direct.models)


def breaks(stage: Stage, fault: Fault) -> None:
    """Assert that the fault breaks each of its rules, and that nothing else does."""
    chosen = [_one_pair(rule) for rule in RULES if rule.id in fault.rules]
    if not fault.holds:
        found = {result.name: result.why for result in stage.run(fault.harmless, *chosen) if result.why}
        assert found == {}, "they have to pass without the fault"
    results = stage.run(fault, *chosen)
    assert {result.rule.id for result in results} == set(fault.rules)
    kept = set(fault.rules) - {result.rule.id for result in results if is_broken(result)}
    assert kept == set(), f"kept in spite of '{fault.name}'"


def _one_pair(rule: Rule) -> str:
    """The rule before one client and one upstream: a judgement is the same for all."""
    face = "anthropic" if "anthropic" in rule.faces else rule.faces[0]
    upstream = "openai_chat" if "openai_chat" in rule.upstreams else rule.upstreams[0] if rule.upstreams else ""
    return f"{rule.id}:{face}:{upstream if rule.plays else ''}"


def is_broken(result: Result) -> bool:
    """Whether the rule found the fault; of optional rules it says that the gateway does not offer it."""
    return result.verdict == "fail" or (result.verdict == "not offered" and result.rule.optional)


def broken(faults: Sequence[Fault]) -> set[str]:
    """All rules that some fault breaks."""
    return {rule for fault in faults for rule in fault.rules}
