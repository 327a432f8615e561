"""The names of local models, for routing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..config import Config
from ..engines.library import Library


class Names:
    """The names of local models, looked up again at most once a second: those with a file, those with a server."""

    def __init__(self, library: Library, config: Callable[[], Config]) -> None:
        self._library, self._config = library, config
        self._names: tuple[str, ...] = ()
        self._due = 0.0

    def __call__(self) -> tuple[str, ...]:
        """The names; the same tuple as long as nothing changes."""
        now = asyncio.get_running_loop().time()
        if now >= self._due:
            self._due = now + 1.0
            servers = (name for name, model in self._config().models.items() if model.command is not None)
            names = tuple(sorted({*self._library.names(), *servers}))
            if names != self._names:
                self._names = names
        return self._names
