"""`landbridge providers list`, `show`, `presets` and `test`: which providers there are, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context

if TYPE_CHECKING:
    from ..config import Config
    from ..manage.router import Part


def list_providers(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """List the providers in the settings, whether their keys are set, and how they stand if the router runs."""
    from ..manage.provider_trial import variables
    from ..manage.providers import standings
    from .tables import print_table

    context = load_context(config, data_dir)
    rows = standings(context.config, variables(context.config, context.data_dir), _parts(context.config))
    if as_json:
        show.print_json(rows)
        return 0
    if not rows:
        show.say("there are no providers yet. Add one: landbridge providers add")
        return 0
    running = any(row.state for row in rows)
    print_table(
        ("NAME", "WHAT", "ADDRESS", "KEY", "MODELS", "STATE"),
        [
            (
                row.name,
                row.title,
                urlsplit(row.address).netloc or row.address,
                row.key,
                "asked" if row.models is None else str(len(row.models)),
                ("off" if not row.enabled else row.problem)
                or (f"{row.state}: {row.detail}" if row.detail else row.state)
                or "-",
            )
            for row in rows
        ],
        last=("STATE", "WHAT"),
    )
    if not running:
        show.say("no router runs that could say how they are; 'landbridge providers test NAME' tries one.")
    return 0


def show_provider(name: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show a provider: where it is, how it is spoken to, what is special about it, and its models if a router knows.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    from ..manage.provider_trial import variables
    from ..manage.providers import of_name, shown
    from ..providers.quirks import QUIRKS

    context = load_context(config, data_dir)
    of_name(context.config, name)
    found = shown(context.config, name, variables(context.config, context.data_dir), _parts(context.config))
    row = found.standing
    if as_json:
        show.print_json(found)
        return 0
    lines = {
        "provider": f"{name}: {row.title}",
        "speaks": row.dialect,
        "address": row.address,
        "key": row.key + (f" ({row.auth})" if row.auth != "none" else ""),
        "problem": f"{row.problem}. {row.remedy}" if row.problem else "",
        "state": f"{row.state} {row.detail}".strip(),
        "note": found.note,
        "keys are made at": found.keys_at,
        "models": f"it is asked: landbridge providers test {name}" if row.models is None else ", ".join(row.models),
        "quirks": "; ".join(f"{quirk}: {QUIRKS[quirk][0]}" for quirk in found.quirks if quirk in QUIRKS),
    }
    for what, text in lines.items():
        if text:
            print(f"{what:<17} {text}")
    return 0


def test(
    name: str,
    *,
    model: Annotated[str, Parameter(help="Ask this model for a word, too.")] = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Try a provider now: is it there, does it take the key, which models has it? Without the router.

    Parameters
    ----------
    name
        Its name in the settings.
    """
    from ..manage.provider_trial import variables
    from ..manage.providers import of_name
    from . import provider_trial

    context = load_context(config, data_dir)
    of_name(context.config, name)
    found = provider_trial.tried(context.config, name, variables(context.config, context.data_dir), model)
    if as_json:
        show.print_json(found)
    else:
        provider_trial.say(found)
        for each in found.models:
            print(f"{name}/{each}")
    return 0 if found.ok else show.FAILURE


def list_presets(*, as_json: AsJson = False) -> int:
    """List the presets: providers of which address, dialect and key are known."""
    from ..manage.providers import key_of_preset
    from ..providers.presets import presets
    from .tables import print_table

    if as_json:
        show.print_json(presets())
        return 0
    print_table(
        ("PRESET", "PROVIDER", "KEY"),
        [(name, row.title, key_of_preset(row)) for name, row in presets().items()],
        last=("PROVIDER", "KEY"),
    )
    return 0


def _parts(config: Config) -> Mapping[str, Part]:
    """What a running router says of its parts; nothing where none runs."""
    from ..errors import ConfigFault
    from ..manage import router

    try:
        health = router.probe(router.url_of(config.listeners.router)).health
    except ConfigFault:
        return {}
    return health.parts if health is not None else {}
