"""The list as rows: what is here and fits, what is unusable, what can be had, what was begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config import Config, EngineSettings
from landbridge.engines.library import Library
from landbridge.manage.model_list import Row, rows
from tests.fakes.gguf_model import write_model, write_projector

pytestmark = pytest.mark.io
CONFIG = Config(engine=EngineSettings(memory_limit=4 * 10**9))


def listed(folder: Path, config: Config = CONFIG, **in_memory: str) -> dict[str, Row]:
    return {row.name: row for row in rows(Library(folder), config, in_memory)}


def test_each_kind(tmp_path: Path) -> None:
    write_model(tmp_path / "m.gguf")
    write_model(tmp_path / "embedder.gguf", "nomic-bert")
    (tmp_path / "broken.gguf").write_bytes(b"nothing")
    begun = tmp_path / ".partial" / "smollm2" / "x"
    begun.mkdir(parents=True)
    (begun / "model.gguf.partial").write_bytes(b"12345")
    stray = tmp_path / ".partial" / "stray"
    stray.mkdir()
    (stray / "model.gguf.partial").write_bytes(b"123")
    found = listed(tmp_path)
    kinds = {name: row.kind for name, row in found.items()}
    assert kinds == {
        "m": "here", "embedder": "here", "broken": "unusable", "smollm2": "begun", "stray": "begun",
        "qwen2.5-coder-0.5b": "available", "qwen2.5-coder-1.5b": "available",
    }  # fmt: skip
    assert (found["m"].fit.fits, found["m"].quantization, found["m"].context) == ("yes", "Q4_0", 4096)
    assert found["m"].fit.planned_slots >= 1
    assert found["embedder"].embeds and not found["m"].embeds
    assert found["broken"].fault
    assert (found["smollm2"].come, found["smollm2"].size) == (5, 98_362_432)
    assert (found["stray"].come, found["stray"].title) == (3, "")


def test_what_is_in_memory_fits(tmp_path: Path) -> None:
    write_model(tmp_path / "m.gguf")
    small = Config(engine=EngineSettings(memory_limit=1_000_000))
    assert listed(tmp_path, small)["m"].fit.fits == "no"
    row = listed(tmp_path, small, m="ready")["m"]
    assert (row.state, row.fit.fits, row.fit.why) == ("ready", "yes", "")


def test_a_projector_counts_and_is_said(tmp_path: Path) -> None:
    from landbridge.engines.manifest import Manifest

    file, eyes = write_model(tmp_path / "x.gguf"), write_projector(tmp_path / "eyes.gguf")
    library = Library(tmp_path / "models")
    alone = library.adopt("alone", Manifest(source="s", size=file.stat().st_size, path=str(file), tool="Ollama"))
    assert alone.in_place
    library.adopt("seeing", Manifest(source="s", size=file.stat().st_size, path=str(file), projector=str(eyes)))
    found = {row.name: row for row in rows(library, CONFIG, {})}
    assert (found["alone"].source, found["alone"].in_place, found["alone"].sees) == ("Ollama: s", True, False)
    assert found["seeing"].sees
    more = found["seeing"].fit.planned_memory - found["alone"].fit.planned_memory
    assert more == eyes.stat().st_size
