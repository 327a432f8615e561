"""Where a provider's endpoints are: addresses with what they leave open filled in, paths as it has them. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from ..config import ProviderSettings, expand
from ..errors import ConfigFault
from .presets import Preset

if TYPE_CHECKING:
    from .table import Provider

STREAM = "#stream"
_OPEN = re.compile(r"\{([a-z]+)\}")
_PLACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
EXAMPLES = {"region": "us-east-1", "project": "my-project", "resource": "my-resource"}


def places(name: str, settings: ProviderSettings, preset: Preset, env: Mapping[str, str]) -> dict[str, str]:
    """What the address leaves open, filled in: by the settings, else by the usual variables. Raises `ConfigFault`."""
    known = {*preset.place, *_OPEN.findall(settings.base_url), "region"}  # signatures name a region in any case
    if strange := next((key for key in settings.place if key not in known), None):
        near = difflib.get_close_matches(strange, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(sorted(known))}."
        raise ConfigFault(f"Provider '{name}': its address has no place.{strange}.", remedy=hint)
    found = {}
    for key in dict.fromkeys((*preset.place, *settings.place)):
        text, missing = expand(settings.place.get(key, ""), env)
        value = text.reveal() or _usual(preset.place.get(key, ()), env)
        if value and not _PLACE.fullmatch(value):
            raise ConfigFault(f"Provider '{name}': place.{key} is no name that an address could hold.")
        if missing and not value:
            raise ConfigFault(f"Provider '{name}': the variable of place.{key}, {missing[0]}, is not set.")
        found[key] = value
    return found


def _usual(known: tuple[str, ...], env: Mapping[str, str]) -> str:
    return next((value for each in known if (value := each[1:] if each[0] == "=" else env.get(each, ""))), "")


def base_url_of(name: str, settings: ProviderSettings, preset: Preset, place: Mapping[str, str]) -> str:
    """The address, whole. Raises `ConfigFault`."""
    wanted = settings.base_url or preset.base_urls.get(place.get("region", ""), preset.base_url)
    if not wanted:
        raise ConfigFault(
            f"Provider '{name}': only you know the address of this one, and base_url is missing.",
            remedy='For example: base_url = "https://llm.example/v1".',
        )
    return _checked(name, _OPEN.sub(lambda found: _filled(name, found[1], place, preset), wanted))


def _filled(name: str, key: str, place: Mapping[str, str], preset: Preset) -> str:
    if value := place.get(key):
        return value
    variables = [each for each in preset.place.get(key, ()) if each[0] != "="]
    known = f", or set {' or '.join(variables)} where landbridge runs" if variables else ""
    raise ConfigFault(
        f"Provider '{name}': its address needs place.{key}, and nobody says it.",
        remedy=f'Write place = {{ {key} = "{EXAMPLES.get(key, "...")}" }}{known}.',
    )


def _checked(name: str, base_url: str) -> str:
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
            remedy="Put keys into api_key or headers, and what belongs into each URL into query.",
        )
    return base_url.rstrip("/")


def query_of(settings: ProviderSettings, preset: Preset) -> str:
    """What is added to each URL, encoded."""
    return urlencode({**preset.query, **settings.query})


def url(provider: Provider, path: str, model: str = "", *, stream: bool = False) -> str:
    """The URL of an endpoint; `path` is the dialect's own.

    Base URLs are written as their makers write them: OpenAI's with `/v1`, Anthropic's without. An Anthropic base URL
    that ends in `/v1` is understood too.
    """
    base = provider.base_url
    own = (stream and provider.paths.get(path + STREAM)) or provider.paths.get(path)
    if own:
        path = own.replace("{model}", quote(model, safe="@"))
    elif provider.dialect == "anthropic" and path.startswith("/v1/"):
        base = base.removesuffix("/v1")
    if provider.query:
        path += f"{'&' if '?' in path else '?'}{provider.query}"
    return base + path


_LISTS = {"anthropic": "/v1/models?limit=1000", "gemini": "/models?pageSize=1000"}


def models_url(provider: Provider) -> str:
    """Where the provider lists its models."""
    return provider.models_at or url(provider, _LISTS.get(provider.dialect, "/models"))
