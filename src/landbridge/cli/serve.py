"""`landbridge serve`: flags to settings, then the server, which does the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from .context import ConfigFile, DataDir, load_context, places


def serve(
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    host: str | None = None,
    port: int | None = None,
    no_dashboard: Annotated[bool, Parameter(negative=())] = False,
    no_openai: Annotated[bool, Parameter(negative=())] = False,
    pull: str = "",
) -> int:
    """Run the router until Ctrl-C.

    Parameters
    ----------
    host
        Address the router binds (listeners.router.host).
    port
        Port of the router (listeners.router.port).
    no_dashboard
        Do not open the dashboard.
    no_openai
        Do not open the OpenAI endpoint on its own port.
    pull
        Fetch this model first, if it is not here.
    """
    where = places(config, data_dir)
    load_context(config, data_dir)  # broken settings are said before anything is fetched or imported
    if pull:
        _pull(pull, where.data_dir)

    from ..server.run import ServeOptions, run

    return run(
        ServeOptions(
            config_path=where.config_path,
            config_explicit=where.config_explicit,
            data_dir=where.data_dir,
            overrides=overrides(host, port, no_dashboard=no_dashboard, no_openai=no_openai),
        )
    )


def overrides(host: str | None, port: int | None, *, no_dashboard: bool, no_openai: bool) -> dict[str, Any]:
    """Flags as settings by dotted key."""
    chosen: dict[str, Any] = {}
    if host is not None:
        chosen["listeners.router.host"] = host
    if port is not None:
        chosen["listeners.router.port"] = port
    if no_dashboard:
        chosen["listeners.dashboard.enabled"] = False
    if no_openai:
        chosen["listeners.openai.enabled"] = False
    return chosen


def _pull(name: str, data_dir: Path) -> None:
    from ..engines.library import Library
    from .progress import pull_with_progress

    library = Library(data_dir / "models")
    if name not in library.names():
        pull_with_progress(library, name)
