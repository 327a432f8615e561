"""From any released schema to the newest one. Each step is a file in `versions/`; its number is its revision.

A database knows its revision in the table `landbridge_schema`. Alembic is loaded only when there is a step to take.
"""

KNOWN = ("0001", "0002")
"""The revisions, oldest first. A database at any other one is of a newer landbridge."""
NEWEST = KNOWN[-1]
VERSION_TABLE = "landbridge_schema"
