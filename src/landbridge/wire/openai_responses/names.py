"""Names of tools: those in a namespace under one flat name for everybody else, and back.

Codex groups tools (`multi_agent_v1` holds `spawn_agent`) and finds the handler of a call by namespace and name; other
dialects know flat names only. A member becomes `multi_agent_v1__spawn_agent`, the same each time. A custom tool, which
takes plain text, becomes a function with one field for it.
"""

from __future__ import annotations

import operator

import msgspec
from msgspec import Raw, Struct

from ...neutral.blocks import is_whole
from ...neutral.request import HostedTool, Tool
from ..memory import Latest
from ..openai_chat.identifiers import write_name
from .types import DIALECT, encode

CUSTOM = "custom"
FIELD = "input"
"""The one field of a custom tool's arguments."""
CUSTOM_SCHEMA = Raw(
    b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}'
)

_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_str = msgspec.json.Decoder(str).decode


class Name(Struct, frozen=True):
    """A tool as a client of this dialect knows it."""

    name: str
    namespace: str = ""
    custom: bool = False


def flat(name: str, namespace: str = "") -> str:
    """The name a tool has in dialects without namespaces."""
    if not namespace or name.startswith(f"{namespace}__"):
        return name
    return f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"


def name_of(tool: Tool) -> Name:
    """The client's own name of a tool it defined."""
    if tool.dialect != DIALECT:
        return Name(tool.name)
    namespace = _text(tool.extras.get("namespace"))
    own = _text(tool.extras.get("name")) or tool.name
    return Name(own, namespace, _text(tool.extras.get("type")) == CUSTOM)


def _text(raw: Raw | None) -> str:
    return _decode_str(raw) if raw is not None else ""


class Names:
    """The names of one request's tools, both ways."""

    __slots__ = ("_by_flat", "_by_own")

    def __init__(self, tools: tuple[Tool | HostedTool, ...]) -> None:
        self._by_flat: dict[str, Name] = {}
        self._by_own: dict[tuple[str, str], str] = {}
        members: dict[str, list[Name]] = {}
        for tool in tools:
            if not isinstance(tool, Tool):
                continue
            known = name_of(tool)
            self._by_own.setdefault((known.namespace, known.name), tool.name)
            # Targets may have been given another name, because this one is no legal one there.
            for each in (tool.name, write_name(tool.name)):
                self._by_flat.setdefault(each, known)
            if known.namespace:
                members.setdefault(known.name, []).append(known)
        for short, namesakes in members.items():
            if len(namesakes) == 1:  # models leave the namespace out
                self._by_flat.setdefault(short, namesakes[0])

    def own(self, name: str) -> Name:
        """The client's name of a tool that a model calls `name`."""
        return self._by_flat.get(name) or Name(name)

    def flat(self, name: str, namespace: str) -> str:
        """The flat name of a tool the client calls by its own."""
        return self._by_own.get((namespace, name)) or flat(name, namespace)


names_of = Latest(Names, operator.is_)
"""The names of these tools."""


def as_args(text: str) -> Raw:
    """The text of a custom tool's call as a function's arguments."""
    return Raw(encode({FIELD: text}))


def as_text(args: Raw | str) -> str:
    """What a model meant to hand to a custom tool: its one field, else all that it wrote."""
    given = args if isinstance(args, str) else bytes(args).decode("utf-8", "replace")
    if not is_whole(given):
        return given
    try:
        fields = _decode_fields(given)
        return _decode_str(fields[FIELD])
    except (msgspec.DecodeError, KeyError):
        return "" if given.strip() == "{}" else given
