"""`landbridge config check`: a dry run. Everything that is wrong, and what a running router would make of the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ..config.compare import Change
from ..config.effects import WORDS
from . import show
from .context import AsJson, ConfigFile, DataDir, places

if TYPE_CHECKING:
    from ..config import Config
    from ..manage.settings_file import Trial


class Fault(Struct, frozen=True):
    """Something that is wrong."""

    message: str
    remedy: str = ""
    line: int | None = None


class Router(Struct):
    """What the running router would make of the file."""

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class Findings(Struct):
    """The whole of a check."""

    file: str
    faults: list[Fault]
    warnings: list[str]
    router: Router | None = None
    """None where no router runs, or the file cannot be taken up."""


def check(
    file: Path | None = None,
    /,
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Say everything that is wrong with the settings, and what a running router would make of them. Changes nothing.

    The exit code is 2 where they could not be taken up.

    Parameters
    ----------
    file
        Another file than the settings file, for example one that is to replace it.
    """
    from ..config.load import read
    from ..manage.settings_file import tried
    from .settings_change import settings_file

    own = settings_file(config, data_dir)
    path = own.path if file is None else file.expanduser().absolute()
    if file is not None or places(config, data_dir).config_explicit:
        read(path)  # a file that was named must be there
    text = own.text if file is None else path.read_bytes().decode("utf-8-sig")
    found = look(path, text, tried(path, text), own.data_dir)
    if as_json:
        show.print_json(found)
    else:
        _print(found)
    return show.USAGE if found.faults or (found.router and found.router.faults) else 0


def look(path: Path, text: str, trial: Trial, data_dir: Path) -> Findings:
    """Everything there is to say of `text` as settings."""
    from ..config import warnings
    from ..manage.settings_file import line_of, plain

    faults = [Fault(plain(fault), fault.remedy, line_of(fault)) for fault in trial.faults]
    if trial.config is None:
        return Findings(str(path), faults, [])
    said = [*warnings(trial.config, path), *_of_providers(trial.config, data_dir), *_of_names(trial.config, data_dir)]
    return Findings(str(path), faults, said, _of_router(trial.config, text))


def _of_providers(config: Config, data_dir: Path) -> Iterator[str]:
    """Providers that could not work so, with this machine's variables."""
    from ..errors import ConfigFault
    from ..providers import table

    for name, settings in config.providers.items():
        if not settings.enabled:
            continue
        try:
            provider = table.resolve(name, settings, os.environ)
        except ConfigFault as fault:
            yield fault.text
        else:
            if provider.key_problem and not settings.api_key.startswith(("keyring:", "file:")):
                yield f"Provider '{name}': {provider.key_problem}. {provider.key_remedy}".strip()


def _of_names(config: Config, data_dir: Path) -> Iterator[str]:
    """Aliases that lead nowhere, as far as that can be told without asking providers for their models."""
    from ..engines.library import Library
    from ..errors import GatewayError
    from ..gateway.world import World

    servers = [name for name, model in config.models.items() if model.command is not None]
    names = tuple(sorted({*Library(data_dir / "models").names(), *servers}))
    world = World(config, os.environ, lambda: names)
    for pattern, target in config.aliases.items():
        for each in [target] if isinstance(target, str) else target:
            try:
                world.route(each)
            except GatewayError as error:
                yield f"The alias '{pattern}' leads to '{each}': {error.message}"


def _of_router(config: Config, text: str) -> Router | None:
    """What the router that runs here would make of the file; None where none runs."""
    import msgspec

    from ..errors import GatewayError
    from ..manage import router

    class Told(Struct):
        faults: list[Fault] = []
        changes: list[Change] = []

    listener = config.listeners.router
    if not listener.enabled or not listener.port:
        return None
    url = router.url_of(listener)
    try:
        if router.probe(url).state != "up":
            return None
        body = msgspec.json.encode({"text": text})
        told = msgspec.json.decode(router.told(url, "POST", "/api/v1/settings/check", body), type=Told)
    except (GatewayError, msgspec.DecodeError):
        return None
    return Router(url, told.faults, told.changes)


def _print(found: Findings) -> None:
    from ..manage.settings_file import toml
    from .tables import print_table

    print(found.file)
    rows = [
        ("fault", f"line {fault.line}" if fault.line else "", f"{fault.message} {fault.remedy}".strip())
        for fault in found.faults
    ]
    rows += [("warning", "", warning) for warning in found.warnings]
    if rows:
        print_table(("", "WHERE", "WHAT"), rows, last=("WHAT",))
    if found.faults:
        many = "one fault" if len(found.faults) == 1 else f"{len(found.faults)} faults"
        show.say(f"{many}: a router that runs would keep the settings from before, and none could start.")
        return
    if found.router is None:
        show.say("no faults. No router runs here to compare it with.")
        return
    for fault in found.router.faults:
        show.say(f"the running router, with its own variables and flags: {fault.message} {fault.remedy}")
    if found.router.faults:
        return
    if not found.router.changes:
        show.say("no faults. The running router has these settings in force.")
        return
    print()
    print_table(
        ("CHANGE", "IN FORCE", "THEN", "COUNTS"),
        ((each.key, toml(each.before), toml(each.after), WORDS[each.effect]) for each in found.router.changes),
        last=("IN FORCE", "THEN"),
    )
    keys = [each.key for each in found.router.changes if each.effect == "restart"]
    rest = f" A restart is needed for {', '.join(keys)}." if keys else ""
    show.say(f"no faults. So the running router ({found.router.url}) would change.{rest}")
