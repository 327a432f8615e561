"""Asks a running router at its control socket, which only its own user can open: no port, no key, no other machine."""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path

from ..errors import GatewayError, TimedOut, Unreachable
from .router import Reply, error_text

FILE = "control.sock"
"""In the data folder; a link to the socket where its path is too long for one."""
LONGEST = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS)."""
SECONDS = 30.0


def told(data_dir: Path, method: str, path: str, body: bytes = b"", seconds: float = SECONDS) -> bytes:
    """The body of a good answer. Raises `Unreachable` where no router runs there, else the router's own words."""
    reply = ask(data_dir, method, path, body, seconds)
    if reply.status == 200:
        return reply.body
    raise GatewayError(error_text(reply))


def ask(data_dir: Path, method: str, path: str, body: bytes = b"", seconds: float = SECONDS) -> Reply:
    """One request. Raises `Unreachable` or `TimedOut`."""
    connection = _Connection(_place(data_dir), seconds)
    try:
        connection.request(method, path, body or None, {"content-type": "application/json"})
        answer = connection.getresponse()
        return Reply(answer.status, answer.read())
    except TimeoutError:
        raise TimedOut(f"The router did not answer within {seconds:.0f} s.") from None
    except (OSError, http.client.HTTPException):
        raise Unreachable(
            f"No router runs with the data folder {data_dir}.", remedy="Start it with 'landbridge serve'."
        ) from None
    finally:
        connection.close()


def _place(data_dir: Path) -> str:
    path = str(data_dir / FILE)
    if len(os.fsencode(path)) <= LONGEST:
        return path
    try:
        return str(Path(path).readlink())
    except OSError:
        return path


class _Connection(http.client.HTTPConnection):
    """To a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Connect. Raises `OSError`."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
