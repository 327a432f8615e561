"""Names of tools as the Messages API takes them: `^[a-zA-Z0-9_-]{1,128}$`."""

from __future__ import annotations

from ..tool_names import legal_name, names_by

MAX_NAME = 128


def write_name(name: str) -> str:
    """A tool's name for the target."""
    return legal_name(name, MAX_NAME)


tool_names = names_by(write_name)
