"""Providers tried: those of the settings, and those that are to be. What comes back holds no key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from ..config import Config
from ..config.masks import Masks
from ..gateway.checkup import Checkup, Tell, check, nobody
from ..gateway.world import World
from ..providers.references import read, references
from ..upstream.client import Client
from .provider_draft import Draft
from .providers import of_name


def variables(config: Config, data_dir: Path, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment's variables, and beside them the keys that `config` refers to elsewhere. Slow."""
    return {**env, **read(references(config), data_dir, env)}


def variables_of(draft: Draft, data_dir: Path, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The same for a provider that is to be: its key is not in the keychain yet. Slow."""
    held = {draft.reference: draft.key.reveal()} if draft.key else {}
    return {**env, **read(references(draft.config) - held.keys(), data_dir, env), **held}


async def tried(
    client: Client, config: Config, name: str, env: Mapping[str, str], model: str = "", tell: Tell = nobody
) -> Checkup:
    """What came of trying provider `name`, even one that is turned off; `env` holds variables and keys."""
    settings = replace(of_name(config, name), enabled=True)
    world = World(replace(config, providers={name: settings}), env, tuple)
    masks = _masks(world, name)
    found = await check(client, world, name, model, lambda step: tell(replace(step, words=masks.all(step.words))))
    return replace(found, problem=masks.all(found.problem), remedy=masks.all(found.remedy))


def _masks(world: World, name: str) -> Masks:
    """Of what the provider is sent: some repeat a key that they refuse."""
    provider = world.providers.get(name)
    secrets = [] if provider is None else [provider.key, *provider.headers.values()]
    texts = [secret.reveal() for secret in secrets]
    return Masks([*texts, *(part for text in texts for part in text.split(":"))])
