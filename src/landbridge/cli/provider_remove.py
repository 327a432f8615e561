"""`landbridge providers remove`, `enable` and `disable`: out of the settings with its key, or only out of use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from . import ask, show
from .context import ConfigFile, DataDir


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
    from ..manage import provider_change
    from ..manage.providers import of_name, settings_of, stood
    from .settings_change import say_notes, settings_file

    file = settings_file(config, data_dir)
    known = settings_of(file)
    of_name(known, name)
    stood(known, file, name)
    for place in provider_change.led_to(known, name):
        show.say(f"{place} leads to it and will lead nowhere.")
    if not yes and ask.somebody() and not ask.yes(f"Remove {name}?", default=False):
        show.say("nothing was removed.")
        return show.FAILURE
    done = provider_change.remove(file, name)
    say_notes(file, done.written)
    key = ", and its key from the keychain" if done.key_gone else ""
    if done.key_fault:
        key = f"; its key is still in the keychain: {done.key_fault.rstrip('.')}"
    show.say(f"{name} is gone from {file.path}{key}.")
    return 0


def enable(name: str, *, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Turn a provider on again.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    return _turn(name, True, config, data_dir)


def disable(name: str, *, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Turn a provider off: nothing is sent to it, and its models are in no list. Its settings and key stay.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    return _turn(name, False, config, data_dir)


def _turn(name: str, on: bool, config: Path | None, data_dir: Path | None) -> int:
    from ..manage import provider_change
    from ..manage.providers import settings_of
    from .settings_change import say_notes, settings_file

    file = settings_file(config, data_dir)
    for place in provider_change.led_to(settings_of(file), name) if not on else ():
        show.say(f"{place} leads to it.")
    say_notes(file, provider_change.turn(file, name, on))
    show.say(f"{name} is {'on' if on else 'off'}. A running router takes it up by itself.")
    return 0
