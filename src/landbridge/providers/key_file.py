"""Keys in an encrypted file, for machines without a keychain: `keys.enc`, AES-256-GCM, readable by its owner alone.

The key to it is `LANDBRIDGE_MASTER_KEY` (any text; scrypt makes a key of it), else `keys.master` beside it. With the
latter the file protects from being read where only it gets to (a backup, a synchronised folder, a shared screen), and
not from somebody who can read your files: they can read both. docs/providers.md says so.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from ..config.edit import write
from ..errors import ConfigFault

FILE, MASTER, LOCK = "keys.enc", "keys.master", "keys.lock"
VARIABLE = "LANDBRIDGE_MASTER_KEY"
_NAME = b"landbridge keys 1"
"""Authenticated with the content, so that nothing else can be put in its place."""


class _Sealed(Struct):
    master: str
    """`variable` or `file`: what opens it."""
    salt: bytes
    nonce: bytes
    content: bytes


class KeyFile:
    """The keys in `folder`."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._folder, self._env = folder, env
        self.path = folder / FILE

    def get(self, name: str) -> str | None:
        """One key. Raises `ConfigFault` where the file cannot be opened."""
        return self._read().get(name)

    def names(self) -> list[str]:
        """The names of all keys."""
        return sorted(self._read())

    def set(self, name: str, key: str) -> None:
        """Keep a key, in place of one of that name."""
        with self._alone():
            self._write({**self._read(), name: key})

    def delete(self, name: str) -> bool:
        """Forget a key; whether there was one."""
        if not self.path.exists():
            return False
        with self._alone():
            keys = self._read()
            if name not in keys:
                return False
            del keys[name]
            self._write(keys)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self._folder / LOCK, timeout=10, mode=0o600):
            yield

    def _read(self) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            sealed = msgspec.json.decode(self.path.read_bytes(), type=_Sealed)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise ConfigFault(f"{self.path} cannot be read: {why}.", remedy=_ANEW) from None
        try:
            plain = AESGCM(self._key(sealed.master, sealed.salt)).decrypt(sealed.nonce, sealed.content, _NAME)
            return msgspec.json.decode(plain, type=dict[str, str])
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            by = f"the variable {VARIABLE}" if sealed.master == "variable" else str(self._folder / MASTER)
            raise ConfigFault(f"{self.path} cannot be opened by {by}.", remedy=_ANEW) from None

    def _write(self, keys: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        master = "variable" if self._env.get(VARIABLE) else "file"
        if master == "file":
            self._make_master()
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        content = AESGCM(self._key(master, salt)).encrypt(nonce, msgspec.json.encode(keys), _NAME)
        write(self.path, msgspec.json.encode(_Sealed(master, salt, nonce, content)).decode())

    def _make_master(self) -> None:
        path = self._folder / MASTER
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)))
            file.flush()
            os.fsync(file.fileno())

    def _key(self, master: str, salt: bytes) -> bytes:
        if master == "variable":
            if not (text := self._env.get(VARIABLE, "")):
                raise ConfigFault(
                    f"{self.path} is opened by the variable {VARIABLE}, which is not set.",
                    remedy="Set it where landbridge runs, then restart it.",
                )
            return hashlib.scrypt(text.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
        path = self._folder / MASTER
        try:
            found = base64.b64decode(path.read_bytes(), validate=True)
        except OSError as error:
            raise ConfigFault(f"{path}, which opens {self.path.name}, cannot be read: {error.strerror}.") from None
        return hashlib.sha256(found + salt).digest()


_ANEW = "Delete it and store the keys again: landbridge providers key NAME."
