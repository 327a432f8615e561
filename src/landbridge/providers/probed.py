"""What probes have found, kept in `probes.json` in the data folder, and what it means for a model's traits.

A finding belongs to a provider's name, its address and a model: with another address it counts no more.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from ..neutral.traits import Traits
from . import quirks
from .models import Limits
from .probe import QUESTIONS, Finding

log = logging.getLogger("landbridge.providers")

FILE = "probes.json"
VERSION = 1
SERVER_FIELD = "reasoning_effort"
"""The quirk of a chat server that thinks when this field asks it to."""


class Probe(Struct, frozen=True):
    """What was found of one model at one provider."""

    provider: str
    base_url: str
    model: str
    at: str
    """When, in UTC (`2026-11-26T15:04:05Z`)."""
    findings: dict[str, Finding]
    window: int | None = None
    """Tokens of prompt and answer together, where anybody says."""
    output: int | None = None
    field: str = ""
    """The field that asked it to think, where the dialect has several."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.provider, self.base_url, self.model

    def apply(self, traits: Traits, known: Limits) -> Traits:
        """`traits` as the probe found them. What is `known` of how a model thinks says more than one question."""
        if "answers" in self.findings and self.findings["answers"].verdict != "yes":
            return traits
        names: list[str] = []
        for question in QUESTIONS:
            finding = self.findings.get(question.name)
            if finding is None or (question.name == "thinking" and known.thinks):
                continue
            names += question.quirks.get(finding.verdict, ())
            if question.name == "thinking" and finding.verdict == "yes" and self.field == SERVER_FIELD:
                names.append(SERVER_FIELD)
        found = quirks.apply(traits, names)
        return replace(found, window=self.window, max_output=self.output)


class _File(Struct):
    version: int = VERSION
    probes: list[Probe] = field(default_factory=list)


_decode = msgspec.json.Decoder(_File).decode


class Probes:
    """Probes by what they are about."""

    def __init__(self, probes: Iterable[Probe] = ()) -> None:
        self._probes = {probe.key: probe for probe in probes}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Probes) and self._probes == other._probes

    def __iter__(self) -> Iterator[Probe]:
        return iter(self._probes.values())

    def find(self, provider: str, base_url: str, model: str) -> Probe | None:
        """What is known of a model."""
        return self._probes.get((provider, base_url, model))


NO_PROBES = Probes()


def load(folder: Path) -> Probes:
    """The probes kept in `folder`; none where the file is missing or cannot be read."""
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return Probes()
    except OSError as error:
        log.warning("what was found of models cannot be read: %s", error)
        return Probes()
    try:
        file = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        log.warning("%s is not what landbridge writes, and is left aside: %s", folder / FILE, error)
        return Probes()
    return Probes(file.probes if file.version == VERSION else ())


def keep(folder: Path, probes: Iterable[Probe]) -> None:
    """Keep `probes` beside those that are there; each replaces the one about the same model. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    together = {probe.key: probe for each in (load(folder), probes) for probe in each}
    content = msgspec.json.format(msgspec.json.encode(_File(probes=list(together.values()))), indent=1)
    handle, name = tempfile.mkstemp(prefix=f".{FILE}-", dir=folder)  # 0600, whatever the umask
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(folder / FILE)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
