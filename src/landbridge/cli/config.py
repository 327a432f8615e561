"""`landbridge config`: the settings seen, tried, changed and had back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from msgspec import Struct

from ..config.origin import Setting
from . import show
from .config_change import set_setting, unset
from .config_check import check
from .config_history import diff, history, rollback
from .context import AsJson, ConfigFile, DataDir

if TYPE_CHECKING:
    from ..config import Config
    from ..config.places import Places

config = App(name="config", help="Show, check and change the settings.", result_action="return_value")
config.command(check)
config.command(set_setting, name="set")
config.command(unset)
config.command(history)
config.command(diff)
config.command(rollback)


class _Told(Struct):
    """What a router says of its settings."""

    file: str
    settings: list[Setting]
    fault: str = ""


@config.command(name="show")
def show_settings(
    *,
    origin: Annotated[bool, Parameter(negative=())] = False,
    every: Annotated[bool, Parameter(name="--all", negative=())] = False,
    running: Annotated[bool, Parameter(negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Show the settings in force, keys masked.

    Parameters
    ----------
    origin
        With where each was said: a flag, a variable, a line of the file.
    every
        Also those that have their defaults.
    running
        Those of the router that runs, with its own flags and variables.
    """
    from ..config.origin import in_force
    from ..manage.settings_file import toml
    from .tables import print_table

    if running:
        settings, file, fault = _of_router(config, data_dir)
    else:
        made, found, file = _own(config, data_dir)
        settings, fault = in_force(made, found), ""
    if as_json:
        show.print_json({"file": file, "settings": settings})
        return 0
    if fault:
        show.say(f"the file is not in force: {fault}")
    said = [each for each in settings if every or each.origin != "default"]

    def where(each: Setting) -> str:
        return each.place or each.origin

    columns = ("KEY", "VALUE", "FROM") if origin else ("KEY", "VALUE")
    rows = [(each.key, toml(each.value), where(each))[: len(columns)] for each in said]
    if rows:
        print_table(columns, rows, last=("VALUE",))
    show.say(f"settings file {file}")
    if not every:
        rest = len(settings) - len(said)
        show.say(f"{rest} more have their defaults; --all shows them." if rows else "everything has its default.")
    return 0


def _own(config: Path | None, data_dir: Path | None) -> tuple[Config, Places, str]:
    """What this machine's file and environment say. Raises `ConfigFault`."""
    from .settings_change import settings_file

    file = settings_file(config, data_dir)
    trial = file.trial(file.text)
    if trial.config is None:
        raise trial.faults[0]
    return trial.config, trial.places, str(file.path)


def _of_router(config: Path | None, data_dir: Path | None) -> tuple[list[Setting], str, str]:
    """What the running router says."""
    import msgspec

    from ..manage import router
    from .settings_change import settings_file

    file = settings_file(config, data_dir)
    made = file.last_good()
    if made is None:
        raise file.trial(file.text).faults[0]
    told = router.told(router.url_of(made.listeners.router), "GET", "/api/v1/settings")
    found = msgspec.json.decode(told, type=_Told)
    return found.settings, found.file, found.fault


@config.command
def get(
    key: str,
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Print one setting that is in force, or a whole section. Keys are masked.

    Parameters
    ----------
    key
        Its name, for example `listeners.router.port`.
    """
    import msgspec

    from ..config.naming import path_of
    from ..config.secret import showable
    from ..errors import ConfigFault
    from ..manage.settings_file import toml

    made, _, _ = _own(config, data_dir)
    tree = msgspec.to_builtins(made)

    def at(path: tuple[str, ...]) -> Any:
        value: Any = tree
        for part in path:
            value = value[part]
        return value

    def there(path: tuple[str, ...]) -> bool:
        try:
            at(path)
        except (KeyError, TypeError):
            return False
        return True

    path = path_of(key, there)
    if not there(path):
        raise ConfigFault(f"'{key}' is not set.", remedy="landbridge config show has what is.")
    value = showable(path, at(path))
    if as_json:
        show.print_json(value)
    elif value is None:
        print()
    elif isinstance(value, dict):
        import tomlkit

        print(tomlkit.dumps(_said(value)).rstrip())
    else:
        print(value if isinstance(value, str) else toml(value))
    return 0


def _said(tree: dict[str, Any]) -> dict[str, Any]:
    """Without what is not set: TOML has no word for it."""
    return {key: _said(value) if isinstance(value, dict) else value for key, value in tree.items() if value is not None}


@config.command
def path(
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Print where the settings file is."""
    from ..config.history import FOLDER
    from .context import places

    where = places(config, data_dir)
    if as_json:
        show.print_json(
            {
                "config": str(where.config_path),
                "exists": where.config_path.exists(),
                "data_dir": str(where.data_dir),
                "history": str(where.data_dir / FOLDER),
            }
        )
        return 0
    print(where.config_path)
    if not where.config_path.exists():
        show.say("it is not there yet; everything has its default.")
    return 0


@config.command
def schema() -> int:
    """Print a JSON schema of the settings, for editors that complete and check TOML.

    Save it beside the settings file, and begin that with the line `#:schema ./landbridge.schema.json`.
    """
    from ..config.json_schema import json_schema

    show.print_json(json_schema())
    return 0
