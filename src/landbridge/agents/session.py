"""What one session of a client tool starts from, and what the client needs for it: values, nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .facts import TOKEN, ModelFacts


class Session(Struct, frozen=True, kw_only=True):
    """One process of a client that is to be started."""

    facts: ModelFacts
    router: str
    """URL of the router, without a path."""
    token: str = TOKEN
    """What it sends as its key."""
    env: Mapping[str, str] = {}
    """The user's environment."""
    args: tuple[str, ...] = ()
    """The user's arguments for the client."""
    folder: str = ""
    """Where the files of this session will lie."""
    project: str = "."
    """Folder the client is started in."""


class Setup(Struct, frozen=True, kw_only=True):
    """What that process needs."""

    variables: dict[str, str]
    """To be set for it."""
    arguments: tuple[str, ...]
    """All its arguments, the user's own among them."""
    fitting: tuple[str, ...] = ()
    """Those of them that the model calls for and no variable says."""
    notes: tuple[str, ...] = ()
    """What the user should know."""
    files: dict[str, bytes] = {}
    """Files to write below the session's folder, by their path there."""
    links: dict[str, str] = {}
    """Symbolic links to make there, each with what it points to."""
    records: tuple[str, ...] = ()
    """Folders of the user that the client writes its records into, and makes by itself where they are missing."""
