"""What runs beside a model in its engine: draft model, projector, adapters. Found here, before anything is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ..config import ModelSettings
from ..errors import ConfigFault, ModelUnusable
from .facts import Facts
from .fit import Around
from .pieces import read_model

ALIKE = 128
"""By so many words the vocabularies of a model and its draft may differ; llama.cpp wants no more."""


class Companions(Struct, frozen=True):
    """The files."""

    draft: Path | None = None
    projector: Path | None = None
    adapters: tuple[tuple[Path, float], ...] = ()
    """Each with its scale."""


def find_companions(
    name: str,
    settings: ModelSettings,
    facts: Facts,
    of_model: Callable[[str], Path | None],
    own: Path | None = None,
) -> tuple[Companions, Around]:
    """The companions that the settings of model `name` name, and what they take; `of_model` knows local models by name,
    `own` is the projector that came with the model. Raises `ConfigFault` for what is not there or does not fit it.
    """
    draft = around = None
    if settings.draft:
        draft, around = _draft(name, settings.draft, facts, of_model)
    projector = _file(name, "projector", settings.projector) if settings.projector else own
    adapters = tuple((_file(name, "lora", path), scale) for path, scale in settings.lora.items())
    files = sum(path.stat().st_size for path in (*([projector] if projector else []), *(path for path, _ in adapters)))
    return Companions(draft, projector, adapters), Around(draft=around, files=files)


def _draft(name: str, said: str, facts: Facts, of_model: Callable[[str], Path | None]) -> tuple[Path, Facts]:
    try:
        path = of_model(said) or _file(name, "draft", said)
        draft = read_model(path)
    except ModelUnusable as fault:
        raise _unfit(name, "draft", fault.message) from fault
    if abs(draft.vocabulary - facts.vocabulary) > ALIKE:
        raise _unfit(
            name,
            "draft",
            f"It has {draft.vocabulary} words and the model {facts.vocabulary}: they are not of one family.",
        )
    return path, draft


def _file(name: str, key: str, said: str) -> Path:
    path = Path(said).expanduser()
    if not path.is_file():
        raise _unfit(name, key, f"There is no file {said}{' and no local model of that name' * (key == 'draft')}.")
    return path.absolute()


def _unfit(name: str, key: str, why: str) -> ConfigFault:
    return ConfigFault(
        f"The {key} of model '{name}' cannot be used. {why}",
        remedy=f"Correct `{key}` under [models.{name}], or remove it.",
    )
