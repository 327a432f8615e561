"""A sink that passes everything on to another one: those who look at what passes begin with it."""

from __future__ import annotations

from collections.abc import Mapping

from .call import Sink


class Through:
    """Passes everything on to `sink`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    @property
    def started(self) -> bool:
        """Whether status and headers have left."""
        return self._sink.started

    @property
    def blocked(self) -> bool:
        """Whether a write waits."""
        return self._sink.blocked

    @property
    def touched(self) -> float:
        """Loop time of the last bytes."""
        return self._sink.touched

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A complete answer."""
        await self._sink.whole(status, headers, body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Status and headers."""
        await self._sink.start(status, headers)

    async def write(self, data: bytes) -> None:
        """Some of the body."""
        await self._sink.write(data)

    async def end(self) -> None:
        """The body is complete."""
        await self._sink.end()

    def abort(self) -> None:
        """Break the connection."""
        self._sink.abort()
