"""The keys of the settings, read from keychains and files beside the event loop: neither waits for the other.

A keychain may ask a person to unlock it. After `PATIENCE` the router goes on without its keys, and says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

from ..config import Config
from ..providers import references
from ..providers.credentials import FAILED
from ..providers.keychain import CHANGED

log = logging.getLogger("landbridge.server")

PATIENCE = 15.0
"""Seconds that keychains and files have to answer."""


class Keys:
    """The environment's variables, and beside them the keys that settings refer to elsewhere."""

    def __init__(self, data_dir: Path, env: Mapping[str, str]) -> None:
        self._data_dir, self._variables = data_dir, env
        self._read: dict[str, str] = {}
        self.env = env
        self.stamp = data_dir / CHANGED
        """Changes with the keys in the keychain."""

    async def read(self, config: Config) -> bool:
        """Read what `config` refers to; whether that is another than before."""
        found = await read_keys(config, self._data_dir, self._variables)
        if found == self._read:
            return False
        self._read, self.env = found, {**self._variables, **found}
        return True


async def read_keys(config: Config, data_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What the references in `config` stand for, or why it is not known. Nothing is loaded where there are none."""
    wanted = references.references(config)
    if not wanted:
        return {}
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[dict[str, str]] = loop.create_future()

    def settle(found: dict[str, str]) -> None:
        if not answer.done():
            answer.set_result(found)

    def work() -> None:
        try:
            found = references.read(wanted, data_dir, env)
        except Exception as error:
            log.exception("keys could not be read")
            found = _failed(wanted, f"its key could not be read ({type(error).__name__})")
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found)

    Thread(target=work, name="keychain", daemon=True).start()  # a keychain nobody unlocks must not keep us from ending
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except TimeoutError:
        return _failed(wanted, f"the keychain did not answer within {PATIENCE:g} s; is it locked?")


def _failed(wanted: set[str], words: str) -> dict[str, str]:
    return {reference + FAILED: words for reference in wanted}
