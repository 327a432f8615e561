"""`landbridge providers list`, `show`, `presets` and `test`: which providers there are, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from cyclopts import Parameter
from msgspec import Struct

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context

if TYPE_CHECKING:
    from ..config import Config, ProviderSettings
    from ..manage.router import Part
    from ..manage.settings_file import SettingsFile
    from ..providers.presets import Preset


class Standing(Struct, frozen=True):
    """One provider."""

    name: str
    title: str
    dialect: str
    address: str
    auth: str
    key: str
    """Where its key comes from."""
    problem: str
    """Why it cannot be used, as far as the settings tell."""
    remedy: str
    models: list[str] | None
    """None: it is asked."""
    state: str
    """What a running router says of it; empty where none runs."""
    detail: str = ""


def list_providers(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """List the providers in the settings, whether their keys are set, and how they stand if the router runs."""
    from .provider_trial import variables
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
                row.problem or (f"{row.state}: {row.detail}" if row.detail else row.state) or "-",
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
    from ..providers.quirks import QUIRKS
    from ..providers.table import presets
    from .provider_trial import variables

    context = load_context(config, data_dir)
    settings = of_name(context.config, name)
    only = {name: settings}
    row = standings(context.config, variables(context.config, context.data_dir), _parts(context.config), only)[0]
    preset = presets().get(settings.preset)
    quirks = [*(preset.quirks if preset is not None else ()), *settings.quirks]
    if as_json:
        show.print_json({"standing": row, "quirks": quirks, "settings": dict(settings.__rich_repr__())})
        return 0
    lines = {
        "provider": f"{name}: {row.title}",
        "speaks": row.dialect,
        "address": row.address,
        "key": row.key + (f" ({row.auth})" if row.auth != "none" else ""),
        "problem": f"{row.problem}. {row.remedy}" if row.problem else "",
        "state": f"{row.state} {row.detail}".strip(),
        "note": preset.note if preset is not None else "",
        "keys are made at": preset.keys_at if preset is not None else "",
        "models": f"it is asked: landbridge providers test {name}" if row.models is None else ", ".join(row.models),
        "quirks": "; ".join(f"{quirk}: {QUIRKS[quirk][0]}" for quirk in quirks if quirk in QUIRKS),
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
    from . import provider_trial

    context = load_context(config, data_dir)
    of_name(context.config, name)
    found = provider_trial.tried(
        context.config, name, provider_trial.variables(context.config, context.data_dir), model
    )
    if as_json:
        show.print_json(found)
    else:
        provider_trial.say(found)
        for each in found.models:
            print(f"{name}/{each}")
    return 0 if found.ok else show.FAILURE


def list_presets(*, as_json: AsJson = False) -> int:
    """List the presets: providers of which address, dialect and key are known."""
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


def key_of_preset(row: Preset) -> str:
    """What a preset wants for a key, in a word or two."""
    usual = row.key.replace(":", " and ")
    return "Google's credentials" if row.auth == "google" else usual or "none needed"


# -- facts -------------------------------------------------------------------------------------------------------------


def standings(
    config: Config,
    env: Mapping[str, str],
    parts: Mapping[str, Part],
    only: Mapping[str, ProviderSettings] | None = None,
) -> list[Standing]:
    """How providers stand: `env` holds variables and keys, `parts` what a running router says."""
    return [_standing(name, each, env, parts) for name, each in (config.providers if only is None else only).items()]


def _standing(name: str, settings: ProviderSettings, env: Mapping[str, str], parts: Mapping[str, Part]) -> Standing:
    from ..errors import ConfigFault
    from ..providers.table import presets, resolve

    preset = presets().get(settings.preset)
    title = preset.title if preset is not None else settings.preset or "an address of your own"
    state, detail = _state(name, parts)
    try:
        provider = resolve(name, settings, env)
    except ConfigFault as fault:
        words = fault.message.removeprefix(f"Provider '{name}': ").rstrip(".")
        key = key_source(settings, "")
        return Standing(
            name, title, settings.dialect, "-", "", key, words, fault.remedy, settings.models, state, detail
        )
    models = list(provider.models) if provider.models is not None else None
    usual = preset.key.replace(":", " and ") if preset is not None and not provider.keys else ""
    key = key_source(settings, usual, provider.auth)
    problem, remedy = provider.key_problem, provider.key_remedy
    return Standing(
        name, title, provider.dialect, provider.base_url, provider.auth, key, problem, remedy, models, state, detail
    )


def _state(name: str, parts: Mapping[str, Part]) -> tuple[str, str]:
    """What the router says of a provider, and of those of its models that are left alone for a while."""
    part, before = parts.get(f"provider {name}"), f"target {name}/"
    if part is None:
        return "", ""
    resting = [
        f"{label.removeprefix('target ')}: {each.detail}" for label, each in parts.items() if label.startswith(before)
    ]
    return ("resting", "; ".join(resting)) if resting and part.status == "ok" else (part.status, part.detail)


def key_source(settings: ProviderSettings, usual: str, auth: str = "") -> str:
    """Where the key comes from, in a word or two; never the key. `usual`: a preset's own variable."""
    from ..config.secret import references
    from ..providers.credentials import CREDENTIALS

    text = settings.api_key.strip()
    if text.startswith("keyring:"):
        return "keychain"
    if text.startswith("file:"):
        return "file"
    if named := references(text):
        return f"variable {', '.join(named)}"
    if text:
        return "in the settings"
    if CREDENTIALS & {header.lower() for header in settings.headers}:
        return "header"
    if settings.auth == "none":
        return "none"
    found = {"google": "Google's credentials", "aws": "AWS's credentials"}.get(auth)
    return found or (f"variable {usual}" if usual else "none")


def of_name(config: Config, name: str) -> ProviderSettings:
    """The settings of a provider. Raises `ConfigFault` for one there is not."""
    from ..errors import ConfigFault

    if name not in config.providers:
        known = ", ".join(config.providers) or "none"
        raise ConfigFault(f"There is no provider '{name}' in the settings.", remedy=f"There are: {known}.")
    return config.providers[name]


def stood(config: Config, file: SettingsFile, name: str) -> dict[str, Any]:
    """What stands under the provider's name in the file itself. Raises `ConfigFault` where it does not stand there."""
    import tomllib

    from ..errors import ConfigFault

    of_name(config, name)
    found = tomllib.loads(file.text).get("providers", {}).get(name)
    if not isinstance(found, dict):
        raise ConfigFault(
            f"Provider '{name}' does not stand in {file.path}.", remedy="Variables make it; change those."
        )
    return found


def _parts(config: Config) -> Mapping[str, Part]:
    """What a running router says of its parts; nothing where none runs."""
    from ..errors import ConfigFault
    from ..manage import router

    try:
        health = router.probe(router.url_of(config.listeners.router)).health
    except ConfigFault:
        return {}
    return health.parts if health is not None else {}
