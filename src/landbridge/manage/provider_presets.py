"""What a provider can be made from: presets by their kind, and addresses that speak a known API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from ..access.hosts import is_loopback
from ..providers.addresses import EXAMPLES
from ..providers.presets import Preset, presets
from .providers import key_of_preset

COMPATIBLE = {
    "openai_chat": "OpenAI Chat Completions",
    "openai_responses": "OpenAI Responses",
    "anthropic": "Anthropic Messages",
    "gemini": "Gemini API",
}
"""Dialects that any address may speak."""
ADDRESSES = {"anthropic": "https://llm.example", "gemini": "https://llm.example/v1beta"}
"""Examples of addresses, where they do not end in `/v1`."""
ADDRESS = "https://llm.example/v1"

Group = Literal["cloud", "local", "compatible"]


class Blank(Struct, frozen=True):
    """Something that an address leaves open."""

    name: str
    """`region`, `project`, `resource`."""
    default: str = ""
    """What holds where nobody says it: by the variables where the router runs, or always."""
    example: str = ""
    others: list[str] = []
    """Values that have an address of their own."""


class Offer(Struct, frozen=True, kw_only=True):
    """One kind of provider that can be added."""

    preset: str
    """Empty: any address that speaks `dialect`."""
    title: str
    group: Group
    dialect: str
    base_url: str
    """Empty: only who has one knows."""
    example: str = ""
    """An address, where it is to be typed."""
    place: list[Blank] = []
    key: str = ""
    """What it wants for a key, in a word or two."""
    variables: list[str] = []
    """The usual ones for it."""
    variables_set: bool = False
    """Whether they are set where the router runs."""
    auth: str = ""
    needs_key: bool = False
    """Whether nothing works without one."""
    keys_at: str = ""
    """Where it is made."""
    note: str = ""
    """What people should know who choose it."""
    lists: bool = True
    """Whether it says which models it has."""


def offers(env: Mapping[str, str]) -> list[Offer]:
    """All there are: presets as they stand, then the dialects of other addresses."""
    found = [_offer(name, preset, env) for name, preset in presets().items()]
    return found + [
        Offer(
            preset="",
            title=title,
            group="compatible",
            dialect=dialect,
            base_url="",
            example=ADDRESSES.get(dialect, ADDRESS),
            key="if it wants one",
        )
        for dialect, title in COMPATIBLE.items()
    ]


def default_of(usual: tuple[str, ...], env: Mapping[str, str]) -> str:
    """What holds for a blank where nobody says it; `=global` among `usual` stands for itself."""
    return next((text for each in usual if (text := each[1:] if each[0] == "=" else env.get(each, ""))), "")


def _offer(name: str, preset: Preset, env: Mapping[str, str]) -> Offer:
    variables = [each for each in preset.key.split(":") if each]
    return Offer(
        preset=name,
        title=preset.title,
        group="local" if is_loopback(urlsplit(preset.base_url).hostname or "-") else "cloud",
        dialect=preset.dialect,
        base_url=preset.base_url,
        example="" if preset.base_url else ADDRESSES.get(preset.dialect, ADDRESS),
        place=[
            Blank(key, default_of(usual, env), EXAMPLES.get(key, ""), list(preset.base_urls) if key == "region" else [])
            for key, usual in preset.place.items()
        ],
        key=key_of_preset(preset),
        variables=variables,
        variables_set=bool(variables) and all(env.get(each) for each in variables),
        auth=preset.auth,
        needs_key=bool(preset.key) and not preset.without_key,
        keys_at=preset.keys_at,
        note=preset.note,
        lists=preset.lists,
    )
