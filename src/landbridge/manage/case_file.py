"""One exchange as a test case that may be given away, as JSON (`landbridge logs export`, the dashboard).

What is known to be secret goes (keys of the settings and of the environment) and what looks like it (keys, tokens,
logins), e-mail addresses, names of people in paths, and whose conversation it was. Everything else stays as it was.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from .. import __version__
from ..config import Config
from ..config.masks import Masks, secrets_of
from ..config.secret import MASK
from ..errors import ConfigFault
from ..store.answers import dialect_of
from ..store.bodies import Bodies
from ..store.report import Exchange
from ..store.told import value_of

EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
HOMES = re.compile(
    r"(?P<root>(?:/home|/Users|/var/home|[A-Za-z]:(?:\\{1,4}|/)Users)(?:\\{1,4}|/))(?P<name>[^/\\\s\"'<>:|*?]+)"
)
PERSON = "someone"
_TOKENS = re.compile(
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?|\b(?:github_pat_|xox[abps]-|glpat-)[\w-]{10,}"
)
"""Tokens with a form of their own: JSON web tokens, and those of code forges and chats."""
_SECRET_NAME = re.compile(r"(?i)(?:^|[_-])(?:api[_-]?key|secret|token|password|passwd|authorization|cookie)$")
IDENTITY = ("session", "agent", "key", "route")
"""Fields of a row that say whose it is."""


class Scrubber:
    """Takes out of texts what must not be given away."""

    def __init__(self, masks: Masks, home: str) -> None:
        self._masks = masks
        self._home = home.rstrip("/\\")

    def text(self, text: str) -> str:
        """The text without it."""
        found = _TOKENS.sub(MASK, self._masks.all(text))
        if len(self._home) > 1:
            found = found.replace(self._home, f"/home/{PERSON}")
        found = HOMES.sub(lambda match: f"{match['root']}{PERSON}", found)
        return EMAIL.sub(f"{PERSON}@example.com", found)

    def value(self, value: Any) -> Any:
        """JSON without it; also what stands under a name like `api_key`."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(name): self._named(name, inner) for name, inner in value.items()}
            case list():
                return [self.value(each) for each in value]
        return value

    def _named(self, name: str, value: Any) -> Any:
        return MASK if isinstance(value, str) and value and _SECRET_NAME.search(name) else self.value(value)


def case(
    exchange: Exchange, bodies: Bodies | None, config: Config, data_dir: Path, env: Mapping[str, str] = os.environ
) -> str:
    """The test case. Reads keychains and files of keys, to know what is secret: not for the event loop."""
    home = os.path.expanduser("~")  # noqa: PTH111 - the text of it, wherever it leads
    scrub = Scrubber(Masks(_secrets(config, data_dir, env)), home)
    row = {name: value for name, value in msgspec.to_builtins(exchange).items() if name not in IDENTITY}
    found = {
        "about": {"source": "landbridge logs export", "version": __version__, "form": 1},
        "exchange": row,
        "said": None if bodies is None else _said(bodies),
    }
    return json.dumps(scrub.value(found), indent=2, ensure_ascii=False)


def _secrets(config: Config, data_dir: Path, env: Mapping[str, str]) -> Iterator[str]:
    """What is known to be secret here: of the settings, of variables, in keychains and files of keys."""
    from ..providers import references

    elsewhere = references.read(references.references(config), data_dir, env)
    yield from secrets_of(config, {**env, **elsewhere})
    for text in elsewhere.values():
        yield from (text, *text.split(":"))  # of AWS there are several in one


def _said(bodies: Bodies) -> dict[str, Any]:
    return {
        "dialect": bodies.dialect,
        "model": bodies.model,
        "stream": bodies.stream,
        "headers": {name: value for name, value in bodies.headers.items() if not name.startswith("x-claude-code-")},
        "request": value_of(bodies.request),
        "rounds": [
            {
                "dialect": dialect_of(each.url),
                "path": "/" + each.url.partition("://")[2].partition("/")[2],
                "sent": value_of(each.sent),
                "status": each.status,
                "received": value_of(each.received),
            }
            for each in bodies.rounds
        ],
        "status": bodies.status,
        "answer": value_of(bodies.answer),
        "cut": bodies.cut,
    }


def write(path: Path, text: str) -> None:
    """Write the file, readable by its owner. One that is there stays. Raises `ConfigFault`."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except FileExistsError:
        raise ConfigFault(f"{path} exists.", remedy="Name another file, or remove it first.") from None
    except OSError as error:
        raise ConfigFault(f"{path} cannot be written: {error.strerror}.", remedy="Name a file elsewhere.") from None
