"""All of landbridge's own API. Loaded when somebody asks for the first time: models are served without it."""

from __future__ import annotations

from . import (
    admin_about,
    admin_change,
    admin_conversations,
    admin_events,
    admin_export,
    admin_history,
    admin_keys,
    admin_listeners,
    admin_meanings,
    admin_replay,
    admin_signin,
    admin_statistics,
)
from .admin_table import Table
from .described import Described
from .works import Works

SUBJECTS = (
    admin_about,
    admin_change,
    admin_conversations,
    admin_events,
    admin_export,
    admin_history,
    admin_keys,
    admin_listeners,
    admin_meanings,
    admin_replay,
    admin_signin,
    admin_statistics,
)
"""Modules with `table(works)` and `DESCRIBED`."""
DESCRIBED: Described = {key: about for subject in SUBJECTS for key, about in subject.DESCRIBED.items()}


def tables(works: Works) -> list[Table]:
    """The endpoints of a router."""
    return [subject.table(works) for subject in SUBJECTS]
