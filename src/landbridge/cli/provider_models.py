"""`landbridge providers models`: what is known of a provider's models, as the dashboard shows it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, Context, DataDir, load_context

if TYPE_CHECKING:
    from ..manage.provider_models import Able, ProviderModel


def models(
    name: str,
    *,
    find: Annotated[str, Parameter(help="Only those with these letters in their name.")] = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """List a provider's models: what they hold, what they can do, and what they cost, where that is known.

    It is asked for them, unless the settings name them. Prices are in dollars for a million tokens.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    from .tables import print_table

    context = load_context(config, data_dir)
    found = [each for each in asyncio.run(_models(context, name)) if find.lower() in each.name.lower()]
    if as_json:
        show.print_json(found)
    elif found:
        print_table(
            ("MODEL", "CONTEXT", "ANSWER", "PICTURES", "TOOLS", "THINKS", "IN", "OUT"),
            [
                (
                    each.name,
                    _number(each.window),
                    _number(each.output),
                    _able(each.images),
                    _able(each.tools),
                    "?" if each.thinks == "assumed" else each.thinks,
                    f"{each.price.input:g}" if each.price is not None else "-",
                    f"{each.price.output:g}" if each.price is not None else "-",
                )
                for each in found
            ],
            numbers=("CONTEXT", "ANSWER", "IN", "OUT"),
            last=("MODEL",),
        )
    else:
        show.say(f"{name} names no model{f' with {find} in it' if find else ''}.")
    return 0 if found else show.FAILURE


async def _models(context: Context, name: str) -> list[ProviderModel]:
    """Raises `GatewayError` for what keeps them from being known."""
    from msgspec.structs import replace

    from ..gateway.listing import Listing
    from ..gateway.world import World
    from ..manage.provider_models import models_of
    from ..manage.provider_trial import variables
    from ..manage.providers import of_name
    from ..providers import probed
    from ..upstream.client import Client

    config = context.config
    only = replace(config, providers={name: replace(of_name(config, name), enabled=True)})
    probes = probed.load(context.data_dir)
    world = World(only, variables(only, context.data_dir), tuple, probes)
    if (fault := world.faults.get(name)) is not None:
        raise fault
    client = Client()
    await client.start()
    try:
        await Listing(client).refresh(world)
    finally:
        await client.close()
    provider = world.providers[name]
    if (silent := world.silent.get(name)) is not None:
        raise silent
    named = provider.models if provider.models is not None else world.listed.get(name, ())
    return models_of(provider, named, probes, config.prices, time.time())


def _number(tokens: int | None) -> str:
    return "-" if tokens is None else f"{tokens:,}"


def _able(able: Able) -> str:
    return "?" if able == "assumed" else able
