"""File, environment and flags to a `Config`. What is wrong is named with its key, its place and the way out."""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union

import msgspec
import platformdirs

from ..errors import ConfigFault
from .durations import parse_duration
from .schema import Config
from .secret import is_literal

PREFIX = "LANDBRIDGE_"
RESERVED = frozenset({"LANDBRIDGE_CONFIG", "LANDBRIDGE_DATA_DIR", "LANDBRIDGE_DEBUG"})
"""Variables that are not settings."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LOOPBACK = ("127.", "::1", "localhost")


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
    merged: dict[str, Any] = _read(path) if path is not None else {}
    origins = [(key, f"the variable {name}", value) for key, name, value in _from_environment(env)]
    origins += [(key, "the command line", value) for key, value in (overrides or {}).items()]
    for dotted, origin, value in origins:
        _put(merged, dotted.split("."), value, origin)
    config = _convert(merged, path)
    _check(config, path)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigFault(
            f"There is no settings file {path}.", remedy="Check --config and LANDBRIDGE_CONFIG."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault(f"{path} is not TOML: {error}.", remedy="Mend that line.") from error
    except UnicodeDecodeError as error:
        raise ConfigFault(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    except OSError as error:
        raise ConfigFault(f"{path} cannot be read: {error.strerror}.", remedy="Check its rights.") from error


# -- environment -------------------------------------------------------------------------------------------------------


def _from_environment(env: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """(dotted key, variable, value) of every `LANDBRIDGE_A__B`."""
    for name, text in env.items():
        if not name.startswith(PREFIX) or name in RESERVED:
            continue
        keys = _true_keys(name.removeprefix(PREFIX).split("__"))
        yield ".".join(keys), name, _value(text, keys)


def _true_keys(words: list[str]) -> list[str]:
    """Variable names are in upper case; keys are in lower case."""
    return [word.lower() for word in words]


def _value(text: str, keys: list[str]) -> Any:
    """The variable's text as the setting's type: text where text is wanted, else what TOML makes of it."""
    wanted = _type_at(keys)
    if wanted is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _type_at(keys: list[str]) -> Any:
    """The type the schema has at a path; None where there is none."""
    current: Any = Config
    for key in keys:
        if isinstance(current, type) and issubclass(current, msgspec.Struct):
            current = typing.get_type_hints(current).get(key)
        elif typing.get_origin(current) is dict:
            current = typing.get_args(current)[1]
        else:
            return None
        if typing.get_origin(current) in (Union, types.UnionType):
            members = [member for member in typing.get_args(current) if member is not types.NoneType]
            current = members[0] if len(members) == 1 else None
    return str if typing.get_origin(current) is typing.Literal else current


def _put(tree: dict[str, Any], keys: list[str], value: Any, origin: str) -> None:
    for key in keys[:-1]:
        inner = tree.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigFault(f"{origin} sets '{'.'.join(keys)}', but '{key}' is a value.", remedy="Check its name.")
        tree = inner
    tree[keys[-1]] = value


# -- checks ------------------------------------------------------------------------------------------------------------


def _convert(tree: dict[str, Any], path: Path | None) -> Config:
    _check_keys(tree, Config, (), path)
    try:
        return msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `")
        key = at.rstrip("`").removeprefix("$.").replace("[...]", "")
        raise ConfigFault(
            f"{_place(path)}: {key or 'the settings'}: {what}.", remedy="See docs/settings.md."
        ) from error


def _check_keys(tree: Mapping[str, Any], schema: Any, above: tuple[str, ...], path: Path | None) -> None:
    """Unknown keys are errors with the nearest known one."""
    hints = typing.get_type_hints(schema)
    for key, value in tree.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.5)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known here: {', '.join(sorted(hints))}."
            dotted = ".".join((*above, key))
            raise ConfigFault(f"{_place(path)}: there is no setting '{dotted}'{_line(path, key)}.", remedy=hint)
        inner = hints[key]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and isinstance(value, dict):
            _check_keys(value, inner, (*above, key), path)
        elif typing.get_origin(inner) is dict and isinstance(value, dict):
            _check_members(value, typing.get_args(inner)[1], (*above, key), path)


def _check_members(members: Mapping[str, Any], schema: Any, above: tuple[str, ...], path: Path | None) -> None:
    if not (isinstance(schema, type) and issubclass(schema, msgspec.Struct)):
        return
    for name, value in members.items():
        if isinstance(value, dict):
            _check_keys(value, schema, (*above, name), path)


def _check(config: Config, path: Path | None) -> None:
    """What types cannot say."""
    place = _place(path)
    for name, listener in (
        ("router", config.listeners.router),
        ("openai", config.listeners.openai),
        ("dashboard", config.listeners.dashboard),
    ):
        if not 0 <= listener.port <= 65535:
            raise ConfigFault(f"{place}: listeners.{name}.port is {listener.port}.", remedy="Ports go from 0 to 65535.")
    for name, provider in config.providers.items():
        _check_name(place, f"providers.{name}", name)
        if name == "local":
            raise ConfigFault(
                f"{place}: a provider cannot be named 'local'.", remedy="That means this machine's models."
            )
        if not provider.preset and not (provider.dialect and provider.base_url):
            raise ConfigFault(
                f"{place}: providers.{name} needs a preset, or dialect and base_url.",
                remedy='For example: preset = "openai".',
            )
    for pattern, target in config.aliases.items():
        if not target.strip():
            raise ConfigFault(f"{place}: the alias '{pattern}' leads to nothing.", remedy="Give it a model's name.")
    for name, model in config.models.items():
        try:
            parse_duration(model.idle_unload)
        except ConfigFault as fault:
            raise ConfigFault(f"{place}: models.{name}.idle_unload: {fault.message}", remedy=fault.remedy) from fault


def _check_name(place: str, key: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigFault(f"{place}: '{key}' is no name.", remedy="Use letters, digits, dots, dashes and underscores.")


def _place(path: Path | None) -> str:
    return str(path) if path is not None else "The settings"


def _line(path: Path | None, key: str) -> str:
    """Where the key stands in the file, if it does."""
    if path is None:
        return ""
    pattern = re.compile(rf"^\s*(\[[^\]]*\b)?{re.escape(key)}\b")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if pattern.match(line):
            return f" (line {number})"
    return ""


def warnings(config: Config, path: Path | None = None) -> list[str]:
    """What works but should not stay so."""
    found = [
        f"The key of provider '{name}' stands in the settings as it is; write it as ${{NAME}} of a variable."
        for name, provider in config.providers.items()
        if is_literal(provider.api_key)
    ]
    for name, listener in (("router", config.listeners.router), ("openai", config.listeners.openai)):
        if listener.enabled and not listener.host.startswith(LOOPBACK):
            found.append(
                f"Listener '{name}' on {listener.host} is open to the network, and anybody there may use your models."
            )
    if path is not None and path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        literal = any(is_literal(provider.api_key) for provider in config.providers.values())
        if literal:
            found.append(f"{path} holds a key and can be read by others; chmod 600 it.")
    return found
