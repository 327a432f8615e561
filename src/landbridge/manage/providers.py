"""How providers stand: where each is, how it is spoken to, where its key comes from, and what a router says of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from ..config import Config, ProviderSettings
from ..config.secret import references
from ..errors import ConfigFault
from ..providers.credentials import CREDENTIALS
from ..providers.presets import Preset
from ..providers.table import presets, resolve
from .settings_file import SettingsFile

OWN_ADDRESS = "an address of your own"
"""What a provider is that no preset describes."""


class Part(Protocol):
    """What a router says of one of its parts."""

    @property
    def status(self) -> str:
        """`ok`, `resting`, `off` or `failed`."""

    @property
    def detail(self) -> str:
        """Why."""


class Standing(Struct, frozen=True, kw_only=True):
    """One provider."""

    name: str
    title: str
    dialect: str
    address: str
    auth: str
    key: str
    """Where its key comes from."""
    problem: str
    """Why it cannot be used, as far as the settings tell."""
    remedy: str
    models: list[str] | None
    """None: it is asked."""
    state: str
    """What a running router says of it; empty where none runs."""
    detail: str = ""
    enabled: bool = True
    """Whether it is turned on."""


class Shown(Struct):
    """One provider, with all that is known of it."""

    standing: Standing
    quirks: list[str]
    settings: dict[str, Any]
    """Without the text of keys."""
    note: str = ""
    """What people should know who use it."""
    keys_at: str = ""
    """Where its keys are made."""


def standings(
    config: Config,
    env: Mapping[str, str],
    parts: Mapping[str, Part],
    only: Mapping[str, ProviderSettings] | None = None,
) -> list[Standing]:
    """How providers stand: `env` holds variables and keys, `parts` what a running router says."""
    return [_standing(name, each, env, parts) for name, each in (config.providers if only is None else only).items()]


def shown(config: Config, name: str, env: Mapping[str, str], parts: Mapping[str, Part]) -> Shown:
    """All that is known of one. Raises `ConfigFault` for one there is not."""
    settings = of_name(config, name)
    preset = presets().get(settings.preset)
    return Shown(
        standings(config, env, parts, {name: settings})[0],
        [*(preset.quirks if preset is not None else ()), *settings.quirks],
        dict(settings.__rich_repr__()),
        preset.note if preset is not None else "",
        preset.keys_at if preset is not None else "",
    )


def of_name(config: Config, name: str) -> ProviderSettings:
    """The settings of a provider. Raises `ConfigFault` for one there is not."""
    if name not in config.providers:
        known = ", ".join(config.providers) or "none"
        raise ConfigFault(f"There is no provider '{name}' in the settings.", remedy=f"There are: {known}.")
    return config.providers[name]


def settings_of(file: SettingsFile) -> Config:
    """The settings as they are. Raises what is wrong with them: nothing is changed in a broken file."""
    trial = file.trial(file.text)
    if trial.config is None:
        raise trial.faults[0]
    return trial.config


def stood(config: Config, file: SettingsFile, name: str) -> dict[str, Any]:
    """What stands under the provider's name in the file itself. Raises `ConfigFault` where it does not stand there."""
    of_name(config, name)
    found = tomllib.loads(file.text).get("providers", {}).get(name)
    if not isinstance(found, dict):
        raise ConfigFault(
            f"Provider '{name}' does not stand in {file.path}.", remedy="Variables make it; change those."
        )
    return found


def key_source(settings: ProviderSettings, usual: str, auth: str = "") -> str:
    """Where the key comes from, in a word or two; never the key. `usual`: a preset's own variable."""
    text = settings.api_key.strip()
    if text.startswith("keyring:"):
        return "keychain"
    if text.startswith("file:"):
        return "file"
    if named := references(text):
        return f"variable {', '.join(named)}"
    if text:
        return "in the settings"
    if CREDENTIALS & {header.lower() for header in settings.headers}:
        return "header"
    if settings.auth == "none":
        return "none"
    found = {"google": "Google's credentials", "aws": "AWS's credentials"}.get(auth)
    return found or (f"variable {usual}" if usual else "none")


def key_of_preset(row: Preset) -> str:
    """What a preset wants for a key, in a word or two."""
    usual = row.key.replace(":", " and ")
    return "Google's credentials" if row.auth == "google" else usual or "none needed"


def _standing(name: str, settings: ProviderSettings, env: Mapping[str, str], parts: Mapping[str, Part]) -> Standing:
    preset = presets().get(settings.preset)
    title = preset.title if preset is not None else settings.preset or OWN_ADDRESS
    state, detail = state_of(name, parts)
    try:
        provider = resolve(name, settings, env)
    except ConfigFault as fault:
        return Standing(
            name=name,
            title=title,
            dialect=settings.dialect,
            address="-",
            auth="",
            key=key_source(settings, ""),
            problem=fault.message.removeprefix(f"Provider '{name}': ").rstrip("."),
            remedy=fault.remedy,
            models=settings.models,
            state=state,
            detail=detail,
            enabled=settings.enabled,
        )
    usual = preset.key.replace(":", " and ") if preset is not None and not provider.keys else ""
    return Standing(
        name=name,
        title=title,
        dialect=provider.dialect,
        address=provider.base_url,
        auth=provider.auth,
        key=key_source(settings, usual, provider.auth),
        problem=provider.key_problem,
        remedy=provider.key_remedy,
        models=list(provider.models) if provider.models is not None else None,
        state=state,
        detail=detail,
        enabled=settings.enabled,
    )


def state_of(name: str, parts: Mapping[str, Part]) -> tuple[str, str]:
    """What the router says of a provider, and of those of its models that are left alone for a while."""
    part, before = parts.get(f"provider {name}"), f"target {name}/"
    if part is None:
        return "", ""
    resting = [
        f"{label.removeprefix('target ')}: {each.detail}" for label, each in parts.items() if label.startswith(before)
    ]
    return ("resting", "; ".join(resting)) if resting and part.status == "ok" else (part.status, part.detail)
