"""File, environment and flags to a `Config`. What is wrong is named with its key, its place and the way out."""

from __future__ import annotations

import ipaddress
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from ..errors import ConfigFault
from .check import convert
from .environment import read_environment
from .keys import dotted
from .places import VARIABLE, Keys, Places
from .routes import warn_of_routes
from .schema import Config
from .secret import is_literal, references, showable

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def default_config_path(env: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/landbridge/landbridge.toml`, or the place of the system."""
    home = env.get("XDG_CONFIG_HOME")
    folder = Path(home) / "landbridge" if home else Path(platformdirs.user_config_dir("landbridge", appauthor=False))
    return folder / "landbridge.toml"


def default_data_dir(env: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/landbridge`, or the place of the system."""
    home = env.get("XDG_DATA_HOME")
    return Path(home) / "landbridge" if home else Path(platformdirs.user_data_dir("landbridge", appauthor=False))


def load(path: Path | None, env: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Config:
    """The settings in force. `overrides` are flags by dotted key. Raises `ConfigFault`."""
    return convert(*gather(path, read(path) if path is not None else "", env, overrides))


def gather(
    path: Path | None, text: str, env: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], Places]:
    """Everything that is said, as one tree, and where each part was said. `text` is (or would be) the file's."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tree = parse(text, path)
    places = Places(path, text)
    others = [(keys, f"{VARIABLE}{name}", value) for keys, name, value in read_environment(env, tree)]
    others += [(tuple(key.split(".")), "The command line", value) for key, value in (overrides or {}).items()]
    for keys, place, value in others:
        _put(tree, keys, value, place)
        places.add(keys, place)
    return tree, places


def read(path: Path) -> str:
    """The text of a settings file. Raises `ConfigFault`."""
    try:
        # Some editors put a byte order mark in front, which TOML does not know.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigFault(
            f"There is no settings file {path}.", remedy="Check --config and LANDBRIDGE_CONFIG."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigFault(f"{path}, line {line}: this is not UTF-8 text.", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigFault(f"{path} cannot be read: {error.strerror}.", remedy="Check its rights.") from None


def parse(text: str, path: Path | None) -> dict[str, Any]:
    """The tree of a settings file's text. Raises `ConfigFault` with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(str(error), text, path) from None
    except ValueError:
        raise ConfigFault(f"{path} holds a number with thousands of digits.", remedy="Mend it.") from None
    except RecursionError:
        raise ConfigFault(f"{path} is nested too deeply.", remedy="Mend it.") from None


def _broken(what: str, text: str, path: Path | None) -> ConfigFault:
    at = _AT.search(what)
    line, column = (at[1], at[2]) if at else (None, None)
    words = what[: at.start()] if at else what
    last = len(text.rstrip("\n").split("\n"))
    where = f"line {line}" if line else f"line {last}"
    shown = f" (column {column})" if column else " (the file ends too early)" if at else ""
    return ConfigFault(f"{path}, {where}: this is not TOML: {words}{shown}.", remedy="Mend that line.")


def _put(tree: dict[str, Any], path: Keys, value: Any, place: str) -> None:
    for depth, key in enumerate(path[:-1], 1):
        inner = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigFault(
                f"{place}: it sets '{dotted(path)}', but '{dotted(path[:depth])}' is a value.",
                remedy="Check its name.",
            )
        tree = inner
    tree[path[-1]] = value


def warnings(config: Config, path: Path | None = None) -> list[str]:
    """What works but should not stay so."""
    literal = [name for name, provider in config.providers.items() if is_literal(provider.api_key)]
    found = [
        f"The key of provider '{name}' stands in the settings as it is; 'landbridge providers key {name}' hides it."
        for name in literal
    ]
    searching = is_literal(config.search.api_key)
    if searching:
        found.append("The key under [search] stands in the settings as it is; write it as ${NAME} of a variable.")
    url = config.store.url
    login = not references(url) and showable(("store", "url"), url) != url
    if login:
        found.append("The password in store.url stands in the settings as it is; write it as ${NAME} of a variable.")
    for name in config.listeners.__struct_fields__:
        listener = getattr(config.listeners, name)
        if listener.enabled and not is_loopback(listener.host) and config.access.required == "never":
            found.append(
                f"Listener '{name}' on {listener.host} is open to the network, and anybody there may use your models "
                '(access.required = "never").'
            )
    found += warn_of_routes(config)
    open_to_others = stat.S_IRGRP | stat.S_IROTH
    if (literal or searching or login) and path is not None and path.exists() and path.stat().st_mode & open_to_others:
        found.append(f"{path} holds a key and can be read by others; chmod 600 it.")
    return found


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a listener on `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
