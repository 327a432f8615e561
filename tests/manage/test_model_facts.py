"""What a model is and how it would be run; with other settings, too. The words: `cli/test_model_facts.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import to_builtins

from landbridge.config import Config, EngineSettings, ModelSettings
from landbridge.engines.library import Library
from landbridge.manage.model_facts import Explained, explained, known
from tests.fakes.gguf_model import write_model

pytestmark = pytest.mark.io


def explain(folder: Path, settings: ModelSettings | None = None, limit: int = 4 * 10**9) -> Explained:
    library = Library(folder)
    model = library.find("m")
    assert model is not None
    config = Config(models={"m": ModelSettings(slots=2)}, engine=EngineSettings(memory_limit=limit))
    return explained(model, config, library.find, settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "m.gguf", llama__context_length=32_768, llama__block_count=32)
    return tmp_path


def test_the_settings_in_force_and_others(folder: Path) -> None:
    now = explain(folder)
    assert now.plan is not None
    assert (now.plan.context, now.plan.slots, now.trouble, now.free) == (32_768, 2, "", 4 * 10**9)
    other = explain(folder, ModelSettings(context=8192, slots=1))
    assert other.plan is not None
    assert (other.plan.context, other.plan.slots) == (8192, 1)
    assert other.plan.memory < now.plan.memory
    assert [(each.context, each.slots) for each in other.alternatives if each.chosen] == [(8192, 1)]


def test_what_cannot_be_is_said(folder: Path) -> None:
    never = explain(folder, limit=10**6)
    assert never.plan is None and "engine.memory_limit" in never.trouble
    assert never.alternatives and not any(each.fits for each in never.alternatives)
    wrong = explain(folder, ModelSettings(projector="/nowhere"))
    assert wrong.plan is None and "There is no file /nowhere" in wrong.trouble and wrong.alternatives == ()


def test_what_is_known_is_part_of_it(folder: Path) -> None:
    model = Library(folder).find("m")
    assert model is not None
    assert to_builtins(known(model)).items() <= to_builtins(explain(folder)).items()
