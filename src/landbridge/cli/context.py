"""Where the settings and the data are: flags, then environment, then the usual places."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from msgspec import Struct

from .. import config as settings
from ..config import Config
from ..errors import ConfigFault
from ..manage import credential

ConfigFile = Annotated[Path | None, Parameter(name="--config", help="Settings file (LANDBRIDGE_CONFIG).", negative=())]
DataDir = Annotated[
    Path | None, Parameter(name="--data-dir", help="Folder of models and records (LANDBRIDGE_DATA_DIR).", negative=())
]
AsJson = Annotated[bool, Parameter(name="--json", help="Print JSON.", negative=())]


class Places(Struct, frozen=True):
    """Where the settings file and the data are."""

    config_path: Path
    config_explicit: bool
    """Whether the file was named; a named file must exist."""
    data_dir: Path


class Context(Struct, frozen=True):
    """What a command works with."""

    config: Config
    config_path: Path
    data_dir: Path


def places(config: Path | None, data_dir: Path | None, env: Mapping[str, str] = os.environ) -> Places:
    """Resolve both flags, and find the key for the router there."""
    named = config or (Path(env["LANDBRIDGE_CONFIG"]) if env.get("LANDBRIDGE_CONFIG") else None)
    home = data_dir or (Path(env["LANDBRIDGE_DATA_DIR"]) if env.get("LANDBRIDGE_DATA_DIR") else None)
    where = Places(
        config_path=(named or settings.default_config_path(env)).expanduser().absolute(),
        config_explicit=named is not None,
        data_dir=(home or settings.default_data_dir(env)).expanduser().absolute(),
    )
    credential.take_up(where.data_dir, env)
    return where


def load_context(config: Path | None, data_dir: Path | None, env: Mapping[str, str] = os.environ) -> Context:
    """Read the settings. Raises `ConfigFault`."""
    where = places(config, data_dir, env)
    if where.config_explicit and not where.config_path.is_file():
        raise ConfigFault(
            f"There is no settings file {where.config_path}.",
            remedy="Check --config and LANDBRIDGE_CONFIG, or leave both out to use the defaults.",
        )
    path = where.config_path if where.config_path.is_file() else None
    return Context(settings.load(path, env, {}), where.config_path, where.data_dir)
