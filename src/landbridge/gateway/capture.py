"""Keeps what is said in exchanges, where `store.bodies` wants it: the client's side through its sink, the upstream's
through its answer.

Nothing of it runs unless it is on. What it keeps has no headers with secrets, no query strings and no provider's keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ..config import StoreSettings
from ..store.bodies import Asked, Said, harmless
from ..store.queue import Queue
from ..store.record import Record
from ..upstream.client import Answer, Client, Endpoint
from .call import Call, Sink
from .through import Through

Run = Callable[[Call, Sink, Record], Awaitable[None]]


class Capture:
    """Listens to exchanges."""

    def __init__(self, queue: Queue, settings: Callable[[], StoreSettings]) -> None:
        self._queue, self._settings = queue, settings

    def listen(self, call: Call, sink: Sink, run: Run) -> tuple[Sink, Callable[[Record], Awaitable[None]]]:
        """The sink to answer into, and `run`, both listened to; just these two while too much waits to be written."""
        if self._queue.full_of_bodies:
            return sink, lambda record: run(call, sink, record)
        said = Said(call.dialect, call.body, self._settings().body_max_bytes)
        said.headers = harmless(call.raw_headers)
        if call.named is not None:
            said.model, said.stream = call.named.model, call.named.stream
        heard = _Listening(sink, said)

        def listened(record: Record) -> Awaitable[None]:
            record.bodies = said
            return run(call, heard, record)

        return heard, listened


class _Listening(Through):
    """A sink that keeps what passes."""

    def __init__(self, sink: Sink, said: Said) -> None:
        super().__init__(sink)
        self._said = said

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A complete answer."""
        self._said.status = status
        self._said.answer.add(body)
        await super().whole(status, headers, body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers."""
        self._said.status = status
        await super().start(status, headers)

    async def write(self, data: bytes) -> None:
        """Some of the body."""
        self._said.answer.add(data)
        await super().write(data)


def post(
    client: Client, record: Record, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]
) -> Awaitable[Answer]:
    """`client.post`, listened to where this exchange is."""
    if record.bodies is None:
        return client.post(endpoint, body, headers)
    return _post(client, record.bodies, endpoint, body, headers)


async def _post(client: Client, said: Said, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
    asked = said.ask(endpoint.url, body)
    answer = await client.post(endpoint, body, headers)
    asked.status = answer.status
    return _Heard(answer, asked)


class _Heard(Answer):
    """An answer that keeps what is read of it. Of an error that is what has no keys any more."""

    __slots__ = ("_answer", "_asked")

    def __init__(self, answer: Answer, asked: Asked) -> None:
        self._answer, self._asked = answer, asked
        self.status, self.raw_headers = answer.status, answer.raw_headers

    @property
    def headers(self) -> Mapping[str, str]:
        """As the answer's."""
        return self._answer.headers

    async def read(self, limit: int) -> bytes:
        """As the answer's."""
        body = await self._answer.read(limit)
        self._asked.received.add(body)
        return body

    async def __anext__(self) -> bytes:
        piece = await anext(self._answer)
        self._asked.received.add(piece)
        return piece

    async def close(self) -> None:
        """As the answer's."""
        await self._answer.close()
