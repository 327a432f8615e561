"""JSON of unknown shape: any path may be asked for, and what is not there is a node without a value."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Node:
    """A value somewhere in a JSON document, or its absence."""

    __slots__ = ("value",)

    def __init__(self, value: object = None) -> None:
        self.value = value

    def __getitem__(self, key: str | int) -> Node:
        if isinstance(key, str):
            return Node(self.value.get(key)) if isinstance(self.value, dict) else Node()
        items = self.value if isinstance(self.value, list) else []
        return Node(items[key]) if -len(items) <= key < len(items) else Node()

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __iter__(self) -> Iterator[Node]:
        return map(Node, self.value if isinstance(self.value, list) else ())

    def __len__(self) -> int:
        return len(self.value) if isinstance(self.value, list | dict) else 0

    def __bool__(self) -> bool:
        return self.value is not None

    def __repr__(self) -> str:
        return msgspec.json.encode(self.value).decode()

    @property
    def text(self) -> str:
        """The string it is, or an empty one."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def count(self) -> int:
        """The whole number it is; -1 where it is none."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else -1

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.value, dict)

    @property
    def keys(self) -> list[str]:
        """The names of its fields."""
        return [str(key) for key in self.value] if isinstance(self.value, dict) else []

    def walk(self) -> Iterator[Node]:
        """It and everything in it."""
        yield self
        inside = list(self.value.values()) if isinstance(self.value, dict) else self.value
        for value in inside if isinstance(inside, list) else ():
            yield from Node(value).walk()

    def strings(self) -> list[str]:
        """All texts in it, in order."""
        return [node.text for node in self.walk() if isinstance(node.value, str)]


def read_node(body: bytes | str) -> Node:
    """The document in `body`; a node without a value where it is no JSON."""
    try:
        return Node(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Node()


def same_json(one: bytes | str, other: bytes | str) -> bool:
    """Whether two JSON texts mean the same value."""
    return bool(read_node(one)) and read_node(one).value == read_node(other).value
