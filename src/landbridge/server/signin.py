"""Who may look at the dashboard where others can reach it: links that open once, and the sessions they become.

Nobody needs a password. `landbridge serve` and `landbridge dashboard` print a link, to whoever may open the control
socket; the browser that opens it first has a session from then on. Both are 256 bits of chance. Only their hashes are
kept, in memory: after a restart a new link is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
import time
from collections.abc import Callable

from msgspec import Struct

from ..access.hosts import EVERY, is_loopback

LINK_SECONDS = 600.0
"""A link opens for so long, once."""
IDLE_SECONDS = 7 * 86400.0
"""A session ends when nobody has used it for so long."""
SESSION_SECONDS = 30 * 86400.0
"""And in any case after so long."""
MOST_LINKS, MOST_SESSIONS = 20, 100
"""The oldest make room for new ones."""
PATH = "/sign-in"
Address = tuple[str, int]


class _Session(Struct):
    began: float
    used: float


class SignIn:
    """Of one router."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.address: Callable[[], Address | None] = lambda: None
        """Where the dashboard listens."""
        self._now = now
        self._links: dict[bytes, float] = {}
        self._sessions: dict[bytes, _Session] = {}

    @property
    def needed(self) -> bool:
        """Whether others than this machine reach the dashboard."""
        address = self.address()
        return address is not None and not is_loopback(address[0])

    def url(self, token: str = "") -> str:
        """The dashboard's address, for a browser; with `token`, a link that signs in. Empty while it is closed."""
        address = self.address()
        if address is None:
            return ""
        url = url_of(address)
        return f"{url}{PATH}?token={token}" if token else url

    def link(self) -> str:
        """A new link; where none is needed, the address alone. Empty while the dashboard is closed."""
        if not self.needed:
            return self.url()
        self._forget()
        token = secrets.token_urlsafe(32)
        self._links[_digest(token)] = self._now()
        _trim(self._links, MOST_LINKS)
        return self.url(token)

    def redeem(self, token: str) -> str | None:
        """A session for the one who has this link; None where nobody has made it, or somebody has opened it."""
        self._forget()
        found = _find(self._links, token)
        if found is None:
            return None
        del self._links[found]
        session = secrets.token_urlsafe(32)
        self._sessions[_digest(session)] = _Session(self._now(), self._now())
        _trim(self._sessions, MOST_SESSIONS)
        return session

    def knows(self, session: str) -> bool:
        """Whether there is such a session; it is used by that."""
        self._forget()
        found = _find(self._sessions, session)
        if found is not None:
            self._sessions[found].used = self._now()
        return found is not None

    def end(self) -> int:
        """End all sessions, and take all links back. Gives how many sessions there were."""
        ended = len(self._sessions)
        self._links.clear()
        self._sessions.clear()
        return ended

    def _forget(self) -> None:
        now = self._now()
        self._links = {key: made for key, made in self._links.items() if now - made < LINK_SECONDS}
        self._sessions = {
            key: each
            for key, each in self._sessions.items()
            if now - each.used < IDLE_SECONDS and now - each.began < SESSION_SECONDS
        }


def url_of(address: Address) -> str:
    """The URL of a listener, by a name that others can use where it listens at every address."""
    host, port = address
    if host in EVERY:
        host = _own_address(host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _own_address(every: str) -> str:
    """The address of this machine that leads out of it; its name where there is none. Nothing is sent."""
    family, there = (socket.AF_INET6, "2001:db8::1") if ":" in every else (socket.AF_INET, "192.0.2.1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((there, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _find(among: dict[bytes, float] | dict[bytes, _Session], secret: str) -> bytes | None:
    """The hash among those kept that `secret` has. Each is compared, in the same time."""
    wanted, found = _digest(secret), None
    for each in among:
        if hmac.compare_digest(each, wanted):
            found = each
    return found


def _trim(kept: dict[bytes, float] | dict[bytes, _Session], most: int) -> None:
    for key in list(kept)[: max(0, len(kept) - most)]:
        del kept[key]
