"""A provider as it would stand in the settings: from flags, and from questions where flags are missing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from ..config import Config, Secret
from ..errors import ConfigFault
from ..manage import provider_draft
from ..manage.provider_draft import Draft, New
from ..manage.provider_presets import ADDRESS, ADDRESSES, COMPATIBLE, default_of
from ..providers.addresses import EXAMPLES
from ..providers.presets import Preset, preset_of, presets
from . import ask, show

_OTHERS = [f"other: {title}" for title in COMPATIBLE.values()]
CELL = 38
"""Signs of one of two columns: so 40 rows fit a terminal of 80 by 24."""
NO_KEY = "Say --api-key-env VARIABLE, or --api-key-stdin and write it to the command's input."


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


def drafted(wish: Wish, known: Config) -> Draft:
    """The provider that is wished for. Raises `ConfigFault` for what is missing where nobody can be asked."""
    if wish.asks:
        wish = _asked(wish, known)
    key = Secret(sys.stdin.read().strip()) if wish.api_key_stdin else Secret()
    if wish.api_key_stdin and not key:
        raise ConfigFault("No key came from the command's input.", remedy=NO_KEY)
    key_from = f"${{{wish.api_key_env}}}" if wish.api_key_env else ""
    new = New(wish.name, wish.preset, wish.base_url, wish.dialect, wish.place, wish.models, key, key_from)
    try:
        draft = provider_draft.drafted(new, known, os.environ, keyless=wish.asks)
    except ConfigFault as fault:
        raise ConfigFault(fault.message, remedy=_flag(fault, wish)) from None
    if draft.preset.note and not wish.asks:
        show.say(draft.preset.note)
    if wish.asks and not (key or key_from):
        draft = ask_key(draft)
    if wish.asks and not wish.models and not draft.preset.lists:
        draft = with_models(draft)
    return draft


def _flag(fault: ConfigFault, wish: Wish) -> str:
    """How to say on the command line what is missing."""
    if fault.param.startswith("place."):
        return f"Say --{fault.param.removeprefix('place.')} ({fault.remedy[0].lower()}{fault.remedy[1:].rstrip('.')})."
    name = wish.name or wish.preset
    return {
        "kind": "Say --preset NAME ('landbridge providers presets' lists them), or --base-url.",
        "dialect": f"Say --dialect (or --preset): {', '.join(COMPATIBLE)}.",
        "base_url": "Say --base-url URL.",
        "name": "landbridge providers add NAME ...",
        "taken": f"landbridge providers key {name} changes its key; else choose another name.",
        "key": NO_KEY,
    }.get(fault.param, fault.remedy)


# -- questions ---------------------------------------------------------------------------------------------------------


def _asked(wish: Wish, known: Config) -> Wish:
    """With what somebody has been asked for."""
    wish = _kind(wish)
    wish = replace(wish, name=_name(wish, known))
    preset = preset_of(wish.name, wish.preset)
    if not wish.base_url and not preset.base_url:
        how = f"Address, without /v1 (for example {ADDRESSES['anthropic']})"
        usual = f"Address (for example {ADDRESSES.get(wish.dialect, ADDRESS)})"
        wish = replace(wish, base_url=ask.line(how if wish.dialect == "anthropic" else usual))
    if preset.note:
        show.say(preset.note)
    return replace(wish, place=_place(wish, preset))


def _kind(wish: Wish) -> Wish:
    """Which preset, or which dialect of an address."""
    if wish.preset or wish.dialect:
        return wish
    if wish.name in presets():
        return replace(wish, preset=wish.name)
    if wish.base_url:
        return replace(wish, dialect=_one_dialect())
    names = [*presets(), *(f"other-{dialect}" for dialect in COMPATIBLE)]
    titles = [*(row.title for row in presets().values()), *_OTHERS]
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
    _offer(_OTHERS)
    return names[ask.one("What does it speak? Number or name:", names)]


def _name(wish: Wish, known: Config) -> str:
    name = wish.name or wish.preset
    while not name or name in known.providers:
        if name:
            show.say(f"There is a provider '{name}' already.")
        name = ask.line("Name in the settings (its models will be called NAME/model)")
    return name


def _place(wish: Wish, preset: Preset) -> dict[str, str]:
    """What the address leaves open."""
    found = dict(wish.place)
    for key, usual in preset.place.items() if not wish.base_url else ():
        if key in found:
            continue
        default = default_of(usual, os.environ)
        also = f"also {', '.join(preset.base_urls)}" if preset.base_urls else ""
        hint = also if default else f"for example {EXAMPLES.get(key, '...')}"
        typed = ask.line(f"{key.capitalize()} ({hint})" if hint else key.capitalize(), default)
        if typed != default or f"={default}" not in usual:
            found[key] = typed
    return found


# -- its key -----------------------------------------------------------------------------------------------------------


def ask_key(draft: Draft) -> Draft:
    """With the key that is typed, or what stands for one."""
    preset = draft.preset
    draft = draft.with_key(Secret())
    if preset.keys_at:
        show.say(f"keys are made at {preset.keys_at}")
    if preset.auth == "google":
        path = ask.line("Key file of a service account (empty: what 'gcloud auth application-default login' left)")
        return draft.with_key(Secret(), f"file:{path}") if path else draft
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
