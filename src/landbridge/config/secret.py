"""Keys. A `Secret` does not show itself in logs, errors, `repr` or JSON; `reveal` is the one way to its text."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HALF_REFERENCE = re.compile(r"^\$|\$\{")
MASK = "***"


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
    missing = tuple(name for name in references(text) if not env.get(name))
    return Secret(_REFERENCE.sub(lambda found: env.get(found[1], ""), text).strip()), missing


def is_literal(text: str) -> bool:
    """Whether a key stands in the settings as it is, instead of by reference."""
    return bool(text) and not references(text) and not text.startswith("keyring:")


def is_broken_reference(text: str) -> bool:
    """Whether `text` was meant to be a reference and is none: `$NAME`, `${NAME`, `${NAME:-x}`."""
    return _HALF_REFERENCE.search(_REFERENCE.sub("", text)) is not None


def masked(text: str) -> str:
    """`text` for people's eyes: a reference as it stands, a literal key masked."""
    return MASK if is_literal(text) else text
