"""A provider as it would stand in the settings.

The key is never part of what is written: it goes to the keychain, or what is written says where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..config import Config, Secret
from ..config.check import convert
from ..config.places import Places
from ..config.secret import is_literal
from ..errors import ConfigFault
from ..providers.addresses import EXAMPLES
from ..providers.presets import Preset, preset_of, presets
from .provider_presets import ADDRESS, ADDRESSES, COMPATIBLE, default_of


def _missing(what: str, message: str, remedy: str) -> ConfigFault:
    """Something that has to be said, and was not. `what` names it: `kind`, `name`, `place.region`."""
    return ConfigFault(message, remedy=remedy, param=what)


class New(Struct, frozen=True):
    """What somebody says of a provider that is to be."""

    name: str = ""
    """The preset's, if left out."""
    preset: str = ""
    base_url: str = ""
    dialect: str = ""
    place: Mapping[str, str] = {}
    models: tuple[str, ...] = ()
    key: Secret = Secret()
    """To be kept in the keychain."""
    key_from: str = ""
    """Where the key is, instead: `${VARIABLE}`, `file:PATH`, `keyring:NAME`."""


class Draft(Struct, frozen=True):
    """The provider."""

    name: str
    settings: dict[str, Any]
    """What would stand below its name, without a key that is to be kept."""
    key: Secret = Secret()
    """To be kept in the keychain; empty: there is none to keep."""
    entry: str = ""
    """Its name there; empty: as the provider's."""

    @property
    def preset(self) -> Preset:
        """What is known of it beforehand."""
        return preset_of(self.name, self.settings.get("preset", ""))

    @property
    def reference(self) -> str:
        """What stands for the kept key."""
        return f"keyring:{self.entry or self.name}"

    @property
    def written(self) -> dict[str, Any]:
        """What is written under its name."""
        return {**self.settings, "api_key": self.reference} if self.key else self.settings

    @property
    def config(self) -> Config:
        """Settings with nothing but this provider. Raises `ConfigFault` for what they cannot be."""
        return convert({"providers": {self.name: self.written}}, Places())

    def with_key(self, key: Secret, key_from: str = "") -> Draft:
        """With another key, or with what says where it is."""
        rest = {name: value for name, value in self.settings.items() if name != "api_key"}
        return replace(self, settings={**rest, **({"api_key": _reference(key_from)} if key_from else {})}, key=key)


def drafted(new: New, known: Config, env: Mapping[str, str], *, keyless: bool = False) -> Draft:
    """The provider that is wished for. Raises `ConfigFault` for what cannot be, and for what is not said: its `param`
    names that.

    With `keyless`, a key that is needed may be missing still.
    """
    new = _kind(new)
    name = new.name or new.preset
    if not name:
        raise _missing("name", "The provider needs a name.", "Its models will be called NAME/model.")
    if name in known.providers:
        raise _missing("taken", f"There is a provider '{name}' already.", "Choose another name.")
    preset = preset_of(name, new.preset)
    base_url = new.base_url.strip()
    if not base_url and not preset.base_url:
        raise _missing("base_url", "Where is it?", f"Say its address, like {ADDRESSES.get(new.dialect, ADDRESS)}.")
    said = {"preset": new.preset, "dialect": new.dialect, "base_url": base_url, "place": _place(new, preset, env)}
    settings: dict[str, Any] = {key: value for key, value in said.items() if value}
    if new.models:
        settings["models"] = list(new.models)
    draft = Draft(name, settings).with_key(new.key, "" if new.key else new.key_from)
    here = all(env.get(each) for each in preset.key.split(":"))
    if not (keyless or draft.key or new.key_from or not preset.key or here or preset.without_key):
        what = f"{name} needs a key, and {preset.key.replace(':', ' or ')} is not set."
        raise _missing("key", what, "Type it, or say which variable holds it where the router runs.")
    return draft


def _kind(new: New) -> New:
    """Which preset, or which dialect of an address."""
    if new.preset or new.dialect:
        return new
    if new.name in presets():
        return replace(new, preset=new.name)
    if new.base_url:
        raise _missing("dialect", "What does that address speak?", f"One of: {', '.join(COMPATIBLE)}.")
    raise _missing("kind", "Which provider?", "Choose a preset, or say an address and what it speaks.")


def _place(new: New, preset: Preset, env: Mapping[str, str]) -> dict[str, str]:
    """What the address leaves open, where neither the machine nor the preset says it."""
    found = {key: text.strip() for key, text in new.place.items() if text.strip()}
    for key, usual in preset.place.items():
        if key not in found and not new.base_url and not default_of(usual, env):
            raise _missing(f"place.{key}", f"Which {key}?", f"For example {EXAMPLES.get(key, '...')}.")
    return found


def _reference(text: str) -> str:
    """`text`, if it says where a key is. Raises `ConfigFault` for what may be a key itself."""
    if is_literal(text):
        raise ConfigFault(
            "That does not say where a key is.", remedy="Write ${VARIABLE}, file:PATH or keyring:NAME; or type the key."
        )
    return text
