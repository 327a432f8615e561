"""Finds the program of a client tool on this machine, and which version it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

VERSION_WITHIN = 20.0
"""Seconds a client may take to say its version; those on Node need several on a slow machine."""


class Installed(Struct, frozen=True):
    """A client found on this machine."""

    path: str
    version: str
    """`2.1.330`, or empty where it did not say."""


class _Package(Struct):
    version: str = ""
    bin: str | dict[str, str] = {}


def find(program: str, env: Mapping[str, str]) -> Installed | None:
    """The program on the PATH of `env`, if there is one."""
    path = locate(program, env)
    if path is None:
        return None
    return Installed(path, _packaged(path, program) or _asked(path, env))


def locate(program: str, env: Mapping[str, str]) -> str | None:
    """Where the shell would find the program."""
    return shutil.which(program, path=env.get("PATH", ""))


def _packaged(path: str, program: str) -> str:
    """The version in the npm package that the program belongs to: much faster than to start it."""
    for folder in list(Path(path).resolve().parents)[:4]:
        try:
            package = msgspec.json.decode((folder / "package.json").read_bytes(), type=_Package)
        except (OSError, msgspec.DecodeError):
            continue
        if isinstance(package.bin, dict) and program in package.bin:
            return package.version
    return ""


def _asked(path: str, env: Mapping[str, str]) -> str:
    try:
        said = subprocess.run(  # noqa: S603 - the user's own program, found where the shell would find it
            [path, "--version"],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_WITHIN,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(rb"\d+\.\d+\.\d+", said.stdout)
    return found[0].decode() if found else ""
