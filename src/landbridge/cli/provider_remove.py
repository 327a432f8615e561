"""`landbridge providers remove`: out of the settings, and its key out of the keychain."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from . import ask, show
from .context import ConfigFile, DataDir

if TYPE_CHECKING:
    from ..config import Config


def remove(
    name: str,
    *,
    yes: Annotated[bool, Parameter(help="Do not ask.", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> int:
    """Remove a provider from the settings, and its key from the keychain.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    from ..config.edit import changed
    from ..manage.settings_file import command
    from .provider_list import of_name, stood
    from .settings_change import settings_file, written

    file = settings_file(config, data_dir)
    trial = file.trial(file.text)
    if trial.config is None:
        raise trial.faults[0]
    settings = of_name(trial.config, name)
    stood(trial.config, file, name)
    for place in led_to(trial.config, name):
        show.say(f"{place} leads to it and will lead nowhere.")
    if not yes and ask.somebody() and not ask.yes(f"Remove {name}?", default=False):
        show.say("nothing was removed.")
        return show.FAILURE
    after = changed(file.path, file.text, [(("providers", name), None)])
    written(file, after, command("providers", "remove", name))
    show.say(f"{name} is gone from {file.path}{_forget(trial.config, name, settings.api_key, file)}.")
    return 0


def _forget(config: Config, name: str, api_key: str, file: Any) -> str:
    """Its key goes too, unless another provider uses it."""
    from ..errors import ConfigFault
    from ..providers.keychain import Keychain

    others = [each.api_key for other, each in config.providers.items() if other != name]
    if not api_key.startswith("keyring:") or api_key in (*others, config.search.api_key):
        return ""
    try:
        gone = Keychain(file.data_dir, os.environ).delete(api_key.removeprefix("keyring:"))
    except ConfigFault as fault:
        return f"; its key is still in the keychain: {fault.text.rstrip('.')}"
    return ", and its key from the keychain" if gone else ""


def led_to(config: Config, name: str) -> Iterator[str]:
    """The settings that name one of the provider's models."""
    from msgspec import to_builtins

    whole = to_builtins(config)
    for section in ("default_model", "aliases", "routes", "tiers", "views", "media"):
        yield from _naming(whole.get(section), section, f"{name}/")


def _naming(value: Any, place: str, prefix: str) -> Iterator[str]:
    match value:
        case str():
            if value.startswith(prefix):
                yield place
        case Mapping():
            for key, inner in value.items():
                yield from _naming(inner, f"{place}.{key}", prefix)
        case list() | tuple():
            for inner in value:
                yield from _naming(inner, place, prefix)
