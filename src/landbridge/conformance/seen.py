"""What was seen of a rule: the client's requests, the upstream's view of them, and the answers with their times.

All times are those of one monotonic clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal

from ..errors import Garbled
from ..wire.sse import Record, SSEDecoder
from .node import Node, read_node
from .rule import Broken
from .said import Complaint, Said

Ended = Literal["whole", "cut", "left", "late", "nothing"]
"""How an answer ended: as HTTP says, broken off, left by us, over our time limit, or it never began."""


class Received:
    """A request as the upstream got it, and what became of its answer."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes, at: float) -> None:
        self.method, self.path, self.headers, self.body, self.at = method, path, headers, body, at
        self.answer_head = b""
        self.answer = bytearray()
        """What was written of the answer's body."""
        self.writes: list[float] = []
        self.left_at: float | None = None
        """When the gateway closed the connection while the answer was under way."""
        self.over = asyncio.Event()
        """Set when the answer is finished or the gateway has left."""

    @cached_property
    def json(self) -> Node:
        """The body."""
        return read_node(self.body)


class Answer:
    """What the client got."""

    def __init__(self, sent_at: float) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        """Lower-case names."""
        self.sent_at, self.head_at, self.over_at = sent_at, 0.0, 0.0
        self.pieces: list[tuple[float, bytes]] = []
        self.ended: Ended = "nothing"
        self.why = ""
        """What the connection said, where it broke."""

    @cached_property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(piece for _, piece in self.pieces)

    @cached_property
    def json(self) -> Node:
        """The body as one JSON document."""
        return read_node(self.body)

    @cached_property
    def records(self) -> list[Record]:
        """The body as server-sent events."""
        decoder = SSEDecoder()
        try:
            return decoder.feed(self.body) + decoder.close()
        except Garbled:
            return []

    @property
    def is_stream(self) -> bool:
        """Whether it says it is an event stream."""
        return self.headers.get("content-type", "").startswith("text/event-stream")

    @property
    def is_html(self) -> bool:
        """Whether it is a web page."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"

    def seconds_until(self, words: bytes) -> float:
        """When `words` had come, after the request was sent; infinite if they never did."""
        got = b""
        for at, piece in self.pieces:
            got += piece
            if words in got:
                return at - self.sent_at
        return float("inf")


class Exchange:
    """One request and all that belongs to it. `read` is the face's reading of an answer."""

    def __init__(self, request: bytes, answer: Answer, read: Callable[[Answer], Said], streamed: bool) -> None:
        self.request, self.answer, self._read, self.streamed = request, answer, read, streamed
        self.upstream: list[Received] = []

    @cached_property
    def said(self) -> Said:
        """What the client understood, whatever the status."""
        return self._read(self.answer)

    @property
    def complaint(self) -> Complaint:
        """The error the client got, before the stream or in it. Raises `Broken` where there is none."""
        if self.said.error is None:
            how = f"status {self.answer.status}, {self.answer.ended}"
            raise Broken(f"no error that this client understands ({how}): {_start(self.answer.body)}")
        return self.said.error

    @property
    def good(self) -> Said:
        """What the client understood of an answer that has to be good. Raises `Broken`."""
        answer, said = self.answer, self.said
        if answer.status != 200:
            words = said.error.message if said.error else _start(answer.body)
            raise Broken(f"status {answer.status} ({answer.ended}{_why(answer)}): {words[:300]}")
        if said.error is not None:
            raise Broken(f"an error in the stream: {said.error.message[:300]}")
        if answer.ended != "whole":
            raise Broken(f"the answer did not end ({answer.ended}{_why(answer)}) after {len(answer.body)} bytes")
        if self.streamed is not answer.is_stream:
            form = "an event stream" if self.streamed else "one answer"
            raise Broken(f"asked for was {form}, not {answer.headers.get('content-type', 'what has no content type')}")
        return said

    @property
    def received(self) -> Received:
        """The request as the upstream got it first. Raises `Broken`."""
        if not self.upstream:
            words = self.said.error.message if self.said.error else _start(self.answer.body)
            raise Broken(f"the upstream got no request; the client got status {self.answer.status}: {words[:300]}")
        return self.upstream[0]

    @property
    def sent(self) -> Node:
        """The body the upstream got. Raises `Broken`."""
        return self.received.json


class Seen:
    """All exchanges of one run of a rule."""

    def __init__(self, model: str, upstream: str, token: str = "", *, token_given: bool = False) -> None:
        self.model = model
        self.token = token
        """What the client proves itself with."""
        self.upstream = upstream
        """The dialect of the upstream; empty where it is not the suite's."""
        self.exchanges: list[Exchange] = []
        self.token_given = token_given
        """Whether the user had to name a token."""

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __getitem__(self, number: int) -> Exchange:
        return self.exchanges[number]

    @property
    def only(self) -> Exchange:
        """The last exchange, which in most rules is the only one."""
        return self.exchanges[-1]

    @property
    def good(self) -> Said:
        """See `Exchange.good`."""
        return self.only.good

    @property
    def sent(self) -> Node:
        """See `Exchange.sent`; the answer has to be good, too."""
        sent = self.only.sent
        _ = self.only.good
        return sent


def _why(answer: Answer) -> str:
    return f": {answer.why}" if answer.why else ""


def _start(body: bytes) -> str:
    return body[:300].decode("utf-8", "replace") or "(nothing)"
