"""Providers tried from the command line, and what came of it in words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ..config import Config
from ..gateway.checkup import Checkup
from ..manage import provider_trial
from ..upstream.client import Client
from . import show

MOST = 40
"""Models that are shown; more would push what matters off the screen."""


def tried(config: Config, name: str, env: Mapping[str, str], model: str = "") -> Checkup:
    """What came of trying provider `name`."""
    return asyncio.run(_tried(config, name, env, model))


async def _tried(config: Config, name: str, env: Mapping[str, str], model: str) -> Checkup:
    client = Client()
    await client.start()
    try:
        return await provider_trial.tried(client, config, name, env, model)
    finally:
        await client.close()


def say(found: Checkup) -> None:
    """Tell the user."""
    many = f"lists {len(found.models)} model{'s' if len(found.models) != 1 else ''}"
    if not found.ok:
        show.say(f"{found.provider} does not work: {found.problem} {found.remedy}".rstrip())
    elif found.proof == "answer":
        listed = f"; it {many}" if found.listed else ""
        show.say(f"{found.provider} works: {found.asked} answered{listed}.")
    elif found.problem:
        show.say(f"{found.provider} {many}; whether it takes the key is not sure: {found.problem} {found.remedy}")
    else:
        show.say(f"{found.provider} works: it {'' if found.keyless else 'takes the key and '}{many}.")


def print_models(found: Checkup) -> None:
    """The names of its models as clients say them."""
    shown = found.models if len(found.models) <= MOST else found.models[: MOST - 1]
    for model in shown:
        print(f"{found.provider}/{model}")
    if len(shown) < len(found.models):
        show.say(f"and {len(found.models) - len(shown)} more: landbridge providers test {found.provider}")
