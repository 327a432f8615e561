"""The settings file as text that somebody edits elsewhere: its keys stay here, each with a mark in its place."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from ..config.hiding import marked, restored
from ..errors import ConfigFault
from .settings_file import SettingsFile, Written


class Text(Struct, frozen=True):
    """A settings file to be edited."""

    file: str
    text: str
    """With `***1***` and so on where keys stand."""
    stamp: str
    """Of this text: whoever saves it says so, and changes nothing that has been changed meanwhile."""


def shown(file: SettingsFile) -> Text:
    """The file as it is now."""
    text, _ = marked(file.text)
    return Text(str(file.path), text, hashlib.sha256(text.encode()).hexdigest()[:16])


def meant(file: SettingsFile, text: str) -> str:
    """What `text`, as it was edited, is as the file: with its keys, and its line ends. Raises `ConfigFault`."""
    whole = restored(text, file.text)
    if "\r\n" in file.text and "\r\n" not in whole:  # editors in browsers know one kind
        whole = whole.replace("\n", "\r\n")
    return whole


def save(file: SettingsFile, text: str, stamp: str, how: str) -> Written:
    """Put `text` in the file's place, checked, as a new version. Raises `ConfigFault`."""
    if stamp and stamp != shown(file).stamp:
        raise ConfigFault(f"{file.path} was changed meanwhile.", remedy="Load it again, then change it.")
    after = meant(file, text)
    return Written([], None, []) if after == file.text else file.write(after, how)
