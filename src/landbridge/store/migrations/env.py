"""What Alembic runs to take the steps: on the connection it is given, inside the transaction that is open there."""

from alembic import context

from landbridge.store.migrations import VERSION_TABLE
from landbridge.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
