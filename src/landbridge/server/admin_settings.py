"""`/api/v1/settings`: the settings in force, and what would come of others, for `landbridge config` and the dashboard.

For programs of this machine alone, like the engines (`admin.py`). Nothing is changed here: who changes settings writes
the file, and the router takes it up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

from ..errors import BadRequest, UnknownPath
from ..gateway.call import Call, Sink
from .admin import check
from .asgi import Scope
from .settings import Settings

SETTINGS = "/api/v1/settings"
_JSON = {"content-type": "application/json"}

Handler = Callable[[Call, Sink], Awaitable[None]]


class ToCheck(Struct):
    """A settings file that has not been saved."""

    text: str
    marked: bool = False
    """Whether marks (`***1***`) in it stand for keys in the file, as `GET /api/v1/settings/text` gives it."""


class AdminSettings:
    """The handlers. `find` gives the one of a request."""

    def __init__(self, settings: Callable[[], Settings | None]) -> None:
        self._settings = settings
        self._handlers: dict[tuple[str, str], Handler] = {
            ("GET", SETTINGS): self._show,
            ("POST", f"{SETTINGS}/check"): self._check,
        }

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own) of all that is served here."""
        return [(method, path, "") for method, path in self._handlers]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        handler = self._handlers.get((method, scope["path"]))
        if handler is not None:
            check(scope)
        return handler

    def _of_router(self) -> Settings:
        settings = self._settings()
        if settings is None:
            raise UnknownPath("This router has no settings file.")
        return settings

    async def _show(self, call: Call, sink: Sink) -> None:
        await sink.whole(200, _JSON, msgspec.json.encode(self._of_router().told()))

    async def _check(self, call: Call, sink: Sink) -> None:
        settings = self._of_router()
        try:
            asked = msgspec.json.decode(call.body, type=ToCheck)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadRequest("The body is no JSON object with `text`, the settings to check.") from None
        await sink.whole(200, _JSON, msgspec.json.encode(settings.check(asked.text, asked.marked)))
