"""The ledger: what was asked, of whom, by whom and how it went, in SQLite or PostgreSQL.

- `location.py`: where the database is; `database.py`: it, opened and brought up to date (`tables.py`, `migrations/`).
- `ledger.py`: the router's side. Records come in by an append and go out in batches, in a thread of their own.
- `writer.py`: those batches; `retention.py`: what is too old goes; `bodies.py`: requests and answers, where kept.
- `runs.py`, `tally.py`: what a killed router did not get to write is counted; `owner.py`: one router, one data folder.

SQLAlchemy takes a third of a second to load. What needs it (`tables`, `database`, ...) is imported where it is used.
"""
