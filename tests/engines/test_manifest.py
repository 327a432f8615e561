"""What is remembered of a model comes back as it was, and damage is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.engines.manifest import Manifest, check_name, is_name, read, write
from landbridge.errors import ConfigFault, ModelUnusable

LARGE = Manifest(
    "hf:o/r:Q8_0", 7, "ab", files=("m-00001-of-00002.gguf", "m-00002-of-00002.gguf"), projector="mmproj.gguf"
)
ELSEWHERE = Manifest("/x/m.gguf", 7, path="/x/m.gguf", projector="/x/mmproj.gguf", tool="Ollama", licence="MIT")


@pytest.mark.io
@pytest.mark.parametrize("manifest", [Manifest("https://h/m.gguf", 7, "ab"), LARGE, ELSEWHERE])
def test_written_and_read(tmp_path: Path, manifest: Manifest) -> None:
    write(manifest, tmp_path / "m.json", tmp_path / "draft")
    assert read(tmp_path / "m.json") == manifest
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("m.json", 0o600)]


@pytest.mark.io
def test_none_and_damage(tmp_path: Path) -> None:
    assert read(tmp_path / "m.json") is None
    for damage in ("", "{", '{"source": 1}', "[]"):
        (tmp_path / "m.json").write_text(damage)
        with pytest.raises(ModelUnusable, match="The manifest of 'm' is damaged"):
            read(tmp_path / "m.json")


def test_where_files_are() -> None:
    library = Path("/models")
    assert Manifest("x", 1).model_path("m", library) == Path("/models/m.gguf")
    assert Manifest("x", 1).projector_path("m", library) is None
    assert LARGE.model_path("m", library) == Path("/models/m/m-00001-of-00002.gguf")
    assert LARGE.projector_path("m", library) == Path("/models/m/mmproj.gguf")
    assert ELSEWHERE.model_path("m", library) == Path("/x/m.gguf")
    assert ELSEWHERE.projector_path("m", library) == Path("/x/mmproj.gguf")


@pytest.mark.parametrize("name", ["m", "qwen2.5-coder_7b", "ä", "x" * 100])
def test_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".m", "-m", "a/b", "a b", "a\0", "x" * 101, "m:7b", "m.gguf", "m.json", "M.GGUF"]
)
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ConfigFault, match="cannot be a model's name"):
        check_name(name)
