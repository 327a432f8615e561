"""What types cannot say of the settings: values that contradict each other, name nothing or cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import ConfigFault
from .durations import parse_duration
from .keys import dotted
from .limits import WHOLE_TYPES
from .places import Keys
from .routes import impossible_routes
from .schema import (
    AccessSettings,
    Config,
    ModelSettings,
    PriceSettings,
    ProviderSettings,
    SearchSettings,
    TelemetrySettings,
)
from .secret import is_broken_reference

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Impossible = tuple[Keys, str, str]
"""Where, what is wrong, what to do."""


def impossible(config: Config) -> Iterator[Impossible]:
    """What types cannot say."""
    yield from _listeners(config)
    for name, provider in config.providers.items():
        yield from _provider(name, provider)
    yield from impossible_routes(config)
    for key in OF_ONE_MODEL:
        if getattr(config.model_defaults, key):
            what = f"model_defaults.{key} would hold for all models."
            yield ("model_defaults", key), what, f"Put it into the section of one model: [models.NAME] {key} = ..."
    yield from _model(("model_defaults",), config.model_defaults)
    for name, model in config.models.items():
        yield from _model(("models", name), model)
    for name, price in config.prices.items():
        yield from _price(("prices", name), price)
    yield from _search(config.search)
    yield from _telemetry(config.telemetry)
    yield from _access(config.access)


OF_ONE_MODEL = ("source", "command", "draft", "lora", "projector")
"""Settings that make no sense for all models."""
OF_A_SERVER = ("health", "port", "serves", "memory")
"""Settings of a model that has a server of its own."""
OF_ANY_ENGINE = frozenset(
    {
        "command",
        "context",
        "slots",
        "idle_unload",
        "pin",
        "background",
        "max_output",
        "embeddings",
        "repair",
        "thinking",
    }
)
"""Settings of a model that hold whatever runs it; all others are llama.cpp's."""


def _model(path: Keys, model: ModelSettings) -> Iterator[Impossible]:
    try:
        parse_duration(model.idle_unload)
    except ConfigFault as fault:
        yield (*path, "idle_unload"), f"{dotted((*path, 'idle_unload'))}: {fault.message}", fault.remedy
    if model.flash_attention == "off" and model.cache_type_v not in WHOLE_TYPES:
        what = f"{dotted((*path, 'cache_type_v'))} is quantised, which only works with flash attention."
        yield (*path, "cache_type_v"), what, "Turn flash_attention on, or quantise only cache_type_k."
    own, usual = dotted((*path, "command")), ModelSettings()
    if model.command is None:
        for key in OF_A_SERVER:
            if getattr(model, key) != getattr(usual, key):
                what = f"{dotted((*path, key))} is for a model that has a server of its own."
                yield (*path, key), what, f"Name the server in {own}, or remove the key."
        return
    for key in model.__struct_fields__:
        if key not in (*OF_A_SERVER, *OF_ANY_ENGINE) and getattr(model, key) != getattr(usual, key):
            what = f"{dotted((*path, key))} is for llama.cpp, and {own} runs something else."
            yield (*path, key), what, f"Remove it, and say it in {own} in that program's own words."
    yield from _server(path, model, model.command, own)


def _server(path: Keys, model: ModelSettings, command: list[str], own: str) -> Iterator[Impossible]:
    """What a model's own server must say. `own` is the key of its `command`."""
    if not command or not command[0].strip():
        yield (
            (*path, "command"),
            f"{own} names no program.",
            'For example: ["vllm", "serve", "MODEL", "--port", "{port}"].',
        )
    if model.memory is None:
        what = f"{dotted((*path, 'memory'))} is missing."
        yield path, what, "Say how many bytes the server takes, so that there is room for it when it is started."
    if not model.health.startswith("/"):
        yield (*path, "health"), f"{dotted((*path, 'health'))} is no path.", 'For example: "/health".'
    if model.port == "auto" and not any("{port}" in word for word in command):
        what = f"{own} does not say where the server is to listen."
        yield (*path, "command"), what, "Put {port} where the port belongs, or set `port` to the one it always takes."


def _price(path: Keys, price: PriceSettings) -> Iterator[Impossible]:
    for key in ("input", "output"):
        if getattr(price, key) is None:
            what = f"{dotted((*path, key))} is missing."
            yield path, what, "Say dollars for a million tokens; 0 if it costs nothing."


def _search(search: SearchSettings) -> Iterator[Impossible]:
    if search.service == "searxng" and not search.base_url:
        what = "search.service is searxng, and search.base_url is missing."
        yield ("search", "service"), what, 'Say where it is: base_url = "http://127.0.0.1:8888".'
    if search.base_url and not search.base_url.startswith(("http://", "https://")):
        yield ("search", "base_url"), "search.base_url is no http:// or https:// address.", "Write it in full."
    if is_broken_reference(search.api_key):
        what = "search.api_key is no reference to a variable."
        yield ("search", "api_key"), what, 'Write it like "${BRAVE_API_KEY}", with the name of the variable alone.'


def _access(access: AccessSettings) -> Iterator[Impossible]:
    url = access.limits_url.strip()
    if is_broken_reference(url):
        what = "access.limits_url is no reference to a variable."
        yield ("access", "limits_url"), what, 'Write it like "${VALKEY_URL}", with the name of the variable alone.'
    elif url and not url.startswith((*SHARED, "${")):
        what = "access.limits_url is no address of Valkey or Redis."
        yield ("access", "limits_url"), what, 'For example: "valkey://127.0.0.1:6379/0".'
    for origin in access.origins:
        if "://" not in origin and origin not in ("*", "null"):
            what = f"access.origins: '{origin}' is no origin of web pages."
            yield ("access", "origins"), what, "Write it as browsers send it: https://chat.example.com."
    for host in access.hosts:
        if "/" in host or host.rpartition(":")[2].isdecimal():
            yield ("access", "hosts"), f"access.hosts: '{host}' is no name alone.", "Leave out scheme, port and path."


SHARED = ("redis://", "rediss://", "valkey://", "valkeys://")
"""How addresses begin of what routers can count together in."""


def _telemetry(telemetry: TelemetrySettings) -> Iterator[Impossible]:
    if telemetry.otlp_endpoint and not telemetry.otlp_endpoint.startswith(("http://", "https://")):
        what = "telemetry.otlp_endpoint is no http:// or https:// address."
        yield ("telemetry", "otlp_endpoint"), what, 'For example: "http://127.0.0.1:4318".'
    elif "@" in telemetry.otlp_endpoint:
        what = "telemetry.otlp_endpoint holds a user's name or password."
        yield ("telemetry", "otlp_endpoint"), what, 'Send it as a header: [telemetry.headers] authorization = "${...}".'
    for header, text in telemetry.headers.items():
        if is_broken_reference(text):
            what = f"telemetry.headers.{header} is no reference to a variable."
            yield (
                ("telemetry", "headers", header),
                what,
                'Write it like "${OTLP_KEY}", with the variable\'s name alone.',
            )


def _listeners(config: Config) -> Iterator[Impossible]:
    taken: dict[tuple[str, int], str] = {}
    for name in config.listeners.__struct_fields__:
        listener = getattr(config.listeners, name)
        path = ("listeners", name)
        if not listener.host.strip():
            yield (*path, "host"), f"listeners.{name}.host is empty.", 'For this machine only: "127.0.0.1".'
        if not listener.enabled or not listener.port:
            continue
        if other := taken.get((listener.host, listener.port)):
            what = f"listeners.{name}.port is {listener.port}, which listeners.{other} has already."
            yield (*path, "port"), what, "Give each its own port, or disable one (enabled = false)."
        taken[listener.host, listener.port] = name


def _provider(name: str, provider: ProviderSettings) -> Iterator[Impossible]:
    path = ("providers", name)
    if not _NAME.fullmatch(name):
        yield path, f"'{dotted(path)}' is no name.", "Use letters, digits, dots, dashes and underscores."
    if name == "local":
        yield path, "a provider cannot be named 'local'.", "That means this machine's models."
    if not provider.preset and not (provider.dialect and provider.base_url):
        what = f"{dotted(path)} needs a preset, or dialect and base_url."
        yield path, what, 'For example: preset = "openai".'
    for key, text in (((*path, "api_key"), provider.api_key), *_headers(path, provider)):
        if is_broken_reference(text):
            what = f"{dotted(key)} is no reference to a variable."
            yield key, what, 'Write it like "${OPENAI_API_KEY}", with the name of the variable and nothing else.'


def _headers(path: Keys, provider: ProviderSettings) -> Iterator[tuple[Keys, str]]:
    for header, text in provider.headers.items():
        yield (*path, "headers", header), text
