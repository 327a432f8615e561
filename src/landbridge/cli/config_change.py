"""`landbridge config set` and `unset`: one setting changed, its file's comments kept, checked before it is written."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from . import show
from .context import AsJson, ConfigFile, DataDir


def set_setting(
    key: str,
    value: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Set one setting in the file.

    Parameters
    ----------
    key
        Its name, for example `server.log_level` or `aliases.claude-*`.
    value
        Text as it is; numbers, true and false as in the file; lists as `["a", "b"]`, sections as `{ a = "b" }`.
    """
    from ..config import warnings
    from ..config.edit import changed
    from ..config.environment import kind_at
    from ..config.naming import path_of
    from ..manage.settings_file import command, told_value
    from .settings_change import print_changes, say_changes, settings_file, written

    file = settings_file(config, data_dir)
    path = path_of(key)
    before = file.trial(file.text).config
    after = changed(file.path, file.text, [(path, _meant(value, kind_at(path)))])
    changes = written(file, after, command("config", "set", key, told_value(path, value)))
    if as_json:
        print_changes(changes)
        return 0
    then = file.trial(after)
    if changes:
        say_changes(changes)
    elif after == file.text:
        show.say(f"{key} says that already.")
    elif then.config is not None:
        show.say(f"{key} is written; nothing else comes of it.")
    origin, place = then.places.origin(path)
    if origin == "environment":
        show.say(f"the variable {place} is set here, and it wins over the file.")
    if then.config is not None:
        old = warnings(before) if before is not None else []
        for warning in warnings(then.config):
            if warning not in old:
                show.say(f"warning: {warning}")
    return 0


def unset(
    key: str,
    *,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Remove one setting, or a whole section, from the file; its default holds again.

    Parameters
    ----------
    key
        Its name, for example `server.log_level` or `providers.lab`.
    """
    import tomllib

    from ..config.edit import changed
    from ..config.naming import path_of
    from ..manage.settings_file import command
    from .settings_change import print_changes, say_changes, settings_file, written

    file = settings_file(config, data_dir)

    def there(path: tuple[str, ...]) -> bool:
        try:
            tree: Any = tomllib.loads(file.text)
            for part in path:
                tree = tree[part]
        except (ValueError, KeyError, TypeError):
            return False
        return True

    path = path_of(key, there)
    after = changed(file.path, file.text, [(path, None)])
    changes = written(file, after, command("config", "unset", key)) if after != file.text else []
    if as_json:
        print_changes(changes)
    elif after == file.text:
        show.say(f"{key} does not stand in {file.path}.")
    elif changes:
        say_changes(changes)
    else:
        show.say(f"{key} is gone from the file; nothing else comes of it.")
    return 0


def _meant(text: str, kind: Any) -> Any:
    """What `text` means where `kind` is wanted: text where it may be text and is nothing else that is wanted."""
    import msgspec

    from ..config.environment import value_of

    value = value_of(text, kind)
    if isinstance(value, str):
        return value
    for meant in (value, text):
        try:
            msgspec.convert(meant, kind)
        except msgspec.ValidationError:
            continue
        return meant
    return value
