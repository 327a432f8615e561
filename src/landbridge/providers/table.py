"""Settings and presets to providers: where one is, how it is spoken to, and what its models can take."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..config import ProviderSettings, Secret, expand
from ..errors import ConfigFault
from ..neutral.traits import Traits
from . import models, quirks
from .probed import NO_PROBES, Probes

CREDENTIALS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
"""Headers that carry a key; with one of them a preset's usual variable is not needed."""
FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a provider beforehand."""

    dialect: str
    base_url: str
    key: str = ""
    """The variable that usually holds the key."""
    auth: str = ""
    quirks: tuple[str, ...] = ()
    thinking: str = ""
    """The quirk that names its field, for models that are known to think; empty: the one of the model's maker."""
    model_quirks: dict[str, tuple[str, ...]] = {}
    """Patterns of models -> quirks of these alone."""


class Provider(Struct, frozen=True):
    """A provider as it is spoken to."""

    name: str
    dialect: str
    base_url: str
    auth: str
    """`bearer`, `x-api-key`, `x-goog-api-key` or `none`."""
    key: Secret
    key_problem: str
    """Why the provider cannot be used: its key, or a header; empty if it can."""
    key_remedy: str
    """What to do about it."""
    headers: Mapping[str, Secret]
    """Sent with each request; they may hold keys, so they hide like keys."""
    models: tuple[str, ...] | None
    """Its models; None to ask it."""
    quirks: tuple[str, ...]
    field: str
    """The quirk of its field for models that are known to think, or empty."""
    model_quirks: tuple[tuple[str, tuple[str, ...]], ...]
    """Patterns of models, and the quirks of these; later ones win."""
    thinking: str
    """How much its models think whatever the client wishes; empty: as it wishes."""
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


def resolve(name: str, settings: ProviderSettings, env: Mapping[str, str]) -> Provider:
    """The provider that `settings` describe. Raises `ConfigFault`; a missing key is told in `key_problem`."""
    preset = _preset(name, settings.preset)
    dialect = settings.dialect or preset.dialect
    extra, unset = _headers(name, settings.headers, env)
    wanted = _wanted_key(settings, preset, extra)
    key, missing = expand(wanted, env)
    # A preset says `none` of servers that want no key; who gives one means it to be sent.
    usual = {"anthropic": "x-api-key", "gemini": "x-goog-api-key"}.get(dialect, "bearer")
    auth = settings.auth or ("" if settings.api_key else preset.auth) or usual
    problem, remedy = _key_problem(wanted, key, extra, (*missing, *unset))
    provider = Provider(
        name=name,
        dialect=dialect,
        base_url=_base_url(name, settings.base_url or preset.base_url),
        auth=auth if key else "none",
        key=key,
        key_problem=problem,
        key_remedy=remedy,
        headers=extra,
        models=tuple(dict.fromkeys(settings.models)) if settings.models is not None else None,
        quirks=(*preset.quirks, *settings.quirks),
        field=preset.thinking,
        model_quirks=tuple(
            (pattern.lower(), tuple(names))
            for patterns in (preset.model_quirks, settings.model_quirks)
            for pattern, names in patterns.items()
        ),
        thinking=settings.thinking,
        passthrough=settings.passthrough and not settings.thinking,
        repair=settings.repair,
        connect_timeout=settings.connect_timeout,
        idle_timeout=settings.idle_timeout,
    )
    try:
        quirks.apply(Traits(), (*provider.quirks, *(name for _, names in provider.model_quirks for name in names)))
    except ConfigFault as fault:
        raise ConfigFault(f"Provider '{name}': {fault.message}", remedy=fault.remedy) from None
    return provider


def traits(provider: Provider, model: str, probes: Probes = NO_PROBES) -> Traits:
    """What `model` of `provider` takes: what is known of the model, what a probe has found, then the provider's
    exceptions, then the user's.
    """
    name = models.plain_name(model)
    known = models.limits_of(name)
    found = _thinking(known, provider)
    if provider.dialect == "openai_chat":
        # `file` parts are OpenAI's own: most who speak its dialect refuse them, and some leave them out silently.
        found = replace(found, documents=False, documents_known=False)
    found = quirks.apply(found, known.quirks)
    if known.thinks in ("can", "always") and provider.field:
        found = quirks.apply(found, (provider.field,))
    if (probe := probes.find(provider.name, provider.base_url, model)) is not None:
        found = probe.apply(found, known)
    found = quirks.apply(found, provider.quirks)
    for pattern, names in provider.model_quirks:
        if fnmatchcase(name, pattern) or fnmatchcase(model.lower(), pattern):
            found = quirks.apply(found, names)
    return replace(
        found,
        window=known.window or found.window,
        max_output=known.output or found.max_output,
        thinking=provider.thinking,
        repair=provider.repair,
    )


def _thinking(known: models.Limits, provider: Provider) -> Traits:
    """How the model thinks, as far as it is known."""
    if known.thinks:
        return Traits(thinks=known.thinks, budgets=known.budgets, efforts=known.efforts)
    if provider.dialect == "anthropic":
        # Others who speak Anthropic's dialect know its older form; the newer one is Claude's alone.
        return Traits(adaptive=False, efforts=())
    return Traits()


def url(provider: Provider, path: str) -> str:
    """The URL of an endpoint.

    Base URLs are written as their makers write them: OpenAI's with `/v1`, Anthropic's without. An Anthropic base URL
    that ends in `/v1` is understood too.
    """
    base = provider.base_url
    if provider.dialect == "anthropic" and path.startswith("/v1/"):
        base = base.removesuffix("/v1")
    return base + path


_LISTS = {"anthropic": "/v1/models?limit=1000", "gemini": "/models?pageSize=1000"}


def models_url(provider: Provider) -> str:
    """Where the provider lists its models."""
    return url(provider, _LISTS.get(provider.dialect, "/models"))


def _preset(name: str, preset: str) -> Preset:
    if not preset:
        return Preset(dialect="", base_url="")
    if preset not in presets():
        near = difflib.get_close_matches(preset, presets(), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(presets())}."
        raise ConfigFault(f"Provider '{name}': there is no preset '{preset}'.", remedy=hint)
    return presets()[preset]


def _base_url(name: str, base_url: str) -> str:
    base_url = base_url.strip()
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(base_url.split()) != 1:
        raise ConfigFault(
            f"Provider '{name}': base_url is no address that begins with http:// or https://.",
            remedy="For example: https://api.openai.com/v1.",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigFault(
            f"Provider '{name}': base_url holds a password, a query or a fragment.",
            remedy="Put keys into api_key or headers.",
        )
    return base_url.rstrip("/")


def _wanted_key(settings: ProviderSettings, preset: Preset, headers: Mapping[str, Secret]) -> str:
    """The key to send, as the settings write it; a preset's usual variable where nothing is said."""
    if settings.auth == "none" or (not settings.api_key and CREDENTIALS & set(headers)):
        return ""
    return settings.api_key or (f"${{{preset.key}}}" if preset.key else "")


def _key_problem(wanted: str, key: Secret, headers: Mapping[str, Secret], missing: tuple[str, ...]) -> tuple[str, str]:
    """Why the provider cannot be used and what to do; two empty texts if it can."""
    if missing:
        names = list(dict.fromkeys(missing))
        said = f"variable {names[0]} is" if len(names) == 1 else f"variables {', '.join(names)} are"
        return f"the environment {said} not set", "Set it where landbridge runs, then restart it."
    if wanted.startswith("keyring:"):
        return (
            "keys from the system's keychain cannot be read yet",
            'Write api_key = "${NAME}" with the name of an environment variable.',
        )
    for what, secret in (("its key", key), *((f"its header '{name}'", value) for name, value in headers.items())):
        if not _sendable(secret.reveal()):
            return f"{what} holds characters that no header may hold", "Look for line breaks and letters like é or 한."
    return "", ""


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _headers(
    name: str, headers: Mapping[str, str], env: Mapping[str, str]
) -> tuple[dict[str, Secret], tuple[str, ...]]:
    found: dict[str, Secret] = {}
    unset: list[str] = []
    for header, text in headers.items():
        framing = header.lower() in FRAMING
        if framing or not _TOKEN.fullmatch(header):
            why = "is a header that landbridge sets itself" if framing else "is no name of a header"
            raise ConfigFault(f"Provider '{name}': '{header}' {why}.", remedy="Take it out of headers.")
        found[header.lower()], missing = expand(text, env)
        unset += missing
    return found, tuple(unset)
