"""The ledger's first tables. Released steps never change: a later one does."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    _requests()
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("written", sa.BigInteger, nullable=False),
        sa.Column("lost", sa.BigInteger, nullable=False),
        sa.Column("killed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "bodies",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("bodies_at", "bodies", ["at", "size"])
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("revoked", sa.Double),
        sa.Column("used", sa.Double),
        sa.Column("grants", sa.Text, nullable=False),
    )
    op.create_table(
        "budget_spent",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def _requests() -> None:
    texts = ("client", "key", "session", "agent", "dialect", "model", "target", "provider", "path", "route")
    tokens = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning", "searches", "fetches")
    op.create_table(
        "requests",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("first", sa.Double),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("stream", sa.Boolean, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("losses", sa.Text, nullable=False),
        sa.Column("repairs", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in tokens),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("cost", sa.BigInteger),
    )
    op.create_index("requests_at", "requests", ["at"])
    op.create_index("requests_session", "requests", ["session", "at"])
