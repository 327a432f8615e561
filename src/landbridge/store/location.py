"""Where the ledger is: `store.url` to what SQLAlchemy opens and to what people are shown, which has no password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from msgspec import Struct

from ..config.secret import MASK, Secret, expand
from ..errors import ConfigFault

FILE = "landbridge.db"
_POSTGRES = {"postgresql", "postgres", "postgresql+asyncpg"}
_SQLITE = {"sqlite", "sqlite+aiosqlite"}
_QUERY = {"ssl", "sslmode", "host", "port"}
"""What may stand behind the `?` of a PostgreSQL URL."""
_EXAMPLES = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."


class Location(Struct, frozen=True):
    """One database."""

    url: Secret
    """For SQLAlchemy."""
    shown: str
    """For people."""
    path: Path | None = None
    """The file, where it is SQLite."""

    @property
    def kind(self) -> str:
        """`SQLite` or `PostgreSQL`."""
        return "SQLite" if self.path is not None else "PostgreSQL"


def locate(url: str, data_dir: Path, env: Mapping[str, str]) -> Location:
    """The database that `url` names; empty: a file in the data folder. Raises `ConfigFault`, without any password."""
    if not url:
        return _file(data_dir / FILE)
    secret, missing = expand(url, env)
    if missing:
        names = ", ".join(missing)
        raise ConfigFault(f"store.url: the variable {names} is not set.", remedy="Set it where the router runs.")
    text = secret.reveal()
    scheme, colon, rest = text.partition("://")
    if colon and scheme.lower() in _SQLITE:
        name = unquote(rest.removeprefix("/"))
        if not name or name == ":memory:" or "?" in name:
            raise ConfigFault("store.url: it names no file.", remedy=_EXAMPLES)
        return _file(data_dir / name)
    if colon and scheme.lower() in _POSTGRES:
        return _postgres(f"postgresql://{rest}")
    raise ConfigFault("store.url: only SQLite and PostgreSQL are known.", remedy=_EXAMPLES)


def _file(path: Path) -> Location:
    return Location(Secret(f"sqlite+aiosqlite:///{quote(str(path))}"), str(path), path)


def _postgres(url: str) -> Location:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigFault("store.url: it is no URL.", remedy=_EXAMPLES) from None
    query = parse_qsl(parts.query, keep_blank_values=True)
    if unknown := next((name for name, _ in query if name not in _QUERY), ""):
        shown = re.sub(r"[^\w.-]", "", unknown)[:40]
        raise ConfigFault(f"store.url: '{shown}' cannot stand behind the ?.", remedy=f"Known: {', '.join(_QUERY)}.")
    if len(parts.path) < 2:
        raise ConfigFault("store.url: it names no database.", remedy=_EXAMPLES)
    who, at, host = parts.netloc.rpartition("@")
    user, colon, _ = who.partition(":")
    given = urlencode([("ssl" if name == "sslmode" else name, value) for name, value in query])
    tail = f"?{given}" if given else ""
    masked = f"{user}{f':{MASK}' if colon else ''}{at}{host}{parts.path}{tail}"
    return Location(Secret(f"postgresql+asyncpg://{parts.netloc}{parts.path}{tail}"), f"postgresql://{masked}")
