"""The models of this machine, whether they run and fit, and those that can be fetched by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from .fits import Judge, Verdict, guessed, judge

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library, LocalModel

Kind = Literal["here", "unusable", "available", "begun"]
NOTHING = Verdict("")


class Row(Struct, frozen=True, kw_only=True):
    """One model."""

    name: str
    kind: Kind
    """`here`; `unusable`: its file is; `available`: can be fetched by name; `begun`: a fetch was not finished."""
    size: int = 0
    """Bytes; 0 where nobody knows."""
    quantization: str = ""
    context: int = 0
    """Tokens it was trained for."""
    parameters: int = 0
    """Weights."""
    fit: Verdict = NOTHING
    state: str = ""
    """Of its engine, while that holds it in memory."""
    source: str = ""
    """Where it is from; of one that is available, what it is good for."""
    title: str = ""
    licence: str = ""
    fault: str = ""
    """Why it cannot be used."""
    come: int = 0
    """Bytes of an unfinished fetch."""
    in_place: bool = False
    """Whether the file is somebody's own: removing the model leaves it."""
    embeds: bool = False
    sees: bool = False
    """Whether it came with what it sees pictures with."""


def rows(
    library: Library, config: Config, in_memory: Mapping[str, str], look: Callable[[Config], Judge] = judge
) -> list[Row]:
    """All of them; `in_memory` are the models that engines hold, with their states. Reads files."""
    verdict = look(config)
    return [*_installed(library, in_memory, verdict), *_available(library, verdict)]


def row_of(model: LocalModel, verdict: Judge, state: str = "") -> Row:
    """One model that is here."""
    facts = model.facts
    beside = model.projector.stat().st_size if model.projector is not None else 0
    fit = verdict(model.name, facts, beside)
    if state:  # what is in memory has taken what it needs, and has shown that it fits
        fit = replace(fit, fits="yes", why="")
    return Row(
        name=model.name,
        kind="here",
        size=model.size,
        quantization=facts.quantization,
        context=facts.context_length,
        parameters=facts.parameters,
        fit=fit,
        state=state,
        source=f"{model.tool}: {model.source}" if model.tool else model.source,
        title=facts.name,
        licence=model.licence,
        in_place=model.in_place,
        embeds=model.embeds,
        sees=model.projector is not None,
    )


def _installed(library: Library, in_memory: Mapping[str, str], verdict: Judge) -> Iterator[Row]:
    for found in library.list():
        if isinstance(found, tuple):
            name, fault = found
            yield Row(name=name, kind="unusable", fault=fault.message)
        else:
            yield row_of(found, verdict, in_memory.get(found.name, ""))


def _available(library: Library, verdict: Judge) -> Iterator[Row]:
    from ..engines.catalog import catalog

    here, begun = library.names(), library.interrupted()
    known = catalog()
    for name, entry in known.items():
        if name not in here:
            yield Row(
                name=name,
                kind="begun" if name in begun else "available",
                size=entry.size,
                fit=verdict(name, guessed(entry.size), 0),
                source=entry.note,
                title=entry.title,
                licence=entry.licence,
                come=begun.get(name, 0),
            )
    for name, come in begun.items():
        if name not in {*here, *known}:
            yield Row(name=name, kind="begun", come=come)
