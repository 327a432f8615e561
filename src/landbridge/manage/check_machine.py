"""Settings, provider keys, disk and memory."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from .. import config as settings
from ..config import Config
from ..errors import ConfigFault
from .findings import Finding, fail, ok, warn

GIB = 1024**3
LITTLE_DISK, NO_DISK = 2 * GIB, GIB // 4
LITTLE_MEMORY = GIB // 2
"""Below this not even the smallest model has room to work."""


def check_settings(path: Path, env: Mapping[str, str], *, named: bool = False) -> tuple[list[Finding], Config]:
    """Whether the settings are readable and valid; the defaults where they are not. `named`: by the user."""
    if not path.is_file():
        if named:
            return [fail("settings", f"there is no file {path}", "Check --config and LANDBRIDGE_CONFIG.")], Config()
        found, origin = ok("settings", f"no file at {path}: the defaults are in force"), None
    else:
        found, origin = ok("settings", str(path)), path
    try:
        config = settings.load(origin, env, {})
    except ConfigFault as fault:
        return [fail("settings", fault.message, fault.remedy)], Config()
    return [found, *(warn("settings", text) for text in settings.warnings(config))], config


def check_keys(config: Config, env: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the variables that hold providers' keys are set where it is looked."""
    for name, provider in config.providers.items():
        wanted = re.findall(r"\$\{(\w+)\}", provider.api_key) if provider.enabled else []
        missing = [variable for variable in wanted if not env.get(variable)]
        if missing:
            yield warn(
                f"key of {name}",
                f"{', '.join(missing)} is not set here",
                f"Set it where landbridge runs: export {missing[0]}=...",
            )
        elif wanted:
            yield ok(f"key of {name}", f"{', '.join(wanted)} is set")


def check_room(data_dir: Path) -> Iterator[Finding]:
    """Disk where the models are, and memory."""
    folder = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / GIB:.1f} GiB free at {data_dir}"
    if free < NO_DISK:
        yield fail("disk", words, "Free some, or move the data with --data-dir.")
    else:
        yield warn("disk", words, "Models take 0.1 to 5 GiB each.") if free < LITTLE_DISK else ok("disk", words)
    available = psutil.virtual_memory().available
    words = f"{available / GIB:.1f} GiB of memory available"
    if available < LITTLE_MEMORY:
        yield warn("memory", words, "Close something, or use a smaller model.")
    else:
        yield ok("memory", words)
