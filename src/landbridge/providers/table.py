"""Settings and presets to providers: where one is, how it is spoken to, and what its models can take."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..config import ProviderSettings, Secret, expand
from ..config.secret import is_literal
from ..errors import ConfigFault
from ..neutral.traits import Traits
from . import quirks


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a provider beforehand."""

    dialect: str
    base_url: str
    key: str = ""
    """The variable that usually holds the key."""
    auth: str = ""
    quirks: tuple[str, ...] = ()


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a model beforehand."""

    match: str
    window: int | None = None
    output: int | None = None
    quirks: tuple[str, ...] = ()


class Provider(Struct, frozen=True):
    """A provider as it is spoken to."""

    name: str
    dialect: str
    base_url: str
    auth: str
    """`bearer`, `x-api-key` or `none`."""
    key: Secret
    key_problem: str
    """Why the key cannot be used; empty if it can."""
    headers: Mapping[str, str]
    """Sent with each request."""
    models: tuple[str, ...] | None
    """Its models; None to ask it."""
    quirks: tuple[str, ...]
    passthrough: bool
    repair: bool
    connect_timeout: float
    idle_timeout: float


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))


@cache
def presets() -> dict[str, Preset]:
    """All presets by name."""
    return msgspec.convert(_data("providers.toml"), dict[str, Preset])


@cache
def limits() -> tuple[Limits, ...]:
    """All models whose limits are known, in order of precedence."""
    return msgspec.convert(_data("models.toml")["model"], tuple[Limits, ...])


def resolve(name: str, settings: ProviderSettings, env: Mapping[str, str]) -> Provider:
    """The provider that `settings` describe. Raises `ConfigFault`; a missing key is told in `key_problem`."""
    preset = _preset(name, settings.preset)
    dialect = settings.dialect or preset.dialect
    wanted = settings.api_key or (f"${{{preset.key}}}" if preset.key else "")
    key, missing = expand(wanted, env)
    auth = settings.auth or preset.auth or ("x-api-key" if dialect == "anthropic" else "bearer")
    extra, unset = _headers(settings.headers, env)
    provider = Provider(
        name=name,
        dialect=dialect,
        base_url=_base_url(name, settings.base_url or preset.base_url),
        auth=auth if key else "none",
        key=key,
        key_problem=_key_problem(wanted, (*missing, *unset)),
        headers=extra,
        models=tuple(settings.models) if settings.models is not None else None,
        quirks=(*preset.quirks, *settings.quirks),
        passthrough=settings.passthrough,
        repair=settings.repair,
        connect_timeout=settings.connect_timeout,
        idle_timeout=settings.idle_timeout,
    )
    quirks.apply(Traits(), provider.quirks)
    return provider


def traits(provider: Provider, model: str) -> Traits:
    """What `model` of `provider` takes: the preset's and the settings' exceptions, and the model's limits."""
    bare = model.rsplit("/", 1)[-1].lower()
    known = next((each for each in limits() if fnmatchcase(bare, each.match)), Limits(match=""))
    found = quirks.apply(Traits(), (*known.quirks, *provider.quirks))
    return replace(found, window=known.window, max_output=known.output, repair=provider.repair)


def url(provider: Provider, path: str) -> str:
    """The URL of an endpoint.

    Base URLs are written as their makers write them: OpenAI's with `/v1`, Anthropic's without. An Anthropic base URL
    that ends in `/v1` is understood too.
    """
    base = provider.base_url
    if provider.dialect == "anthropic" and path.startswith("/v1/"):
        base = base.removesuffix("/v1")
    return base + path


def models_url(provider: Provider) -> str:
    """Where the provider lists its models."""
    return url(provider, "/v1/models?limit=1000" if provider.dialect == "anthropic" else "/models")


def _preset(name: str, preset: str) -> Preset:
    if not preset:
        return Preset(dialect="", base_url="")
    if preset not in presets():
        near = difflib.get_close_matches(preset, presets(), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(presets())}."
        raise ConfigFault(f"Provider '{name}': there is no preset '{preset}'.", remedy=hint)
    return presets()[preset]


def _base_url(name: str, base_url: str) -> str:
    if not base_url.startswith(("http://", "https://")):
        raise ConfigFault(
            f"Provider '{name}': base_url does not begin with http:// or https://.",
            remedy="For example: https://api.openai.com/v1.",
        )
    if "@" in base_url.split("/", 3)[2] or "?" in base_url:
        raise ConfigFault(
            f"Provider '{name}': base_url holds a password or a query.", remedy="Put keys into api_key or headers."
        )
    return base_url.rstrip("/")


def _key_problem(wanted: str, missing: tuple[str, ...]) -> str:
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        return f"the environment variable {names} is not set"
    if wanted.startswith("keyring:"):
        return "keys from the system's keychain cannot be read yet; use ${NAME} of an environment variable"
    if is_literal(wanted) and not wanted.isprintable():
        return "its key holds characters that no header may hold"
    return ""


def _headers(headers: Mapping[str, str], env: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    expanded = {name.lower(): expand(value, env) for name, value in headers.items()}
    unset = tuple(variable for _, missing in expanded.values() for variable in missing)
    return {name: secret.reveal() for name, (secret, _) in expanded.items()}, unset
