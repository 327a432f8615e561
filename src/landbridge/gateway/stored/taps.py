"""Sinks that look at what passes to the client: a response that is to be kept, or the id of one a provider keeps.

They change and delay nothing. A response is kept before its last bytes leave, so that whoever has read it can go on.
"""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Raw, Struct

from ...neutral.request import Request
from ...routing.target import Target
from ...wire.openai_responses.types import DIALECT
from ...wire.rename import Peek
from ..call import Call, Sink
from ..through import Through
from .resume import keep, keeps
from .shelf import Stored

ENDS = (b"event: response.completed\ndata: ", b"event: response.incomplete\ndata: ")
"""How the last record of a stream begins, where it is one to be kept."""
_WHOLE_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*"([^"\\\\]+)"')
_STREAM_ID = re.compile(rb'"response"\s*:\s*\{\s*"id"\s*:\s*"([^"\\\\]+)"')
MOST = 64 * 1024
"""Bytes of a stream in which its id is looked for."""


class _Last(Struct):
    response: Raw


_decode = msgspec.json.Decoder(_Last).decode


class Tap(Through, ABC):
    """Passes everything on, and has a look at the body."""

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A complete answer."""
        if status == 200:
            self.see_whole(body)
        await super().whole(status, headers, body)

    async def write(self, data: bytes) -> None:
        """Some of the body."""
        self.see(data)
        await super().write(data)

    @abstractmethod
    def see_whole(self, body: bytes) -> None:
        """A whole answer passes."""

    @abstractmethod
    def see(self, data: bytes) -> None:
        """Some of a stream passes."""


class Keeping(Tap):
    """Gives the response to `keep`: the whole answer, or what the stream's last record repeats.

    What is written is ours, so each write is of whole records.
    """

    def __init__(self, sink: Sink, keep: Callable[[bytes], None]) -> None:
        super().__init__(sink)
        self._keep = keep

    def see_whole(self, body: bytes) -> None:
        """The response."""
        self._keep(body)

    def see(self, data: bytes) -> None:
        """Look for the last record."""
        for begins in ENDS:
            if begins in data:
                record = data[data.rindex(begins) + len(begins) :].partition(b"\n\n")[0]
                self._keep(bytes(_decode(record).response))


class Noting(Tap):
    """Gives the response's id to `note`. What passes is a provider's, cut anywhere."""

    def __init__(self, sink: Sink, note: Callable[[str], None]) -> None:
        super().__init__(sink)
        self._note = note
        self._head: bytes | None = b""

    def see_whole(self, body: bytes) -> None:
        """The id stands first in OpenAI's answers."""
        self._take(_WHOLE_ID.match(body))

    def see(self, data: bytes) -> None:
        """The first event has the id."""
        if self._head is None:
            return
        self._head += data
        found = _STREAM_ID.search(self._head)
        self._take(found)
        if found is not None or len(self._head) > MOST:
            self._head = None

    def _take(self, found: re.Match[bytes] | None) -> None:
        if found is not None:
            self._note(found[1].decode("utf-8", "replace"))


def watched(stored: Stored, call: Call, sink: Sink, asked: Peek | Request, target: Target) -> Sink:
    """The sink for the answer to `call`, which is converted where it was read as a `Request`."""
    if call.dialect != DIALECT:
        return sink
    if not isinstance(asked, Request):
        return Noting(sink, lambda name: stored.note(name, target.provider))
    if keeps(stored, asked):
        return Keeping(sink, lambda response: keep(stored, call, response, time.time()))
    return sink
