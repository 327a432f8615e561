"""Settings and presets to providers: where one is, how it is spoken to, and what its models can take."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from ..config import ProviderSettings, Secret
from ..errors import ConfigFault
from ..neutral.traits import Traits
from . import models, quirks
from .addresses import base_url_of, models_url, places, query_of, url
from .credentials import Keys, credential_of, header_problem, headers_of
from .presets import Preset, preset_of, presets
from .probed import NO_PROBES, Probes

__all__ = ["Preset", "Provider", "models_url", "presets", "resolve", "traits", "url"]


class Provider(Struct, frozen=True):
    """A provider as it is spoken to."""

    name: str
    dialect: str
    base_url: str
    auth: str
    """How the key is sent, as the settings name it; `none`: not at all."""
    key: Secret
    keys: Keys | None
    """The key of those who sign requests."""
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
    first_byte_timeout: float | None
    place: Mapping[str, str]
    """What its address left open."""
    service: str
    """The name that signatures are made for."""
    paths: Mapping[str, str]
    """The dialect's paths -> its own."""
    query: str
    """Added to each URL."""
    body_without: tuple[str, ...]
    body_with: Mapping[str, str]
    """Fields that requests must not, and must have."""
    lists: bool
    """Whether it says which models it has."""
    open_list: bool
    """Whether it tells everybody: then a list proves no key."""
    models_at: str
    """Where it says so; empty: below its address."""


def resolve(name: str, settings: ProviderSettings, env: Mapping[str, str]) -> Provider:
    """The provider that `settings` describe. Raises `ConfigFault`; a missing key is told in `key_problem`."""
    preset = preset_of(name, settings.preset)
    dialect = settings.dialect or preset.dialect
    place = places(name, settings, preset, env)
    extra, unset = headers_of(name, {**preset.headers, **settings.headers}, env)
    held = credential_of(settings, preset, dialect, extra, env)
    problem, remedy = (held.problem, held.remedy) if held.problem else header_problem(extra, unset, env)
    provider = Provider(
        name=name,
        dialect=dialect,
        base_url=base_url_of(name, settings, preset, place),
        auth=held.auth,
        key=held.key,
        keys=held.keys,
        key_problem=problem,
        key_remedy=remedy.replace("key NAME.", f"key {name}."),
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
        first_byte_timeout=settings.first_byte_timeout,
        place=place,
        service=preset.service,
        paths=preset.paths if dialect == preset.dialect else {},
        query=query_of(settings, preset),
        body_without=preset.body_without,
        body_with=preset.body_with,
        lists=preset.lists,
        open_list=preset.open_list,
        models_at="" if settings.base_url else preset.models_url,
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
