"""Asks a running landbridge over HTTP, with the standard library alone so that commands start fast.

Whoever answers on the port may be somebody else; `probe` tells apart: up, nobody, another program, silence.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from ..access.hosts import EVERYWHERE
from ..config import Listener
from ..errors import ConfigFault, GatewayError, TimedOut, UnknownModel, Unreachable
from . import credential

STATE_TIMEOUT = 5.0
"""Seconds the router may take to say how it is."""
ENGINES = "/api/v1/engines"
"""Where it tells of its engines, and is told."""


def key_for(url: str) -> str:
    """What a client is to send to the router at `url`: a key only where one is needed, else any word."""
    try:
        reply = ask(url, "GET", "/health", key=credential.NO_KEY)
        needed = not msgspec.json.decode(reply.body, type=Health).parts  # to strangers it names none
    except (GatewayError, msgspec.DecodeError):
        needed = False
    return credential.key_to(url) if needed else credential.NO_KEY


class Part(Struct):
    """One part of the program as `/health` reports it."""

    status: str
    detail: str = ""
    remedy: str = ""


class Health(Struct):
    """What `/health` says."""

    status: str
    version: str
    uptime: float = 0.0
    """Seconds since start."""
    parts: dict[str, Part] = {}


def wants_key(health: Health | None) -> bool:
    """Whether a client needs a key of landbridge's there."""
    keys = health.parts.get("keys") if health is not None else None
    return keys is not None and keys.detail.startswith("needed")


class Probe(Struct, frozen=True):
    """Who answers at an address."""

    state: Literal["up", "nobody", "other", "silent"]
    detail: str = ""
    """What was seen, where it is not landbridge."""
    health: Health | None = None


class Reply(Struct, frozen=True):
    """An HTTP answer."""

    status: int
    body: bytes


class _Wrong(Struct):
    message: str = ""


class _ErrorBody(Struct):
    error: _Wrong = msgspec.field(default_factory=_Wrong)


def url_of(listener: Listener) -> str:
    """The URL at which this machine reaches a listener."""
    if listener.port == 0:
        raise ConfigFault(
            "listeners.router.port is 0, which takes a free port that no other program knows.",
            remedy="Give it a fixed port, or say --base-url with the URL that 'landbridge serve' printed.",
        )
    host = {EVERYWHERE: "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(listener.host, listener.host)
    return f"http://[{host}]:{listener.port}" if ":" in host else f"http://{host}:{listener.port}"


def ask(url: str, method: str, path: str, body: bytes = b"", timeout: float = STATE_TIMEOUT, *, key: str = "") -> Reply:
    """One request to the router at `url`, with `key` or the one that was found. Raises `Unreachable` or `TimedOut`."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {key or credential.key_to(url)}"}
    headers["anthropic-version"] = "2023-06-01"
    with asked(url, method, path, body, headers, timeout) as answer:
        return Reply(answer.status, answer.read())


@contextmanager
def asked(
    url: str, method: str, path: str, body: bytes, headers: Mapping[str, str], timeout: float
) -> Iterator[http.client.HTTPResponse]:
    """An answer of the router at `url`, as it comes. Raises `Unreachable` or `TimedOut`, also while it is read."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request(method, parts.path.rstrip("/") + path, body or None, dict(headers))
        yield connection.getresponse()
    except TimeoutError:
        raise TimedOut(f"{url} did not answer within {timeout:.0f} s.") from None
    except ConnectionRefusedError:
        raise not_running(url) from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{url} cannot be asked: {_words(error)}.") from None
    finally:
        connection.close()


def not_running(url: str) -> Unreachable:
    """Nobody listens at `url`."""
    return Unreachable(f"Nothing listens at {url} (connection refused).", remedy="Start it with 'landbridge serve'.")


def probe(url: str) -> Probe:
    """Who answers at `url`."""
    try:
        reply = ask(url, "GET", "/health", timeout=STATE_TIMEOUT)
    except TimedOut as error:
        return Probe("silent", error.message)
    except Unreachable as error:
        refused = "connection refused" in error.message
        return Probe("nobody" if refused else "other", error.message)
    try:
        return Probe("up", health=msgspec.json.decode(reply.body, type=Health))
    except msgspec.DecodeError:
        return Probe("other", f"it answered GET /health with status {reply.status}, and not as landbridge does")


def model_info(url: str, name: str) -> bytes:
    """What the router knows about a model. Raises `UnknownModel` with the router's own words."""
    return told(url, "GET", f"/anthropic/v1/models/{quote(name, safe='')}")


def told(url: str, method: str, path: str, body: bytes = b"", timeout: float = 30.0) -> bytes:
    """The body of a good answer. Raises the router's own words: `UnknownModel` or `GatewayError`."""
    reply = ask(url, method, path, body, timeout)
    if reply.status == 200:
        return reply.body
    text = error_text(reply)
    raise UnknownModel(text) if reply.status == 404 else GatewayError(text)


def error_text(reply: Reply) -> str:
    """The message of an error answer, in whatever form it came."""
    try:
        message = msgspec.json.decode(reply.body, type=_ErrorBody).error.message
    except msgspec.DecodeError:
        message = ""
    return message or f"The router answered with status {reply.status}."


def is_open(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
