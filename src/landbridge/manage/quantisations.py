"""Which quantisation of a repository: what there is, with sizes and whether each fits, and the usual one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .fits import Verdict, guessed, judge

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library


class Quantisation(Struct, frozen=True):
    """A model of a repository in one quantisation."""

    label: str
    source: str
    """To be pulled."""
    size: int
    files: int
    fit: Verdict
    begun: bool
    """Whether a fetch of it was not finished."""
    usual: bool
    """Whether it is taken where none is named."""


class Offer(Struct, frozen=True):
    """What a repository has, smallest first."""

    repository: str
    quantisations: list[Quantisation]
    parameters: int = 0
    architecture: str = ""
    context: int = 0
    """Tokens it was trained for."""
    projector: str = ""
    """The file with which it sees pictures, which comes with each."""
    projector_size: int = 0
    unclear: str = ""
    """Why none of them is taken where none is named."""


def settled(source: str, library: Library) -> bool:
    """Whether it is said which: a quantisation is named, it is no repository, or one of it is here."""
    from ..engines.sources import parts, same

    named = bool(parts(source)[1]) or not source.startswith("hf:")
    return named or any(same(source, model.source) for model in library.sound())


def offer(source: str, library: Library, config: Config) -> Offer:
    """What the repository `hf:org/repo[@revision]` has. Raises `GatewayError` kinds."""
    from ..engines.sources import parts
    from ..engines.sources.hub import look
    from ..engines.sources.variants import choose, projector, variants
    from ..errors import ConfigFault

    repository, _, revision = parts(source)
    found = look(repository, revision)
    among, eyes, at = variants(found.files), projector(found.files), f"@{revision}" if revision else ""
    best, unclear = None, ""
    try:
        best = choose(among, repository, "")
    except ConfigFault as fault:  # none, or several models in one repository: nobody can say which is meant
        unclear = fault.text
    verdict, beside = judge(config), eyes.size if eyes is not None else 0
    rows: list[Quantisation] = []
    for variant in among:
        facts = guessed(variant.size, found.parameters, found.architecture, found.context_length)
        named = f"hf:{repository}:{variant.label}{at}"
        fit, begun = verdict("", facts, beside), library.begun(named)
        rows.append(Quantisation(variant.label, named, variant.size, len(variant.files), fit, begun, variant is best))
    return Offer(
        repository,
        rows,
        parameters=found.parameters,
        architecture=found.architecture,
        context=found.context_length,
        projector=eyes.name if eyes is not None else "",
        projector_size=beside,
        unclear=unclear,
    )


def usual(offered: Offer) -> Quantisation:
    """The one to take unasked: that which was begun, else the usual one. Raises `ConfigFault` where there is none."""
    from ..errors import ConfigFault

    for each in (*filter(lambda each: each.begun, offered.quantisations), *offered.quantisations):
        if each.begun or each.usual:
            return each
    raise ConfigFault(offered.unclear)
