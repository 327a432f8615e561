"""Texts for logs: known secrets, and what looks like one, masked.

The last line of defence: nothing is meant to put a key into a log line, and this is for what was not foreseen (the
words of a library, a traceback, a name that a client chose).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from .schema import Config
from .secret import MASK, expand, is_secret

SHORTEST = 8
"""Characters of a secret that is looked for by its text; anything shorter stands in many a word."""
_NAMED = re.compile(r"(?:^|_)(?:KEYS?|SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)")
"""Environment variables that hold secrets, by their names."""
_LOOKS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 " + MASK),
    (re.compile(r"\b(?:sk|pk|rk|xai)-[A-Za-z0-9_-]{16,}"), MASK),
    (re.compile(r"\b(?:gsk|hf|gh[opsu])_[A-Za-z0-9]{20,}"), MASK),
    (re.compile(r"\blb-[a-z0-9]{1,32}-[A-Za-z0-9]{32,}"), MASK),
    (re.compile(r"\b(?:AIza[A-Za-z0-9_-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|ya29\.[A-Za-z0-9_-]{16,})"), MASK),
    (re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+(?=@)"), r"\1:" + MASK),
    (re.compile(r"(?i)([?&][a-z_-]*(?:key|token|secret|password|signature)=)[^&\s'\"]+"), r"\1" + MASK),
)
_LOGIN = re.compile(r"://[^/@\s:]*:([^/@\s]+)@")


class Masks:
    """Masks texts. `known` are secrets by their text."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        written = {form for each in known if len(each) >= SHORTEST for form in (each, json.dumps(each)[1:-1])}
        self._known = sorted(written, key=len, reverse=True)

    def known(self, text: str) -> str:
        """`text` without secrets that are known."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MASK)
        return text

    def all(self, text: str) -> str:
        """`text` without them, nor what looks like one."""
        text = self.known(text)
        for pattern, instead in _LOOKS:
            text = pattern.sub(instead, text)
        return text


def secrets_of(config: Config, env: Mapping[str, str]) -> Iterator[str]:
    """What must not be shown: keys, headers and logins of the settings, and variables that are named like secrets."""
    yield from _secrets(msgspec.to_builtins(config), (), env)
    for name, value in env.items():
        if _NAMED.search(name.upper()):
            yield value.strip()


def _secrets(value: Any, path: tuple[str, ...], env: Mapping[str, str]) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _secrets(inner, (*path, str(key)), env)
        case list():
            for inner in value:
                yield from _secrets(inner, path, env)
        case str() if is_secret(path):
            text = expand(value, env)[0].reveal()
            yield text
            yield text.rpartition(" ")[2]  # without `Bearer`
        case str() if "://" in value:
            for password in _LOGIN.findall(expand(value, env)[0].reveal()):
                yield from (password, unquote(password))
