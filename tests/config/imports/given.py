"""Importers as tests ask them: a document in, settings and notes out, with a few presets known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from landbridge.cli.import_settings import presets
from landbridge.config.imports.carried import Gathering

ENV = {"HOME": "/home/me"}
Importer = Callable[[Mapping[str, Any], Gathering], None]


def come_to(importer: Importer, document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings, and notes by their keys."""
    into = Gathering(presets(), ENV)
    importer(document, into)
    done = into.done()
    return done.settings, {note.key: note.why for note in done.notes}
