"""`landbridge providers`: add, list, try and remove them; ask their models what they can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from . import show
from .context import AsJson, ConfigFile, Context, DataDir, load_context

if TYPE_CHECKING:
    from ..gateway.world import World
    from ..providers.probed import Probe
    from ..routing.target import Target
    from ..upstream.client import Client

providers = App(name="providers", help="Add, list, try and remove providers.", result_action="return_value")
MOST_NAMES = 5
"""Models of a list that are repeated in a message."""

for _name, _where, _help in (
    ("add", "provider_add:add", "Add a provider; asks what it needs to know."),
    ("list", "provider_list:list_providers", "List the providers, their keys and how they stand."),
    ("show", "provider_list:show_provider", "Show all that is known of a provider."),
    ("models", "provider_models:models", "List a provider's models, with limits, abilities and prices."),
    ("test", "provider_list:test", "Try a provider now."),
    ("key", "provider_add:key", "Give a provider another key."),
    ("enable", "provider_remove:enable", "Turn a provider on again."),
    ("disable", "provider_remove:disable", "Turn a provider off; its settings and key stay."),
    ("remove", "provider_remove:remove", "Remove a provider and its key."),
    ("presets", "provider_list:list_presets", "List the providers that are known beforehand."),
):
    providers.command(f"landbridge.cli.{_where}", name=_name, help=_help)


@providers.command
def probe(
    name: str = "",
    *,
    model: Annotated[str, Parameter(help="Only this model.")] = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Ask models small real questions: do they call tools, stream, see images, read PDFs, think, keep to a schema?

    The findings are kept in the data folder and heeded by the router; quirks in the settings win over them. The
    questions cost what they cost: eight short ones a model.

    Parameters
    ----------
    name
        The provider's name in the settings; without it, every provider whose models the settings name.
    """
    context = load_context(config, data_dir)
    probes = asyncio.run(_probe(context, _variables(context), name, model))
    if as_json:
        show.print_json(probes)
    elif probes:
        _print(probes)
    answered = [each for each in probes if each.findings["answers"].verdict == "yes"]
    return 0 if probes and len(answered) == len(probes) else show.FAILURE


def _variables(context: Context) -> Mapping[str, str]:
    from ..manage.provider_trial import variables

    return variables(context.config, context.data_dir)


async def _probe(context: Context, env: Mapping[str, str], name: str, model: str) -> list[Probe]:
    from ..gateway.probing import probe as ask
    from ..gateway.world import World
    from ..providers.probe import QUESTIONS
    from ..providers.probed import keep
    from ..upstream.client import Client

    world = World(context.config, env, tuple)
    client = Client()
    await client.start()
    found: list[Probe] = []
    try:
        for target in await _targets(client, world, name, model):
            show.say(f"asking {target.label} {len(QUESTIONS)} small questions")
            found.append(await ask(client, world, target))
            keep(context.data_dir, found[-1:])
    finally:
        await client.close()
    return found


async def _targets(client: Client, world: World, name: str, model: str) -> list[Target]:
    """The models to ask. Raises `ConfigFault` where they are not clear."""
    from ..errors import ConfigFault
    from ..gateway.listing import Listing
    from ..routing.names import Route

    if name in world.faults:
        raise world.faults[name]
    if name and name not in world.providers:
        known = ", ".join(world.config.providers) or "none"
        raise ConfigFault(f"There is no provider '{name}' in the settings.", remedy=f"There are: {known}.")
    if name:
        named = (model.removeprefix(f"{name}/"),) if model else world.providers[name].models
        if named is None:
            await Listing(client).refresh(world)
            named = world.listed.get(name, ())
            if len(named) != 1:
                few = ", ".join(named[:MOST_NAMES]) + (", ..." if len(named) > MOST_NAMES else "")
                listed = f"It lists {len(named)}: {few}." if named else "It lists none."
                raise ConfigFault(f"Which model of '{name}'? {listed}", remedy="Say it: --model NAME.")
        return [world.target(Route(name, each)) for each in named]
    if model:
        raise ConfigFault("--model needs the provider's name.", remedy="landbridge providers probe NAME --model MODEL")
    found = [
        world.target(Route(each.name, named))
        for each in world.providers.values()
        if not each.key_problem
        for named in each.models or ()
    ]
    if not found:
        raise ConfigFault(
            "No provider in the settings names its models.", remedy="landbridge providers probe NAME --model MODEL"
        )
    return found


def _print(probes: list[Probe]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..providers.probe import QUESTIONS

    console = Console()
    for each in probes:
        table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left", title_style="bold")
        table.title = f"{each.provider}/{each.model}"
        table.add_column("QUESTION", no_wrap=True)
        table.add_column("ANSWER", no_wrap=True)
        table.add_column("BECAUSE", overflow="fold")
        for question in QUESTIONS:
            finding = each.findings.get(question.name)
            if finding is not None:
                table.add_row(question.means, finding.verdict, Text(finding.why))
        for what, tokens in (("window", each.window), ("longest answer", each.output)):
            table.add_row(what, str(tokens) if tokens else "unsure", "tokens" if tokens else "")
        console.print(table)
        console.print()
