"""What a client sent, and where its answer goes.

The gateway pushes the answer into a `Sink`, so that headers can leave early, pings can leave in silent gaps, and a
broken upstream can be told from a normal end. The server implements it over ASGI; tests over a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import parse_qs

from ..access.grant import Grant
from ..wire.rename import Peek

RawHeaders = Iterable[tuple[bytes, bytes]]


class Sink(Protocol):
    """The client's side of one exchange."""

    @property
    def started(self) -> bool:
        """Whether status and headers have left; after that an error can only be said in the stream."""

    @property
    def blocked(self) -> bool:
        """Whether a write waits for a slow client to read."""

    @property
    def touched(self) -> float:
        """Loop time of the last bytes written."""

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a complete answer."""

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers; `write` follows."""

    async def write(self, data: bytes) -> None:
        """Send some of the body; waits while the client reads slowly."""

    async def end(self) -> None:
        """The body is complete."""

    def abort(self) -> None:
        """Break the connection when the exchange ends, so that nobody takes what was sent for the whole."""


class Call:
    """One request of a client. Headers are decoded only when somebody asks for them."""

    __slots__ = ("_headers", "_who", "body", "dialect", "given", "key", "named", "previous", "query", "raw_headers")

    def __init__(
        self, dialect: str, body: bytes, raw_headers: RawHeaders, query: str = "", named: Peek | None = None
    ) -> None:
        self.dialect = dialect
        self.named = named
        """What the URL says of model and stream, in dialects where it does."""
        self.body = body
        self.raw_headers = raw_headers
        self.query = query
        self.key: Grant | None = None
        """What the key it came with may do; None where none is needed."""
        self.previous = ""
        """The kept response that it goes on from, whose conversation stands in front of its input now."""
        self.given = b""
        """The body as it was before that."""
        self._headers: dict[str, str] | None = None
        self._who: tuple[str, str, bytes] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Lower-case names to values; repeated headers are joined as HTTP allows."""
        if self._headers is None:
            self._headers = {}
            for name, value in self.raw_headers:
                key, text = name.decode("latin-1").lower(), value.decode("latin-1")
                known = self._headers.get(key)
                self._headers[key] = text if known is None else f"{known}, {text}"
        return self._headers

    @property
    def wants_list(self) -> bool:
        """Whether it wants its stream as one JSON list: Gemini's clients do, unless they say `alt=sse`."""
        return self.dialect == "gemini" and "sse" not in parse_qs(self.query).get("alt", ())

    @property
    def session(self) -> str:
        """The client's conversation, where it names it (CONTRACT.md, identity headers)."""
        return self._identity()[0]

    @property
    def agent(self) -> str:
        """The subagent within the conversation, where there is one."""
        return self._identity()[1]

    @property
    def user_agent(self) -> bytes:
        """What the client says it is, as it came."""
        return self._identity()[2]

    @property
    def traceparent(self) -> str:
        """The trace that the client's request belongs to, as W3C's Trace Context writes it."""
        for name, value in self.raw_headers:
            if name == b"traceparent":
                return value.decode("latin-1")
        return ""

    def _identity(self) -> tuple[str, str, bytes]:
        """All three, without decoding other headers. Servers give names in lower case (ASGI)."""
        if self._who is None:
            found = dict(reversed([*self.raw_headers]))  # of repeated ones the first
            self._who = (
                found.get(b"x-claude-code-session-id", b"").decode("latin-1"),
                found.get(b"x-claude-code-agent-id", b"").decode("latin-1"),
                found.get(b"user-agent", b""),
            )
        return self._who

    @property
    def counts_pings(self) -> bool:
        """Whether this client takes a ping for a sign of life. Claude Code before 2.1.3xx does not (CLIENTS.md 9)."""
        agent = self.headers.get("user-agent", "")
        if not agent.startswith("claude-cli/"):
            return True
        version = agent.removeprefix("claude-cli/").split(" ")[0].split(".")
        numbers = [int(part) if part.isdigit() else 0 for part in version[:3]]
        return numbers >= [2, 1, 300]
