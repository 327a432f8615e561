"""What the gate asks the router: by which names the dashboard may be asked, and who is signed in.

Answers are kept for some seconds: a page is dozens of requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..access.hosts import is_loopback
from ..server.admin_signin import SESSIONS, Session
from ..server.settings import InForce
from .router import Router, RouterFault

KEPT_SECONDS = 5.0
MOST = 1000
"""Sessions whose answers are kept at a time."""


class Guard:
    """Of the dashboard at `host`."""

    def __init__(self, router: Router, host: str, now: Callable[[], float] = time.monotonic) -> None:
        self._router, self._now = router, now
        self.needed = not is_loopback(host)
        """Whether who looks must be signed in: others than this machine reach it."""
        self._hosts: tuple[float, Sequence[str]] = (float("-inf"), ())
        self._known: dict[str, float] = {}

    async def hosts(self) -> Sequence[str]:
        """Names that the settings allow, beside this machine's own."""
        asked, names = self._hosts
        if self._now() - asked >= KEPT_SECONDS:
            try:
                force = await self._router.get("/api/v1/settings", InForce)
            except RouterFault:
                return names
            names = next((each.value for each in force.settings if each.key == "access.hosts"), ())
            self._hosts = (self._now(), names)
        return names

    async def begin(self, token: str) -> Session | None:
        """A session for who has a link; None where the link is none, or not any more. Raises `RouterFault`."""
        try:
            return await self._router.ask("POST", SESSIONS, Session, {"token": token})
        except RouterFault as fault:
            if fault.status == 401:
                return None
            raise

    async def knows(self, session: str) -> bool:
        """Whether somebody with this session is signed in. Raises `RouterFault`."""
        if not session:
            return False
        if self._now() - self._known.get(session, float("-inf")) < KEPT_SECONDS:
            return True
        self._known.pop(session, None)
        try:
            await self._router.ask("POST", SESSIONS, Session, {"session": session})
        except RouterFault as fault:
            if fault.status == 401:
                return False
            raise
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[session] = self._now()
        return True
