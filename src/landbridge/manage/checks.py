"""Looks at everything a request passes, in the order of its way: for `landbridge doctor` and the dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from ..config import Config
from ..errors import ConfigFault
from .check_claude import check_claude
from .check_clients import check_clients
from .check_machine import check_keys, check_room, check_settings
from .check_router import check_answer, check_listeners, check_model, check_parts, check_pulled
from .findings import Finding, fail, warn
from .router import Health, Probe, probe, url_of, wants_key


class Looking(Struct, frozen=True, kw_only=True):
    """What is looked at."""

    config_path: Path
    named: bool = False
    """Whether the user named that file."""
    data_dir: Path
    env: Mapping[str, str]
    shell: Mapping[str, str] | None = None
    """The variables client tools start with, where they are others."""
    folder: Path
    """Where client tools would be started."""
    model: str = ""
    """Of which to ask; `default_model` of the settings where it is empty."""
    answer: bool = True
    """Whether the model is asked something: it may have to be loaded, or paid for."""
    config: Config | None = None
    """What is in force, where the router itself looks; else what the file says counts."""
    health: Health | None = None
    """As the router knows it itself, for when it cannot be asked."""


def examine(looking: Looking) -> Iterator[Finding]:
    """All findings."""
    findings, config = check_settings(looking.config_path, looking.env, named=looking.named)
    config = looking.config or config
    yield from findings
    name = looking.model or config.default_model
    listener, found, url = config.listeners.router, Probe("nobody", health=looking.health), "http://127.0.0.1:0"
    try:
        url = url_of(listener)
        found = probe(url) if listener.enabled else found
    except ConfigFault as fault:
        if listener.enabled:
            yield fail("router", fault.message, fault.remedy)
            return
    yield from check_listeners(config.listeners, found)
    yield from check_parts(found)
    yield from _model(looking, url, name, found, config)
    shell = looking.env if looking.shell is None else looking.shell
    yield from check_claude(shell, url, looking.folder, keyed=wants_key(found.health))
    yield from check_clients(shell, url)
    yield from check_keys(config, looking.env)
    yield from check_room(looking.data_dir)


def _model(looking: Looking, url: str, name: str, found: Probe, config: Config) -> Iterator[Finding]:
    if found.state != "up":
        yield check_pulled(config, name, looking.data_dir)
        return
    finding, facts = check_model(url, name, load=looking.answer)
    chosen = looking.model or name != Config().default_model
    if finding.verdict == "fail" and config.providers and not chosen:  # who has models elsewhere may do without
        remedy = "It is asked where a name of Claude's leads nowhere else: set `default_model` to one of yours."
        finding = warn("model", finding.finding, remedy)
    yield finding
    if facts is not None and looking.answer:
        yield check_answer(url, facts)
