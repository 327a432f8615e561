"""`landbridge import FILE`: the settings of another program as settings of this one, with what could not be carried."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from ..config.imports import TITLES, Imported, Known, Note
from ..errors import ConfigFault
from . import show
from .context import AsJson, ConfigFile, DataDir

Kind = Literal["litellm", "ccr", "continuum", "llama-swap"]
MOST_BYTES = 10 * 1024 * 1024
SQLITE = b"SQLite format 3\x00"
NAMED = ("providers", "models", "routes", "prices")
"""Sections with names of the user's own: one that is there already is left as it is."""


def import_settings(
    file: Path,
    *,
    from_: Annotated[Kind | None, Parameter(name="--from")] = None,
    write: Annotated[bool, Parameter(negative=())] = False,
    replace: Annotated[bool, Parameter(negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Read the settings of LiteLLM, claude-code-router, Continuum Router or llama-swap, and print them as ours.

    What could not be carried is named, key by key, with the reason. Nothing is changed without --write.

    Parameters
    ----------
    file
        The other program's file: config.yaml or config.json.
    from_
        Whose file it is; left out: it is seen from its content.
    write
        Merge it into the settings file. What is there already stays; a version of it is kept before.
    replace
        With --write: what is there already gives way.
    """
    from ..config.imports import convert, detect

    path = file.expanduser()
    document = read_document(path)
    kind = from_ or detect(document)
    if not kind:
        names = ", ".join(TITLES)
        raise ConfigFault(
            f"{path} looks like no settings file that is known here.", remedy=f"Say whose it is: --from {names}."
        )
    if not isinstance(document, Mapping):
        raise ConfigFault(f"{path} is no mapping of keys to values.", remedy="Is it the right file?")
    found = convert(kind, document, presets(), os.environ)
    written = _write(found, path, kind, replace, config, data_dir) if write else None
    if as_json:
        _print_json(kind, found, written)
    else:
        _print(kind, found, path, written)
    return 0


def read_document(path: Path) -> Any:
    """What a YAML or JSON file says; JSON may have comments. Raises `ConfigFault`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigFault(f"{path} is too large for a settings file.", remedy="Is it the right file?")
        if (content := path.read_bytes()).startswith(SQLITE):
            return _in_database(path)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {why}.", remedy="Check the path.") from None
    if path.suffix in (".json", ".json5", ".jsonc"):
        from ..agents.jsonc import read

        try:
            return read(text)
        except ValueError as error:
            raise ConfigFault(f"{path} is not JSON: {error}.", remedy="Mend it.") from None
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f", line {line + 1}" if line is not None else ""
        raise ConfigFault(f"{path}{where}: this is not YAML.", remedy="Mend it, or name a .json file.") from None


def _in_database(path: Path) -> Any:
    """The settings of newer versions of claude-code-router: JSON in a row of `app_config`."""
    import sqlite3
    from contextlib import closing

    import msgspec

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT value_json FROM app_config").fetchall()
        documents = [msgspec.json.decode(text) for (text,) in rows]
    except (sqlite3.Error, msgspec.DecodeError, TypeError) as error:
        raise ConfigFault(f"{path} is a database without settings that are known here.", remedy="Check it.") from error
    return next((each for each in documents if isinstance(each, dict) and "Providers" in each), None)


def presets() -> dict[str, Known]:
    """The presets, as importers know them."""
    from ..providers import table

    return {
        name: Known(
            about.dialect,
            about.base_url,
            about.key if ":" not in about.key else "",
            {url: region for region, url in about.base_urls.items()},
        )
        for name, about in table.presets().items()
    }


# -- into the settings file --------------------------------------------------------------------------------------------


def _write(
    found: Imported, path: Path, kind: str, replace: bool, config: Path | None, data_dir: Path | None
) -> list[str]:
    """Merge into the settings file. Gives the keys that were set; those left alone become notes."""
    import tomllib

    from ..config.edit import changed
    from ..config.keys import dotted
    from ..manage.settings_file import command
    from .settings_change import settings_file, written

    file = settings_file(config, data_dir)
    trial = file.trial(file.text)
    if trial.faults:
        raise trial.faults[0]
    edits: list[tuple[tuple[str, ...], Any]] = []
    for where, value, there in merge(tomllib.loads(file.text), found.settings):
        if there and not replace:
            found.notes.append(Note(dotted(where), "it is in the settings already, and stays; --replace changes it"))
            continue
        if there and isinstance(value, dict):
            edits.append((where, None))
        edits += ((below, inner) for below, inner in _leaves(where, value))
    after = changed(file.path, file.text, edits)
    if after != file.text:
        written(file, after, command("import", str(path), "--from", kind, "--write"))
    return [dotted(where) for where, value in edits if value is not None]


def merge(there: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    """What `new` brings: where, what, and whether something else is `there`. The same as is there brings nothing."""
    for top, section in new.items():
        old = there.get(top)
        if not isinstance(section, dict):
            if old != section:
                yield (top,), section, old is not None
            continue
        for name, value in section.items():
            known = old.get(name) if isinstance(old, Mapping) else None
            if top in NAMED or not isinstance(value, dict):
                if known != value:
                    yield (top, name), value, known is not None
                continue
            for key, inner in value.items():
                known_inner = known.get(key) if isinstance(known, Mapping) else None
                if known_inner != inner:
                    yield (top, name, key), inner, known_inner is not None


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value and len(path) < 3:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    else:
        yield path, value


# -- words -------------------------------------------------------------------------------------------------------------


def toml_text(settings: Mapping[str, Any]) -> str:
    """The settings as they would stand in the file, keys masked."""
    from ..config.edit import edited
    from ..config.hiding import hidden

    text = ""
    for top, section in settings.items():
        pairs = section.items() if isinstance(section, dict) else [("", section)]
        for name, value in pairs:
            for path, leaf in _leaves((top, name) if name else (top,), value):
                text = edited(text, path, leaf)
    return hidden(text)


def _print_json(kind: str, found: Imported, written: list[str] | None) -> None:
    from ..config.secret import showable

    settings = {key: showable((key,), value) for key, value in found.settings.items()}
    show.print_json({"from": kind, "settings": settings, "notes": found.notes, "written": written})


def _print(kind: str, found: Imported, path: Path, written: list[str] | None) -> None:
    if written is None:
        print(toml_text(found.settings))
        sys.stdout.flush()
    _print_notes(found.notes)
    if written is None:
        show.say(f"this is what {path} of {TITLES[kind]} comes to; --write merges it into the settings.")
    elif written:
        show.say(f"{len(written)} settings written. 'landbridge config check' looks at them,")
        show.say("'landbridge config diff' shows the change, 'landbridge config rollback' takes it back.")
    else:
        show.say("nothing was written: all of it is there already.")
    if models := [name for name, model in found.settings.get("models", {}).items() if "source" in model]:
        show.say(f"local models are fetched with 'landbridge models pull NAME': {', '.join(models)}.")


def _print_notes(notes: list[Note]) -> None:
    """What was not carried, or not whole; keys with the same reason stand together."""
    from rich.console import Console

    from .tables import make_table

    keys: dict[str, list[str]] = {}
    for note in notes:
        keys.setdefault(note.why, []).append(note.key)
    if keys:
        rows = [(key, why if key is found[0] else "") for why, found in keys.items() for key in found]
        table = make_table(("NOT CARRIED, OR NOT WHOLE", "WHY"), rows, last=("NOT CARRIED, OR NOT WHOLE", "WHY"))
        Console(stderr=True).print(table)
