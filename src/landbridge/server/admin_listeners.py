"""`/api/v1/listeners`: where the router listens, who can reach it, and other ports for it.

A change is tried before it is written: a port that another program has changes nothing. It holds when it is answered,
and is in the settings file.
"""

from __future__ import annotations

import asyncio
from socket import AF_INET, AF_INET6
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from ..access.door import needs_key
from ..access.hosts import EVERY, is_loopback
from ..config import Listener
from ..config.limits import Port
from ..errors import BadRequest, ConfigFault
from .admin_change import changed, taken_up
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .listeners import bind
from .works import Works

LISTENERS = "/api/v1/listeners"
TITLES = {"router": "TCP Server", "openai": "OpenAI endpoint"}
KEYS = ("enabled", "host", "port")

Edits = list[tuple[tuple[str, ...], Any]]


class ListenerInfo(Struct):
    """One listener: what the settings want of it, and how it is."""

    name: str
    """`router` (every API) or `openai` (`/v1` only)."""
    enabled: bool
    host: str
    """Address in the settings."""
    port: int
    """In the settings; 0 takes a free one."""
    url: str
    """Where programs of this machine find it now; empty while it is closed."""
    external: bool
    """Whether it is open to other machines."""
    needs_key: bool
    """Whether a request needs an access key."""
    fixed: dict[str, str]
    """Settings (`enabled`, `host`, `port`) that a flag or a variable decides, and which; the file cannot."""
    fault: str = ""
    """Why it is not what the settings want."""
    remedy: str = ""


class ListenersTold(Struct):
    """All of them, and what decides who may ask."""

    listeners: list[ListenerInfo]
    required: str
    """`access.required`: `auto`, `always` or `never`."""
    keys: int
    """Access keys that have not ended."""
    addresses: list[str]
    """Of this machine in its networks, where others reach an external listener."""


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a listener. What is left out stays as it is."""

    enabled: bool | UnsetType = UNSET
    host: str | UnsetType = UNSET
    port: Port | UnsetType = UNSET


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of which listener. The same as it is: it is tried again where it could not be opened."""

    router: Wanted | UnsetType = UNSET
    openai: Wanted | UnsetType = UNSET
    how: str = "the admin API"
    """What the history says did it."""


DESCRIBED: Described = {
    ("GET", "", LISTENERS): Endpoint(
        summary="Say where the router listens, and who can reach it", gives=(ListenersTold,)
    ),
    ("PATCH", "", LISTENERS): Endpoint(
        summary="Open, close and move listeners; what cannot be had changes nothing", takes=Move, gives=(ListenersTold,)
    ),
}


class AdminListeners:
    """The handlers."""

    def __init__(self, works: Works) -> None:
        self._works = works

    async def show(self, asked: Asked) -> ListenersTold:
        """How they are."""
        return self.told()

    async def move(self, asked: Asked) -> ListenersTold:
        """What is asked for, or `BadRequest` and all as it was."""
        move = asked.body(Move)
        wanted = {name: each for name in TITLES if isinstance(each := getattr(move, name), Wanted)}
        if not wanted:
            raise BadRequest("There is nothing to change.", remedy='Say {"router": {"enabled": true}}.')
        edits: Edits = []
        for name, each in wanted.items():
            edits += await self._tried(name, each)
        if edits:
            await self._write(edits, wanted, move.how)
        else:
            await taken_up(self._works)
            self._check(wanted)
        self._works.hub.changed("listeners")
        return self.told()

    def told(self) -> ListenersTold:
        """How they are now."""
        works, config = self._works, self._works.gateway.config
        found = [self._info(name, getattr(config.listeners, name)) for name in TITLES]
        addresses = own_addresses() if any(each.external for each in found) else []
        return ListenersTold(found, config.access.required, works.book.living, addresses)

    def _info(self, name: str, listener: Listener) -> ListenerInfo:
        works = self._works
        address = works.listeners.addresses().get(name)
        fault = works.listeners.faults.get(name)
        return ListenerInfo(
            name=name,
            enabled=listener.enabled,
            host=listener.host,
            port=listener.port,
            url="" if address is None else url_of(*address),
            external=not is_loopback(listener.host.lower()),
            needs_key=needs_key(works.gateway.config.access, works.book, listener.host),
            fixed=self._fixed(name),
            fault="" if fault is None else fault.message,
            remedy="" if fault is None else fault.remedy,
        )

    def _fixed(self, name: str) -> dict[str, str]:
        origins = {key: self._works.settings.origin(("listeners", name, key)) for key in KEYS}
        return {key: place for key, (origin, place) in origins.items() if origin in ("flag", "environment")}

    async def _tried(self, name: str, wanted: Wanted) -> Edits:
        """What to write, as far as it can be had. Raises `ConfigFault`."""
        now: Listener = getattr(self._works.gateway.config.listeners, name)
        said = {key: getattr(wanted, key) for key in KEYS}
        edits = {key: value for key, value in said.items() if value is not UNSET and value != getattr(now, key)}
        fixed = self._fixed(name)
        if wrong := next((key for key in edits if key in fixed), None):
            raise ConfigFault(
                f"listeners.{name}.{wrong} was set by {_words(fixed[wrong])}, which wins over the settings file.",
                remedy="Start landbridge without it.",
            )
        then = Listener(**{key: edits.get(key, getattr(now, key)) for key in KEYS})
        open_now = self._works.listeners.addresses()
        if then.enabled and then.port and (name not in open_now or open_now[name][1] != then.port):
            self._check_ours(name, then.port)
            (await asyncio.to_thread(bind, then.host, then.port, name)).close()
        return [(("listeners", name, key), value) for key, value in edits.items()]

    def _check_ours(self, name: str, port: int) -> None:
        """Raise `ConfigFault` where another listener of ours has the port."""
        ours = {TITLES[other]: place[1] for other, place in self._works.listeners.addresses().items() if other != name}
        dashboard = self._works.gateway.config.listeners.dashboard
        if dashboard.enabled:
            ours["dashboard"] = dashboard.port
        for title, taken in ours.items():
            if taken == port:
                raise ConfigFault(f"Port {port} is the {title}'s already.", remedy="Choose another one.")

    async def _write(self, edits: Edits, wanted: dict[str, Wanted], how: str) -> None:
        """Write it and take it up; what could not be had after all is written back. Raises `ConfigFault`."""
        works = self._works
        before = (await asyncio.to_thread(works.settings_file)).text
        await changed(works, edits, how)
        try:
            self._check(wanted)
        except ConfigFault:
            await asyncio.to_thread(lambda: works.settings_file().write(before, f"{how}, taken back"))
            await taken_up(works)
            raise

    def _check(self, wanted: dict[str, Wanted]) -> None:
        """Raise what is wrong with those that were to change."""
        for name in wanted:
            if (fault := self._works.listeners.faults.get(name)) is not None:
                raise fault


def table(works: Works) -> Table:
    """The endpoints."""
    mine = AdminListeners(works)
    works.hub.state("listeners", mine.told)
    return Table(works.book, [Row("GET", LISTENERS, mine.show), Row("PATCH", LISTENERS, mine.move)])


def url_of(host: str, port: int) -> str:
    """How programs of this machine reach a socket that is bound there."""
    host = "127.0.0.1" if host in EVERY else host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def own_addresses() -> list[str]:
    """This machine's addresses in its networks, IPv4 first; none that mean the machine itself or one cable."""
    import psutil  # only where somebody else may ask

    found = [each for card in psutil.net_if_addrs().values() for each in card]
    addresses = [each.address for family in (AF_INET, AF_INET6) for each in found if each.family == family]
    return [each for each in addresses if not is_loopback(each) and "%" not in each and each[:4] != "fe80"]


def _words(place: str) -> str:
    return f"the variable {place}" if place.isupper() else "a flag of the command line"
