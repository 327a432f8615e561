"""The keys of providers where they are safest: in the system's keychain, else in an encrypted file (`key_file.py`).

Asking the system may take its time, or a person who unlocks it: never from the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..errors import ConfigFault
from .key_file import KeyFile

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "landbridge"
"""Whose keys they are, in the system's keychain."""
CHANGED = "keys.changed"
"""Touched in the data folder after each change, so that a running router reads its keys again."""

Value = TypeVar("Value")


class Keychain:
    """Keys by name."""

    def __init__(self, data_dir: Path, env: Mapping[str, str]) -> None:
        self._file = KeyFile(data_dir, env)
        self._stamp = data_dir / CHANGED

    def get(self, name: str) -> str | None:
        """One key; None where there is none of that name. Raises `ConfigFault`."""
        problem = kept = None
        try:
            kept = self._file.get(name)  # holds only what the system's keychain would not take
        except ConfigFault as fault:
            problem = fault
        if kept is not None:
            return kept
        found = _ask(lambda system: system.get_password(SERVICE, name))
        if found is None and problem is not None:
            raise problem
        return found

    def set(self, name: str, key: str) -> str:
        """Keep a key; says where it is now. Raises `ConfigFault`."""
        try:
            stored = _ask(lambda system: (system.set_password(SERVICE, name, key), _name_of(system))[1])
        except ConfigFault:
            stored = None
        if stored is None:
            self._file.set(name, key)
            stored = f"the encrypted file {self._file.path}"
        else:
            self._file.delete(name)
        self._touch()
        return stored

    def place(self) -> str:
        """Where a key would be kept, as far as can be told beforehand."""
        try:
            found = _ask(_name_of)
        except ConfigFault:
            found = None
        return found or f"the encrypted file {self._file.path}"

    def delete(self, name: str) -> bool:
        """Forget a key; whether there was one. Raises `ConfigFault`."""
        found = self._file.delete(name)
        try:
            found = bool(_ask(lambda system: _delete(system, name))) or found
        finally:
            self._touch()
        return found

    def _touch(self) -> None:
        self._stamp.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stamp.touch(mode=0o600)


def _delete(system: KeyringBackend, name: str) -> bool:
    if system.get_password(SERVICE, name) is None:
        return False
    system.delete_password(SERVICE, name)
    return True


def _ask(question: Callable[[KeyringBackend], Value]) -> Value | None:
    """The system's answer; None where it has no keychain. Raises `ConfigFault` where that does not answer."""
    from keyring.errors import KeyringError

    try:
        system = _system()
        return question(system) if system is not None else None
    except KeyringError as error:
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise ConfigFault(f"the system's keychain does not answer ({words})", remedy=_UNLOCK) from None
    except Exception as error:  # each system has errors of its own (D-Bus, COM)
        words = type(error).__name__
        raise ConfigFault(f"the system's keychain does not answer ({words})", remedy=_UNLOCK) from None


_UNLOCK = "Unlock it, or set PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring to do without it."


def _system() -> KeyringBackend | None:
    import keyring
    from keyring.core import recommended

    found = keyring.get_keyring()
    return found if recommended(found) else None


def _name_of(system: KeyringBackend) -> str:
    return f"the system's keychain ({system.name})"
