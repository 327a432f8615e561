"""The settings of a running router: read, told, checked before they are saved, and their versions kept.

What was read last and could be taken up is in force; a broken file changes nothing. The history is written in a thread,
so that no exchange waits for the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..config import Config, warnings
from ..config.check import convert, examine
from ..config.compare import Change, compare
from ..config.hiding import restored
from ..config.history import History
from ..config.load import gather
from ..config.origin import Setting, in_force
from ..config.places import Keys, Origin, Places
from ..errors import ConfigFault
from ..manage.settings_file import line_of

log = logging.getLogger("landbridge")


class Reading(Struct, frozen=True):
    """What was read at one time."""

    config: Config
    places: Places
    text: str


class Fault(Struct, frozen=True, omit_defaults=True):
    """Something that is wrong with the settings."""

    message: str
    remedy: str = ""
    line: int | None = None
    """Of the file."""


class InForce(Struct):
    """The settings a router runs with."""

    file: str
    settings: list[Setting]
    fault: str = ""
    """Why the file on the disk is not in force."""
    restart: list[str] = field(default_factory=list)
    """Settings that were changed and wait for a restart of the router."""


class Checked(Struct):
    """What would come of a settings file, were it saved now."""

    faults: list[Fault]
    warnings: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """Against what is in force."""


class Settings:
    """The settings file at `path`, with the environment and the flags the router was started with."""

    def __init__(
        self,
        path: Path,
        data_dir: Path,
        env: Mapping[str, str],
        overrides: Mapping[str, Any],
        *,
        explicit: bool = False,
    ) -> None:
        self.path = path
        self.fault = ""
        """Why the file on the disk is not in force."""
        self._env, self._overrides, self._explicit = env, overrides, explicit
        self._history = History(data_dir, path)
        self._unkept = ""
        self._now = self.read()
        self._started = self._now.config

    def read(self) -> Reading:
        """What file, environment and flags say now. Raises `ConfigFault`."""
        path = self.path if self._explicit or self.path.exists() else None
        text = self._history.text_now(must=self._explicit)
        tree, places = gather(path, text, self._env, self._overrides)
        return Reading(convert(tree, places), places, text)

    @property
    def config(self) -> Config:
        """What is in force."""
        return self._now.config

    def origin(self, key: Keys) -> tuple[Origin, str]:
        """Where a setting in force was said."""
        return self._now.places.origin(key)

    def take(self, reading: Reading) -> list[Change]:
        """`reading` is in force from now on. Gives what has changed by that."""
        changes = compare(self._now.config, reading.config)
        self._now = reading
        return changes

    def restart(self) -> list[str]:
        """Settings that were changed since the start and wait for a restart."""
        return [each.key for each in compare(self._started, self._now.config) if each.effect == "restart"]

    async def keep(self) -> None:
        """Record what is in force as a version, unless it is one; what cannot be kept is said once."""
        if not self._now.text:
            return
        try:
            await asyncio.to_thread(self._history.note, self._now.text)
        except (OSError, ConfigFault) as error:
            words = error.text if isinstance(error, ConfigFault) else f"{type(error).__name__}: {error.strerror}"
            if words != self._unkept:
                log.warning("no version of the settings could be kept: %s", words)
            self._unkept = words
        else:
            self._unkept = ""

    def told(self) -> InForce:
        """What is in force."""
        return InForce(str(self.path), in_force(self._now.config, self._now.places), self.fault, self.restart())

    def check(self, text: str, marked: bool = False) -> Checked:
        """What would come of `text`, were it the file's; `marked`: with marks in the place of the file's keys."""
        try:
            meant = restored(text, self._history.text_now()) if marked else text
            tree, places = gather(self.path, meant, self._env, self._overrides)
        except ConfigFault as fault:
            return Checked([_told(fault)])
        config, faults = examine(tree, places)
        if config is None:
            return Checked([_told(fault) for fault in faults])
        return Checked([], warnings(config), compare(self._now.config, config))


def _told(fault: ConfigFault) -> Fault:
    return Fault(fault.message, fault.remedy, line_of(fault))
