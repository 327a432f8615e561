"""The table of dialects, loaded on first use.

A dialect is named in settings (`dialect = "openai_chat"`) and found here; adding one is a folder and a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

from ..errors import ConfigFault, GatewayError
from ..neutral.events import Event
from ..neutral.progress import Progress
from ..neutral.request import Request
from ..neutral.response import Response
from ..neutral.traits import Traits
from .tool_names import ToolNames
from .written import Loss, NewId, Written


class StreamReader(Protocol):
    """Bytes of a streamed answer, cut anywhere, to events. Made with `(new_id, origin)`."""

    ended: bool
    """Whether `Finish` or `Failed` has been given; the upstream can be closed (P10)."""
    progress: Progress | None
    """How far the upstream has read the prompt, where it says so."""

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes complete. After the end: []."""

    def close(self) -> list[Event]:
        """The upstream ended. Without its terminal frame before: `Failed(Cut)`. After the end: []."""


class StreamWriter(Protocol):
    """Events to bytes of a streamed answer. Made with `(id, model, now, request)`, what the client shall see."""

    losses: list[Loss]
    """What the dialect could not carry so far."""

    def feed(self, event: Event) -> bytes:
        """The bytes of this event (possibly none). `Finish` and `Failed` include the dialect's last frame."""

    def ping(self) -> bytes:
        """Bytes that say "still alive" and change nothing."""

    def nudge(self) -> bytes:
        """Bytes with a real, empty event, for clients that do not count pings (CLIENTS.md 9). May open a block."""


ReadRequest = Callable[[bytes], Request]
"""`(body)`: bytes of a request to the neutral form; `BadRequest` names the path of what is wrong."""

WriteRequest = Callable[[Request, str, Traits], Written]
"""`(request, model, traits)`: the neutral form to bytes for the target's `model`."""

ReadResponse = Callable[[bytes, NewId, str], Response]
"""`(body, new_id, origin)`: bytes of a whole answer to the neutral form. Raises `Garbled`."""


class WriteResponse(Protocol):
    """A whole answer to bytes, with its `id` and `model` as the client shall see them; `now` in Unix seconds."""

    def __call__(self, response: Response, now: int, request: Request | None = None) -> Written:
        """`request` is what it answers, for dialects that repeat it or name tools in the client's own way."""


ReadError = Callable[[int, bytes, str, Mapping[str, str]], GatewayError]
"""`(status, body, origin, headers)`: an upstream's error answer to our error; `headers` have lower-case names.

Never raises: HTML and garbage become errors that say so (P100).
"""

WriteError = Callable[[GatewayError, str], bytes]
"""`(error, request_id)`: an error in this dialect's JSON form."""

MakeReader = Callable[[NewId, str], StreamReader]
"""`(new_id, origin)`: `origin` (`provider:lab`) goes into errors."""

MakeWriter = Callable[[str, str, int, Request], StreamWriter]
"""`(id, model, now, request)`: what the client shall see, and the request it answers."""


class Dialect(Struct, frozen=True):
    """One wire format, both ways."""

    name: str
    id_prefix: str
    """How the ids of its answers begin."""
    paths: tuple[str, str]
    """Paths of its generation endpoint below a provider's base URL, for a whole answer and for a streamed one;
    `{model}` stands for the model where the URL names it."""
    read_request: ReadRequest
    write_request: WriteRequest
    read_response: ReadResponse
    write_response: WriteResponse
    reader: MakeReader
    writer: MakeWriter
    list_writer: MakeWriter | None
    """Writes a stream as one JSON list, in the dialect that has such a form."""
    read_error: ReadError
    write_error: WriteError
    tool_names: ToolNames

    def path(self, model: str, *, stream: bool) -> str:
        """The path of the generation endpoint for a request to `model`."""
        return in_path(self.paths[stream], model)


def in_path(path: str, model: str) -> str:
    """`path` with the model's name where `{model}` stands."""
    return path.replace("{model}", quote(model.removeprefix("models/"), safe="")) if "{" in path else path


class Place(Struct, frozen=True):
    """What is known of a dialect before its code is loaded."""

    id_prefix: str
    path: str
    stream_path: str = ""
    """Where streams are asked for at another path."""


DIALECTS = {
    "anthropic": Place("msg_", "/v1/messages"),
    "openai_chat": Place("chatcmpl-", "/chat/completions"),
    "openai_responses": Place("resp_", "/responses"),
    "gemini": Place("", "/models/{model}:generateContent", "/models/{model}:streamGenerateContent?alt=sse"),
}
"""Dialects by name. Paths are below the base URL (`/v1` is part of it for OpenAI's, `/v1beta` for Gemini's)."""

LEGACY = {"openai_legacy": Place("cmpl-", "/completions")}
"""Formats that clients may speak and no provider is configured with: they are no conversations."""


@cache
def dialect(name: str) -> Dialect:
    """The dialect of that name, imported on first use. Raises `ConfigFault` for an unknown name."""
    known = DIALECTS | LEGACY
    if name not in known:
        raise ConfigFault(f"There is no dialect '{name}'.", remedy=f"Known dialects: {', '.join(sorted(DIALECTS))}.")
    place = known[name]
    request, response, read_stream, write_stream, errors = (
        import_module(f".{name}.{module}", __package__)
        for module in ("request", "response", "read_stream", "write_stream", "errors")
    )
    return Dialect(
        name=name,
        id_prefix=place.id_prefix,
        paths=(place.path, place.stream_path or place.path),
        read_request=request.read_request,
        write_request=request.write_request,
        read_response=response.read_response,
        write_response=response.write_response,
        reader=read_stream.StreamReader,
        writer=write_stream.StreamWriter,
        list_writer=getattr(write_stream, "ArrayWriter", None),
        read_error=errors.read_error,
        write_error=errors.write_error,
        tool_names=request.tool_names,
    )
