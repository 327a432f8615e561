"""Providers kept, given other keys, turned on and off, and removed: in the settings file and in the keychain."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from ..config import Config
from ..config.edit import changed
from ..errors import ConfigFault
from ..providers.keychain import Keychain
from .provider_draft import Draft
from .providers import of_name, settings_of, stood
from .settings_file import SettingsFile, Written, command


class Saved(Struct, frozen=True):
    """What came of keeping a provider or its key."""

    kept_in: str
    """Where the key is now; empty: there was none to keep."""
    written: Written | None
    """None where nothing had to be written."""


class Removed(Struct, frozen=True):
    """What came of removing a provider."""

    leads: list[str]
    """Settings that lead to one of its models, and lead nowhere now."""
    key_gone: bool
    """Whether its key is out of the keychain, too."""
    key_fault: str
    """Why it could not be taken out."""
    written: Written


def add(file: SettingsFile, draft: Draft, how: str) -> Saved:
    """Keep a new provider. Raises `ConfigFault`."""
    if draft.key:  # another settings file of this machine may have a provider of the same name
        draft = replace(draft, entry=free_entry(draft.name, file.data_dir))
    return _save(file, draft, [(("providers", draft.name), draft.written)], how)


def rekey(file: SettingsFile, draft: Draft, how: str) -> Saved:
    """Keep the key of a provider that there is. Raises `ConfigFault`."""
    return _save(file, draft, [(("providers", draft.name, "api_key"), draft.written.get("api_key"))], how)


def draft_of(file: SettingsFile, name: str) -> Draft:
    """A provider of the file, without its key. Raises `ConfigFault` where there is none."""
    before = stood(settings_of(file), file, name)
    settings = {field: value for field, value in before.items() if field != "api_key"}
    _, kept, entry = str(before.get("api_key", "")).partition("keyring:")
    return Draft(name, settings, entry=entry if kept else free_entry(name, file.data_dir))


def turn(file: SettingsFile, name: str, on: bool, how: str = "") -> Written:
    """Turn a provider on or off. Raises `ConfigFault`."""
    stood(settings_of(file), file, name)
    said = how or command("providers", "enable" if on else "disable", name)
    return file.set([(("providers", name, "enabled"), None if on else False)], said)


def remove(file: SettingsFile, name: str, how: str = "") -> Removed:
    """Take a provider out of the settings, and its key out of the keychain. Raises `ConfigFault`."""
    config = settings_of(file)
    settings = of_name(config, name)
    stood(config, file, name)
    written = file.set([(("providers", name), None)], how or command("providers", "remove", name))
    gone, fault = _forget(config, name, settings.api_key, file.data_dir)
    return Removed(list(led_to(config, name)), gone, fault, written)


def led_to(config: Config, name: str) -> Iterator[str]:
    """The settings that name one of the provider's models."""
    whole = to_builtins(config)
    for section in ("default_model", "aliases", "routes", "tiers", "views", "media"):
        yield from _naming(whole.get(section), section, f"{name}/")


def free_entry(name: str, data_dir: Path) -> str:
    """A name for a key in the keychain: other settings on this machine may have a provider of the same name."""
    chain = Keychain(data_dir, os.environ)
    try:
        return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 1000))) if chain.get(each) is None)
    except ConfigFault:  # it is locked, and takes no key either
        return name


def _save(file: SettingsFile, draft: Draft, edits: list[tuple[tuple[str, ...], Any]], how: str) -> Saved:
    """Keep the key, then the settings. A key without settings harms nobody."""
    kept_in = ""
    if draft.key:
        kept_in = Keychain(file.data_dir, os.environ).set(draft.entry or draft.name, draft.key.reveal())
    after = changed(file.path, file.text, edits)
    return Saved(kept_in, file.write(after, how) if after != file.text else None)


def _forget(config: Config, name: str, api_key: str, data_dir: Path) -> tuple[bool, str]:
    """Its key goes too, unless another provider uses it."""
    others = [each.api_key for other, each in config.providers.items() if other != name]
    if not api_key.startswith("keyring:") or api_key in (*others, config.search.api_key):
        return False, ""
    try:
        return Keychain(data_dir, os.environ).delete(api_key.removeprefix("keyring:")), ""
    except ConfigFault as fault:
        return False, fault.text


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
