"""Keys. A `Secret` does not show itself in logs, errors, `repr` or JSON; `reveal` is the one way to its text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HALF_REFERENCE = re.compile(r"^\$|\$\{")
MASK = "***"
KEPT_ELSEWHERE = ("keyring:", "file:")
"""How references to keys begin that are in no variable: in a keychain, in a file of their own."""


class Secret:
    """A text that is masked everywhere."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the request that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Secret('{MASK}')" if self._text else "Secret('')"

    __str__ = __repr__


def references(text: str) -> tuple[str, ...]:
    """Names of the environment variables `text` refers to."""
    return tuple(_REFERENCE.findall(text))


def expand(text: str, env: Mapping[str, str]) -> tuple[Secret, tuple[str, ...]]:
    """`text` with every `${NAME}` replaced, and the names that are not set (or empty).

    White space around the whole is dropped: keys read from files end with a line break, and none begins with one.
    """
    if is_elsewhere(text):
        found = env.get(text.strip(), "").strip()  # whoever reads keychains puts them beside the variables
        return Secret(found), () if found else (text.strip(),)
    missing = tuple(name for name in references(text) if not env.get(name))
    return Secret(_REFERENCE.sub(lambda found: env.get(found[1], ""), text).strip()), missing


def is_elsewhere(text: str) -> bool:
    """Whether `text` says where a key is that stands in no variable: `keyring:NAME`, `file:PATH`."""
    return text.strip().startswith(KEPT_ELSEWHERE)


def is_literal(text: str) -> bool:
    """Whether a key stands in the settings as it is, instead of by reference."""
    return bool(text) and not references(text) and not is_elsewhere(text)


def is_broken_reference(text: str) -> bool:
    """Whether `text` was meant to be a reference and is none: `$NAME`, `${NAME`, `${NAME:-x}`."""
    return _HALF_REFERENCE.search(_REFERENCE.sub("", text)) is not None


def masked(text: str) -> str:
    """`text` for people's eyes: a reference as it stands, a literal key masked."""
    return MASK if is_literal(text) else text


# -- what may not be shown ---------------------------------------------------------------------------------------------

_SECRET_KEY = re.compile(r"(?:^|_)(?:key|keys|secret|token|password)$")
_LOGIN = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+(?=@)")
_IN_QUERY = re.compile(r"([?&][A-Za-z_-]*(?:key|token|secret|password)=)[^&\s]+", re.IGNORECASE)
_OPTION = re.compile(r"-{1,2}[\w-]*(?:key|token|secret|password)", re.IGNORECASE)


def is_secret(path: Sequence[str]) -> bool:
    """Whether the setting at `path` is a key or the like, by its name: `providers.lab.api_key`, any header."""
    if "headers" in path[1:]:
        return True
    return len(path) > 1 and _SECRET_KEY.search(path[-1]) is not None


def showable(path: Sequence[str], value: Any) -> Any:
    """`value` of the setting at `path` for people's eyes: literal keys, and logins within URLs, masked."""
    match value:
        case str():
            if is_secret(path):
                return masked(value)
            return _IN_QUERY.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1:{MASK}", value))
        case Mapping():
            return {name: showable((*path, name), inner) for name, inner in value.items()}
        case list() if not is_secret(path):
            after_option = [False, *(isinstance(word, str) and bool(_OPTION.fullmatch(word)) for word in value)]
            return [
                masked(each) if hide and isinstance(each, str) else showable(path, each)
                for hide, each in zip(after_option, value, strict=False)
            ]
    return MASK if is_secret(path) and value else value
