"""All of landbridge's own API. Loaded when somebody asks for the first time: models are served without it."""

from __future__ import annotations

from . import (
    admin_about,
    admin_change,
    admin_checks,
    admin_clients,
    admin_conversations,
    admin_downloads,
    admin_events,
    admin_export,
    admin_history,
    admin_keys,
    admin_listeners,
    admin_machine,
    admin_meanings,
    admin_models,
    admin_providers,
    admin_replay,
    admin_search,
    admin_signin,
    admin_statistics,
)
from .admin_table import Table
from .described import Described
from .works import Works

SUBJECTS = (
    admin_about,
    admin_change,
    admin_checks,
    admin_clients,
    admin_conversations,
    admin_downloads,
    admin_events,
    admin_export,
    admin_history,
    admin_keys,
    admin_listeners,
    admin_machine,
    admin_meanings,
    admin_models,
    admin_providers,
    admin_search,
    admin_replay,
    admin_signin,
    admin_statistics,
)
"""Modules with `table(works)` and `DESCRIBED`."""
DESCRIBED: Described = {key: about for subject in SUBJECTS for key, about in subject.DESCRIBED.items()}


def tables(works: Works) -> list[Table]:
    """The endpoints of a router. Made once, as what they tell and keep is the router's, and no listener's."""
    if not works.tables:
        works.tables.extend(subject.table(works) for subject in SUBJECTS)
    return works.tables
