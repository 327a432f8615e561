"""What a router is made of, for its own API: the admin modules are handed this, and take what they need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..access.book import Book
from ..engines.keeper import Keeper
from ..engines.library import Library
from ..gateway.exchange import Gateway
from ..manage.downloads import Downloads
from ..manage.settings_file import SettingsFile
from ..store.ledger import Ledger
from .health import Health
from .hub import Hub
from .listeners import Listeners
from .settings import Settings
from .signin import SignIn


class Works(Struct, frozen=True, kw_only=True):
    """Of one router."""

    config_path: Path
    data_dir: Path
    gateway: Gateway
    health: Health
    settings: Settings
    library: Library
    downloads: Downloads
    book: Book
    """The access keys."""
    ledger: Ledger
    listeners: Listeners
    hub: Hub
    env: Callable[[], Mapping[str, str]]
    """The environment's variables, with the keys that settings refer to."""
    signin: SignIn = field(default_factory=SignIn)
    """Who may look at the dashboard."""
    reload: Callable[[], Awaitable[None]]
    """Take up the settings file as it is now; what is wrong with it stands in `settings.fault`."""
    tables: list[Any] = field(default_factory=list)
    """Of the router's own API (`admins.tables`), once somebody has asked: every listener has the same."""

    @property
    def keeper(self) -> Keeper:
        """Of the engines."""
        return self.gateway.parts.keeper

    def settings_file(self) -> SettingsFile:
        """The settings file as it is now, to change it. Reads it: call it in a thread. Raises `ConfigFault`."""
        return SettingsFile(self.config_path, self.data_dir)
