"""Changes to the settings file that keep its comments and order; written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table

from ..errors import ConfigFault
from .keys import dotted
from .load import parse

_COMMENTS_AT_THE_END = re.compile(r"(?:^[ \t]*#[^\n]*\n)+\Z", re.MULTILINE)

DEFAULT = """\
# landbridge settings. What is not said here has its default; see docs/settings.md.

# default_model = "smollm2"

# [providers.work]
# preset = "openai"
# api_key = "${OPENAI_API_KEY}"
"""


def write_default(path: Path) -> None:
    """A settings file to start from, where there is none."""
    if not path.exists():
        write(path, DEFAULT)


def set_value(path: Path, keys: Sequence[str], value: Any) -> None:
    """Set one key (`("providers", "lab", "models")`), or remove it with None. Raises `ConfigFault`."""
    try:
        before = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise ConfigFault(f"{path} is not TOML: {error}.", remedy="Mend it by hand first.") from error
    after = changed(path, before, [(keys, value)])
    if after != before:
        write(path, after)


def changed(path: Path, text: str, edits: Iterable[tuple[Sequence[str], Any]]) -> str:
    """The file's `text` with each key set, or removed with None. Raises `ConfigFault`."""
    edits = list(edits)
    parse(text, path)
    if not text and any(value is not None for _, value in edits):
        text = DEFAULT
    for keys, value in edits:
        try:
            text = edited(text, keys, value)
        except TOMLKitError as error:
            raise ConfigFault(f"{path} is not TOML: {error}.", remedy="Mend it by hand first.") from error
        except NotASection as error:
            what = f"{path}: '{error}' is a value, not a section."
            raise ConfigFault(what, remedy=f"Check '{dotted(keys)}'.") from None
    return text


class NotASection(Exception):
    """A key on the way holds a value."""


def edited(text: str, keys: Sequence[str], value: Any) -> str:
    """TOML `text` with one key set (or removed, with None), and everything else as it was."""
    document = tomlkit.parse(text)
    table: Any = document
    for depth, key in enumerate(keys[:-1], 1):
        if key not in table:
            if value is None:
                return text
            inline = isinstance(table, InlineTable)
            only_above = depth < len(keys) - 1 or isinstance(value, dict)
            table[key] = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=only_above)
        table = table[key]
        if not isinstance(table, dict):
            raise NotASection(dotted(keys[:depth]))
    if value is None:
        if keys[-1] not in table:
            return text
        gone = table.pop(keys[-1])
        return _with_comments_of_the_next(text, tomlkit.dumps(document), gone)
    table[keys[-1]] = value
    after = tomlkit.dumps(document)
    tomllib.loads(after)  # never write what cannot be read again
    return after


def _with_comments_of_the_next(before: str, after: str, gone: Any) -> str:
    """`after`, and what stood right above the section behind the one that is gone: TOML counts it to the latter."""
    means = tomllib.loads(after)
    body = gone.as_string() if isinstance(gone, Table) else ""
    found = _COMMENTS_AT_THE_END.search(body)
    if found is None or before.count(body) != 1:
        return after
    end = before.index(body) + len(body)
    rest = before[end:]
    if not rest or not after.endswith(rest):
        return after
    kept = after.removesuffix(rest) + found[0] + rest
    return kept if tomllib.loads(kept) == means else after


def write(path: Path, text: str) -> None:
    """Replace the file's content in one step; only its owner may read it. A link stays, its target is replaced."""
    path = path.resolve()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
