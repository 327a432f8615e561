"""Changes to the settings file that keep its comments and order; written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from ..errors import ConfigFault

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


def set_value(path: Path, dotted_key: str, value: Any) -> None:
    """Set one key, or remove it with None. Raises `ConfigFault` for a file that is not TOML."""
    text = path.read_text(encoding="utf-8") if path.exists() else DEFAULT
    try:
        document = tomlkit.parse(text)
    except tomlkit.exceptions.ParseError as error:
        raise ConfigFault(f"{path} is not TOML: {error}.", remedy="Mend it by hand first.") from error
    *sections, key = dotted_key.split(".")
    table: Any = document
    for section in sections:
        if section not in table:
            table[section] = tomlkit.table(is_super_table=section != sections[-1])
        table = table[section]
        if not isinstance(table, (Table, dict)):
            raise ConfigFault(f"'{section}' in {path} is a value, not a section.", remedy=f"Check '{dotted_key}'.")
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
    write(path, tomlkit.dumps(document))


def write(path: Path, text: str) -> None:
    """Replace the file's content in one step; only its owner may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
