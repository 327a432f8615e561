"""What the program is made of, and what its data takes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from landbridge import __version__
from landbridge.config import Config, EngineSettings, StoreSettings
from landbridge.manage import about as subject
from landbridge.manage.about import about, built_in, engine_build, instructions, places

pytestmark = pytest.mark.io


def test_the_whole(tmp_path: Path) -> None:
    config = Config(store=StoreSettings(url="postgresql://me:secret@host/db"))
    found = about(config, tmp_path / "landbridge.toml", tmp_path)
    assert found.version == __version__ and found.licence == "Apache-2.0" and found.cores >= 1
    assert found.ledger == "postgresql://me:***@host/db"
    assert found.free > 0 and found.engine.version and not found.engine.fault
    assert found.engine.devices[0].kind in ("cpu", "gpu", "igpu", "accel")
    missing = about(Config(), tmp_path / "landbridge.toml", tmp_path / "not" / "there")
    assert missing.places == [] and missing.free > 0
    assert missing.ledger.endswith("landbridge.db")


def test_sizes_the_largest_first(tmp_path: Path) -> None:
    (tmp_path / "models" / "a").mkdir(parents=True)
    (tmp_path / "models" / "a" / "x.gguf").write_bytes(b"0" * 1000)
    (tmp_path / "models" / "y.gguf").write_bytes(b"0" * 500)
    (tmp_path / "models" / "link").symlink_to("/usr")
    (tmp_path / "landbridge.db").write_bytes(b"0" * 100)
    found = places(tmp_path)
    assert [(place.name, place.files) for place in found] == [("models", 2), ("landbridge.db", 1)]
    assert 1500 <= found[0].bytes < 1600, "what a link leads to is not counted"
    assert found[1].bytes == 100


def test_instructions() -> None:
    assert instructions("CPU : SSE3 = 1 | AVX2 = 1 | VNNI = 0 | REPACK = 1 | ") == ["SSE3", "AVX2", "REPACK"]
    assert instructions("") == []


def test_an_engine_of_the_system(tmp_path: Path) -> None:
    program = tmp_path / "llama-server"
    program.write_text("#!/bin/sh\necho 'version: 6601 (abc)' >&2\n")
    program.chmod(0o755)
    config = Config(engine=EngineSettings(command=[str(program)]))
    found = about(config, tmp_path / "x", tmp_path).engine
    assert (found.name, found.version) == (str(program), "6601 (abc)")
    assert engine_build(["/not/there"]).version == ""


def test_an_engine_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    built_in.cache_clear()
    monkeypatch.setattr(subject, "ASK", "raise SystemExit(1)")
    assert "cannot be asked" in built_in().fault
    monkeypatch.setattr(subject, "ASK", "print('no json')")
    built_in.cache_clear()
    assert built_in().fault and sys.executable
    built_in.cache_clear()
