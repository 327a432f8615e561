"""`landbridge providers add` and `key`: a provider in the settings, its key in the keychain, both tried at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from . import ask, show
from .context import AsJson, ConfigFile, DataDir

if TYPE_CHECKING:
    from ..gateway.checkup import Checkup
    from ..manage.provider_change import Saved
    from ..manage.provider_draft import Draft
    from ..manage.settings_file import SettingsFile

FromVariable = Annotated[str, Parameter(help="Variable that holds the key where the router runs.")]
FromInput = Annotated[bool, Parameter(help="Read the key from the command's input and keep it.", negative=())]
Yes = Annotated[bool, Parameter(help="Ask nothing, and keep what does not work, too.", negative=())]


@Parameter(name="*")
@dataclass(frozen=True)
class Said:
    """What the command line says of a provider; the rest is asked for."""

    preset: Annotated[str, Parameter(help="What is known beforehand ('landbridge providers presets').")] = ""
    base_url: Annotated[str, Parameter(help="Its address, for what no preset knows.")] = ""
    dialect: Annotated[
        str, Parameter(help="What it speaks there: openai_chat, openai_responses, anthropic or gemini.")
    ] = ""
    api_key_env: FromVariable = ""
    api_key_stdin: FromInput = False
    models: Annotated[
        tuple[str, ...], Parameter(consume_multiple=True, negative=(), help="Its models; leave out to ask it.")
    ] = ()
    region: Annotated[str, Parameter(help="For clouds that have regions.")] = ""
    project: Annotated[str, Parameter(help="The project at Google.")] = ""
    resource: Annotated[str, Parameter(help="The resource at Azure.")] = ""

    @property
    def place(self) -> dict[str, str]:
        """What an address leaves open."""
        said = {"region": self.region, "project": self.project, "resource": self.resource}
        return {key: text for key, text in said.items() if text}


def add(
    name: str = "",
    *,
    said: Said = Said(),
    yes: Yes = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Add a provider: its key goes to the system's keychain and is tried at once. Asks for what is not said.

    Parameters
    ----------
    name
        Its name in the settings; its models are called NAME/model. The preset's name, if left out.
    """
    from ..manage import provider_change
    from ..manage.providers import settings_of
    from ..manage.settings_file import command
    from .provider_draft import Wish, drafted
    from .settings_change import settings_file

    file = settings_file(config, data_dir)
    wish = Wish(
        name=name,
        preset=said.preset,
        base_url=said.base_url,
        dialect=said.dialect,
        api_key_env=said.api_key_env,
        api_key_stdin=said.api_key_stdin,
        models=said.models,
        place=said.place,
        asks=_asks(yes, as_json),
    )
    draft = drafted(wish, settings_of(file))
    draft, found, keep = _until_it_works(draft, file.data_dir, asks=wish.asks)
    if not (found.ok or keep or yes):
        _finish(found, as_json, saved=False)
        return show.FAILURE
    where = _told(file, provider_change.add(file, draft, command("providers", "add", draft.name)))
    if not as_json:
        show.say(f"saved as [providers.{draft.name}] in {file.path}{where}. A running router takes it up by itself.")
    _finish(found, as_json, saved=True)
    if found.ok and found.models and not as_json:
        show.say(f"try: landbridge launch claude --model {draft.name}/{found.asked or found.models[0]}")
    return 0 if found.ok else show.FAILURE


def key(
    name: str,
    *,
    api_key_env: FromVariable = "",
    api_key_stdin: FromInput = False,
    yes: Yes = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Give a provider another key, tried before it takes the place of the old one.

    Parameters
    ----------
    name
        The provider's name in the settings.
    """
    import sys

    from ..config import Secret
    from ..errors import ConfigFault
    from ..manage import provider_change
    from ..manage.settings_file import command
    from .provider_draft import NO_KEY, ask_key
    from .settings_change import settings_file

    file = settings_file(config, data_dir)
    plain = draft = provider_change.draft_of(file, name)
    asks = _asks(yes, as_json)
    if api_key_env:
        draft = plain.with_key(Secret(), f"${{{api_key_env}}}")
    elif api_key_stdin:
        draft = plain.with_key(Secret(sys.stdin.read().strip()))
    elif asks:
        draft = ask_key(plain)
    if draft == plain:
        raise ConfigFault("No key was given.", remedy=NO_KEY)
    draft, found, keep = _until_it_works(draft, file.data_dir, asks=asks)
    if not (found.ok or keep or yes):
        show.say("the key was not changed.")
        _finish(found, as_json, saved=False)
        return show.FAILURE
    where = _told(file, provider_change.rekey(file, draft, command("providers", "key", name)))
    if not as_json:
        show.say(f"{name} has another key now{where}. A running router takes it up by itself.")
    _finish(found, as_json, saved=True, models=False)
    return 0 if found.ok else show.FAILURE


def _asks(yes: bool, as_json: bool) -> bool:
    return ask.somebody() and not yes and not as_json


# -- trying ------------------------------------------------------------------------------------------------------------


def _until_it_works(draft: Draft, data_dir: Path, *, asks: bool) -> tuple[Draft, Checkup, bool]:
    """The provider as it works, or as somebody gives up; and whether it is to be kept all the same."""
    from . import provider_trial

    while True:
        show.say(f"trying {draft.name} ...")
        found = _try(draft, data_dir)
        provider_trial.say(found)
        if found.ok or not asks:
            return draft, found, False
        mended = _mended(draft, found)
        if mended is None:
            return draft, found, False
        if mended is draft:
            return draft, found, True
        draft = mended


def _try(draft: Draft, data_dir: Path) -> Checkup:
    from ..manage.provider_trial import variables_of
    from . import provider_trial

    return provider_trial.tried(draft.config, draft.name, variables_of(draft, data_dir))


def _mended(draft: Draft, found: Checkup) -> Draft | None:
    """As somebody has mended it; itself to keep it as it is, None to give up."""
    from .provider_draft import ask_key, with_address, with_models

    choices = ["key", "address", "models", "keep", "quit"]
    usual = "key" if found.status in (401, 403) else "quit"
    question = "Another key, another address, other models, keep it as it is, or quit?"
    chosen = choices[ask.one(f"{question} key/address/models/keep/quit [{usual}]:", choices, choices.index(usual))]
    match chosen:
        case "key":
            return ask_key(draft)
        case "address":
            return with_address(draft)
        case "models":
            return with_models(draft)
    return draft if chosen == "keep" else None


# -- saving ------------------------------------------------------------------------------------------------------------


def _told(file: SettingsFile, saved: Saved) -> str:
    """Say what did not go well; gives where the key is."""
    from .settings_change import say_notes

    if saved.written is not None:
        say_notes(file, saved.written)
    return f", its key in {saved.kept_in}" if saved.kept_in else ""


def _finish(found: Checkup, as_json: bool, *, saved: bool, models: bool = True) -> None:
    from msgspec.structs import asdict

    from . import provider_trial

    if as_json:
        show.print_json({**asdict(found), "saved": saved})
    elif models and found.ok:
        provider_trial.print_models(found)
    elif not saved and not found.ok:
        show.say("nothing was saved.")
