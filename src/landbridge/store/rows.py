"""A record to its row: the values that both databases can hold, whatever a client or a provider has said.

Texts have no NUL and no half of a surrogate pair (PostgreSQL takes neither), and an end; counts fit into 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from .record import Record
from .report import Exchange

LONGEST = 500
"""Characters of a name."""
LONGEST_TEXT = 4000
"""Characters of what is said at length: messages, explanations."""
MOST = 2**63 - 1

_encode = msgspec.json.Encoder().encode
_list = msgspec.json.Decoder(list[str]).decode
_counts = msgspec.json.Decoder(dict[str, int]).decode

Row = tuple[str | float | bool | None, ...]

COLUMNS = (
    "id",
    "run",
    "at",
    "seconds",
    "first",
    "client",
    "key",
    "session",
    "agent",
    "dialect",
    "model",
    "target",
    "provider",
    "path",
    "route",
    "stream",
    "status",
    "outcome",
    "message",
    "attempts",
    "retries",
    "losses",
    "repairs",
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "reasoning",
    "searches",
    "fetches",
    "estimated",
    "cost",
)
"""What a row has, in this order."""


def exchange_of(record: Record) -> Exchange:
    """What the ledger will say of `record`."""
    found: dict[str, Any] = dict(zip(COLUMNS, row_of(record, ""), strict=True))
    found["losses"], found["repairs"] = _list(found["losses"]), _counts(found["repairs"])
    del found["run"]
    return Exchange(**found, bodies=record.bodies is not None)


def row_of(record: Record, run: str) -> Row:
    """The row of `record` in `requests`. What is empty or unknown, as most of it is, is not looked at."""
    usage = record.usage
    return (
        record.id,
        run,
        record.at,
        record.seconds,
        record.first,
        record.client and _text(record.client),
        record.key and _text(record.key),
        record.session and _text(record.session),
        record.agent and _text(record.agent),
        record.dialect,
        _text(record.model),
        _text(record.target),
        _text(record.provider),
        record.path,
        _text(record.route, LONGEST_TEXT),
        record.stream,
        record.status,
        record.outcome,
        record.message and _text(record.message, LONGEST_TEXT),
        record.attempts,
        record.retries,
        _encode([_text(loss) for loss in record.losses]).decode() if record.losses else "[]",
        _encode(record.repairs).decode() if record.repairs else "{}",
        usage.input and _count(usage.input),
        usage.output and _count(usage.output),
        usage.cache_read and _count(usage.cache_read),
        usage.cache_write and _count(usage.cache_write),
        usage.cache_write_1h and _count(usage.cache_write_1h),
        usage.reasoning and _count(usage.reasoning),
        usage.searches and _count(usage.searches),
        usage.fetches and _count(usage.fetches),
        usage.estimated,
        record.cost and _count(record.cost),
    )


def insert_of(table: str, columns: Sequence[str], dialect: str, rows: int = 1) -> str:
    """SQL that puts rows into `table`, so many at once; those that are there already stay as they are.

    It goes straight to the driver with all rows of a batch: half the processor time of SQLAlchemy's own way.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    if dialect == "postgresql":
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    else:
        places = ", ".join("?" for _ in columns)
    values = ", ".join([f"({places})"] * rows)
    return f"INSERT INTO {table} ({names}) VALUES {values} ON CONFLICT (id) DO NOTHING"  # noqa: S608 - names are ours


def _text(said: str, longest: int = LONGEST) -> str:
    if said.isascii() and "\x00" not in said and len(said) <= longest:
        return said
    return said[:longest].encode("utf-8", "replace").decode().replace("\x00", "?")


def _count(number: int) -> int:
    return max(-MOST, min(number, MOST))
