"""The ledger's tables, as they are now. `migrations/` brings a database there; a test holds both against each other.

Times are Unix seconds; money is in millionths of a dollar; null means that nobody knows.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    # The run of the router that wrote it (`runs.id`).
    Column("run", Text, nullable=False),
    # When it ended, and how long it and its first byte of content took.
    Column("at", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("first", Double),
    # Who asked.
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("agent", Text, nullable=False),
    # What was asked, and who answered: `provider` is `local` for a model of this machine.
    Column("dialect", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("stream", Boolean, nullable=False),
    # How it went: `outcome` is `ok`, `cancelled` or the kind of the error.
    Column("status", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retries", Integer, nullable=False),
    # JSON: a list of texts, and an object of counts by name.
    Column("losses", Text, nullable=False),
    Column("repairs", Text, nullable=False),
    # Tokens: `input` counts neither cached nor cache-written ones.
    Column("input", BigInteger),
    Column("output", BigInteger),
    Column("cache_read", BigInteger),
    Column("cache_write", BigInteger),
    Column("cache_write_1h", BigInteger),
    Column("reasoning", BigInteger),
    Column("searches", BigInteger),
    Column("fetches", BigInteger),
    Column("estimated", Boolean, nullable=False),
    Column("cost", BigInteger),
    Index("requests_at", "at"),
    Index("requests_session", "session", "at"),
)
"""One row an exchange."""

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started", Double, nullable=False),
    # Null while it runs, and for one that was killed until the next one has counted what is missing.
    Column("ended", Double),
    Column("version", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    # Rows it wrote, and records that never became rows; both are exact once it has ended.
    Column("written", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    Column("killed", Boolean, nullable=False),
)
"""One row for each time the router ran."""

bodies = Table(
    "bodies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("size", BigInteger, nullable=False),
    # `bodies.py` says what is in it.
    Column("content", LargeBinary, nullable=False),
    Index("bodies_at", "at", "size"),
)
"""Requests and answers of exchanges (`requests.id`), where `store.bodies` keeps them."""

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    Column("used", Double),
    # JSON: what it may do, and how much of it.
    Column("grants", Text, nullable=False),
)
"""Keys that were given to people and programs; only their hashes."""

budget_spent = Table(
    "budget_spent",
    metadata,
    Column("key", Text, primary_key=True),
    # `2026-11`, `2026-11-26`, ...
    Column("period", Text, primary_key=True),
    Column("spent", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
)
"""What each key has spent in a period."""

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    Column("size", BigInteger, nullable=False),
    # What it is found by, in lower case.
    Column("words", Text, nullable=False),
    # JSON; `conversation.py` says what is in it.
    Column("content", LargeBinary, nullable=False),
    Index("conversations_changed", "changed"),
)
"""What is said in the dashboard's chat."""
