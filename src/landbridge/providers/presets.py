"""Presets: what `preset = "NAME"` in a provider's settings stands for. Data, in `providers.toml`."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from ..errors import ConfigFault


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a provider beforehand."""

    dialect: str
    base_url: str
    """With `{region}` and the like for what `place` leaves open; empty: only who has one knows."""
    title: str = ""
    """Its name for people."""
    key: str = ""
    """The variable that usually holds the key; `A:B` where it is made of two."""
    note: str = ""
    """What people should know who choose it."""
    keys_at: str = ""
    """Where a key is made."""
    auth: str = ""
    without_key: str = ""
    """How requests are signed where nobody has set a key, if the machine has credentials of that kind."""
    place: dict[str, tuple[str, ...]] = {}
    """What the address leaves open -> variables that usually say it; `=global` is what holds without them."""
    base_urls: dict[str, str] = {}
    """Other addresses, by region."""
    service: str = ""
    """The name that signatures are made for."""
    paths: dict[str, str] = {}
    """The dialect's paths -> its own; `#stream` behind a path: for streams."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body_without: tuple[str, ...] = ()
    """Fields that a request's body must not have."""
    body_with: dict[str, str] = {}
    """Fields that it must have."""
    lists: bool = True
    """Whether it says which models it has."""
    open_list: bool = False
    """Whether it tells that to everybody: then a list proves no key."""
    models_url: str = ""
    """Where it says so, if that is not below its address."""
    quirks: tuple[str, ...] = ()
    thinking: str = ""
    """The quirk that names its field, for models that are known to think; empty: the one of the model's maker."""
    model_quirks: dict[str, tuple[str, ...]] = {}
    """Patterns of models -> quirks of these alone."""


NO_PRESET = Preset(dialect="", base_url="")


@cache
def presets() -> dict[str, Preset]:
    """All presets by name."""
    text = (files(__package__) / "providers.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Preset])


def preset_of(name: str, preset: str) -> Preset:
    """The preset that provider `name` names, or none. Raises `ConfigFault`."""
    if not preset:
        return NO_PRESET
    if preset not in presets():
        near = difflib.get_close_matches(preset, presets(), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(presets())}."
        raise ConfigFault(f"Provider '{name}': there is no preset '{preset}'.", remedy=hint)
    return presets()[preset]
