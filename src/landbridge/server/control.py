"""The control socket: every API for the programs of the router's own user, whatever its listeners are.

A Unix socket below the data folder that only its owner can open, so nothing asked there needs a key. The dashboard asks
there: it works while the TCP Server is off, and it needs no secret.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from pathlib import Path

from ..errors import ConfigFault
from ..manage.control import FILE as FILE
from ..manage.control import LONGEST as LONGEST
from .admin import CONTROL
from .app import App
from .asgi import Receive, Scope, Send
from .listeners import Open


class Control:
    """Of one router."""

    def __init__(self, data_dir: Path, app: App) -> None:
        self._app = app
        self._wanted = data_dir / FILE
        self._folder: Path | None = None
        self._open: Open | None = None
        self.path = ""
        """Of the socket, while it is open."""

    async def open(self) -> None:
        """Listen. Raises `ConfigFault` where the data folder does not let us."""
        path = self._wanted
        if len(os.fsencode(path)) > LONGEST:
            self._folder = Path(tempfile.mkdtemp(prefix="landbridge-"))
            path = self._folder / FILE
        try:
            listener = _bound(path)
            if self._folder is not None:  # so that whoever knows the data folder finds it
                self._wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._wanted.unlink(missing_ok=True)
                self._wanted.symlink_to(path)
        except OSError as error:
            raise ConfigFault(f"{path} cannot be made: {error.strerror}.", remedy="Check the data folder.") from error
        self._open = Open(self, listener)
        self.path = str(path)
        await self._open.ready()

    async def close(self) -> None:
        """Stop, at once."""
        if self._open is not None:
            await self._open.close(grace=0)
            self._remove()

    def _remove(self) -> None:
        Path(self.path).unlink(missing_ok=True)
        if self._folder is not None:
            self._wanted.unlink(missing_ok=True)
            shutil.rmtree(self._folder, ignore_errors=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope[CONTROL] = True
        await self._app(scope, receive, send)


def _bound(path: Path) -> socket.socket:
    """A listening socket at `path` for its owner alone. Raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # of a router that was killed: the data folder has one router
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen()
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener
