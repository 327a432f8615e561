"""What is done for a model before its first word: it loads, waits, or reads the prompt."""

from __future__ import annotations

from ...engines.states import State
from ...gateway.underway import Standing
from ...server.admin import Engines
from ...server.onlookers import Running
from ..parts import numbers
from ..words import _


def doing(session: str, engines: Engines, running: Running) -> dict[str, str]:
    """By model, in words: of the exchanges of a conversation."""
    loading = {engine.name for engine in engines.engines if engine.state is State.STARTING}
    found = {}
    for standing in running.running:
        if standing.session == session and (words := _words(standing, loading)):
            found[standing.model] = words
    return found


def _words(standing: Standing, loading: set[str]) -> str:
    if standing.phase == "prefill":
        if standing.percent is None:
            return _("Reading the prompt")
        if standing.left is None:
            return _("Reading the prompt: {percent} %", percent=standing.percent)
        left = numbers.seconds(max(standing.left, 1))
        return _("Reading the prompt: {percent} %, {left} left", percent=standing.percent, left=left)
    if standing.phase == "queued":
        name = standing.target.rpartition("/")[2] or standing.model
        return (
            _("Loading the model") if {name, standing.model, standing.target} & loading else _("Waiting for its turn")
        )
    return ""
