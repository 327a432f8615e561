"""A provider as it would stand in the settings: from flags, and from questions where flags are missing.

The key is never part of what is written: it goes to the keychain, or a variable is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..config import Config, Secret
from ..errors import ConfigFault
from ..providers.addresses import EXAMPLES
from ..providers.presets import Preset, preset_of, presets
from . import ask, show

COMPATIBLE = {
    "openai_chat": "other: OpenAI Chat Completions",
    "openai_responses": "other: OpenAI Responses",
    "anthropic": "other: Anthropic Messages",
    "gemini": "other: Gemini API",
}
"""Dialects that any address may speak."""
CELL = 38
"""Signs of one of two columns: so 40 rows fit a terminal of 80 by 24."""
NO_KEY = "Say --api-key-env VARIABLE, or --api-key-stdin and write it to the command's input."
_HOW_TO_ADDRESS = {
    "anthropic": "Address, without /v1 (for example https://llm.example)",
    "gemini": "Address (for example https://llm.example/v1beta)",
}


class Wish(Struct, frozen=True):
    """What the command line says."""

    name: str = ""
    preset: str = ""
    base_url: str = ""
    dialect: str = ""
    api_key_env: str = ""
    api_key_stdin: bool = False
    models: tuple[str, ...] = ()
    place: Mapping[str, str] = {}
    asks: bool = False
    """Whether somebody sits there who can be asked."""


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


def drafted(wish: Wish, known: Config) -> Draft:
    """The provider that is wished for. Raises `ConfigFault` for what is missing where nobody can be asked."""
    wish = _kind(wish)
    draft = Draft(_name(wish, known), {})
    if wish.preset:
        preset_of(wish.name or wish.preset, wish.preset)
        draft.settings["preset"] = wish.preset
    if wish.dialect:
        draft.settings["dialect"] = wish.dialect
    if wish.base_url or not draft.preset.base_url:
        draft.settings["base_url"] = wish.base_url or _address(wish)
    if draft.preset.note:
        show.say(draft.preset.note)
    if place := _place(wish, draft):
        draft.settings["place"] = place
    draft = _with_key(wish, draft)
    if wish.models:
        draft.settings["models"] = list(wish.models)
    elif wish.asks and not draft.preset.lists:
        draft = with_models(draft)
    return draft


def _kind(wish: Wish) -> Wish:
    """Which preset, or which dialect of an address."""
    if wish.preset or wish.dialect:
        return wish
    if wish.name in presets():
        return replace(wish, preset=wish.name)
    if wish.base_url:
        if not wish.asks:
            raise ConfigFault(
                "What does that address speak?", remedy="Say --dialect (or --preset): " + ", ".join(COMPATIBLE) + "."
            )
        return replace(wish, dialect=_one_dialect())
    if not wish.asks:
        raise ConfigFault(
            "Which provider?", remedy="Say --preset NAME ('landbridge providers presets' lists them), or --base-url."
        )
    names = [*presets(), *(f"other-{dialect}" for dialect in COMPATIBLE)]
    titles = [*(row.title for row in presets().values()), *COMPATIBLE.values()]
    _offer(titles)
    chosen = names[ask.one("Which one? Number or name:", names)]
    if chosen in presets():
        return replace(wish, preset=chosen)
    return replace(wish, dialect=chosen.removeprefix("other-"))


def _offer(titles: Sequence[str]) -> None:
    """Numbered titles, in two columns where they are many."""
    cells = [f"{number:3}  {title}" for number, title in enumerate(titles, 1)]
    half = len(cells) if len(cells) < 10 else (len(cells) + 1) // 2
    for left, right in zip_longest(cells[:half], cells[half:], fillvalue=""):
        print(f"{left:<{CELL}}  {right}".rstrip(), file=sys.stderr)


def _one_dialect() -> str:
    names = list(COMPATIBLE)
    _offer(list(COMPATIBLE.values()))
    return names[ask.one("What does it speak? Number or name:", names)]


def _name(wish: Wish, known: Config) -> str:
    name = wish.name or wish.preset
    while not name or name in known.providers:
        taken = f"There is a provider '{name}' already." if name else "The provider needs a name."
        if not wish.asks:
            change = f"landbridge providers key {name} changes its key; else choose another name."
            raise ConfigFault(taken, remedy=change if name else "landbridge providers add NAME ...")
        if name:
            show.say(taken)
        name = ask.line("Name in the settings (its models will be called NAME/model)")
    return name


def _address(wish: Wish) -> str:
    if not wish.asks:
        raise ConfigFault("Where is it?", remedy="Say --base-url URL.")
    return ask.line(_HOW_TO_ADDRESS.get(wish.dialect, "Address (for example https://llm.example/v1)"))


def _place(wish: Wish, draft: Draft) -> dict[str, str]:
    """What the address leaves open, where neither the machine nor the preset says it."""
    found = dict(wish.place)
    own_address = "base_url" in draft.settings
    for key, usual in draft.preset.place.items():
        default = next((text for each in usual if (text := each[1:] if each[0] == "=" else os.environ.get(each))), "")
        if key in found or own_address or (default and not wish.asks):
            continue
        if not wish.asks:
            raise ConfigFault(f"Which {key}?", remedy=f"Say --{key} (for example {EXAMPLES.get(key, '...')}).")
        also = f"also {', '.join(draft.preset.base_urls)}" if draft.preset.base_urls else ""
        hint = also if default else f"for example {EXAMPLES.get(key, '...')}"
        typed = ask.line(f"{key.capitalize()} ({hint})" if hint else key.capitalize(), default)
        if typed != default or f"={default}" not in usual:
            found[key] = typed
    return {key: text for key, text in found.items() if text}


# -- its key -----------------------------------------------------------------------------------------------------------


def _with_key(wish: Wish, draft: Draft) -> Draft:
    preset = draft.preset
    if wish.api_key_env:
        draft.settings["api_key"] = f"${{{wish.api_key_env}}}"
        return draft
    if wish.api_key_stdin:
        if not (key := sys.stdin.read().strip()):
            raise ConfigFault("No key came from the command's input.", remedy=NO_KEY)
        return replace(draft, key=Secret(key))
    if wish.asks:
        return ask_key(draft)
    set_here = preset.key and all(os.environ.get(name) for name in preset.key.split(":"))
    if preset.key and not set_here and not preset.without_key:
        raise ConfigFault(f"{draft.name} needs a key, and {preset.key.replace(':', ' or ')} is not set.", remedy=NO_KEY)
    return draft


def ask_key(draft: Draft) -> Draft:
    """With the key that is typed, or what stands for one."""
    preset = draft.preset
    rest = {name: value for name, value in draft.settings.items() if name != "api_key"}
    draft = Draft(draft.name, rest, entry=draft.entry)
    if preset.keys_at:
        show.say(f"keys are made at {preset.keys_at}")
    if preset.auth == "google":
        path = ask.line("Key file of a service account (empty: what 'gcloud auth application-default login' left)")
        return replace(draft, settings={**draft.settings, "api_key": f"file:{path}"}) if path else draft
    if preset.auth == "backendai":
        access = ask.line("Access key (empty: the variables BACKEND_ACCESS_KEY and BACKEND_SECRET_KEY)")
        return replace(draft, key=Secret(f"{access}:{ask.hidden('Secret key (hidden)')}")) if access else draft
    return replace(draft, key=Secret(ask.hidden(f"Key (hidden; empty: {_without(preset)})")))


def _without(preset: Preset) -> str:
    """What an empty key means."""
    if not preset.key:
        return "none"
    here = "is set here" if os.environ.get(preset.key) else "is not set here"
    variable = f"the variable {preset.key}, which {here}"
    return f"{variable}, else credentials of AWS" if preset.without_key == "aws" else variable


def with_models(draft: Draft) -> Draft:
    """With the models that are typed."""
    typed = ask.line("Models that it has, as it calls them, with spaces between (empty: ask for any)")
    names = typed.replace(",", " ").split()
    settings = {name: value for name, value in draft.settings.items() if name != "models"}
    return replace(draft, settings={**settings, "models": names} if names else settings)


def with_address(draft: Draft) -> Draft:
    """With the address that is typed."""
    typed = ask.line("Address", draft.settings.get("base_url", draft.preset.base_url))
    return replace(draft, settings={**draft.settings, "base_url": typed})
