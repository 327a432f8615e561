"""Names of tools in the letters Gemini takes, reversibly, so that the client hears its own name in the call.

Gemini wants a letter or `_` first, then letters, digits and `_ . : -`. Clients of other dialects use other characters,
or begin with a digit. Such a name is written as `lbn_` and itself, each character that may not stand as `.hex.`
(a dot never stands for itself in it, so no two names become one). A name too long for that is written as `lbh_`, its
beginning and a hash; that one comes back by the table of the request's tools.
"""

from __future__ import annotations

import hashlib
import re

from ..tool_names import names_by

PREFIX, HASHED = "lbn_", "lbh_"
MAX_NAME = 128

_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")
_ESCAPED = re.compile(r"\.([0-9a-f]{1,6})\.")


def write_name(name: str) -> str:
    """The name as Gemini takes it."""
    if len(name) <= MAX_NAME and _LEGAL.fullmatch(name) and not name.startswith((PREFIX, HASHED)):
        return name
    written = PREFIX + _OTHER.sub(lambda found: f".{ord(found[0]):x}.", name)
    if len(written) <= MAX_NAME:
        return written
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_OTHER.sub('_', HASHED + name)[: MAX_NAME - 17]}_{digest}"


def read_name(name: str) -> str:
    """The name that `write_name` was given. What only looks like one of its own stays."""
    if not name.startswith(PREFIX):
        return name
    found = _ESCAPED.sub(lambda code: _character(int(code[1], 16)), name.removeprefix(PREFIX))
    return found if write_name(found) == name else name


def _as_it_comes_back(name: str) -> str:
    return read_name(write_name(name))


tool_names = names_by(_as_it_comes_back)


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def own_id(id: str, name: str) -> str:
    """The id that the client was given: Gemini CLI puts the tool's name in front of it."""
    return id.removeprefix(f"{name}__") or id
