"""What makes two engines read a prompt alike, and what does not matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.config import ModelSettings
from landbridge.engines.companions import Companions
from landbridge.engines.fingerprint import PIECE, build_of, fingerprint, sample
from landbridge.engines.llamacpp import Run

pytestmark = pytest.mark.io


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + bytes(40 * PIECE))
    return path


def run(path: Path, context: int = 4096, template: str = "", gpu_layers: int = 0, **settings: Any) -> Run:
    made = ModelSettings(**settings)
    return Run(path, context, 1, 512, gpu_layers, template, made)


def test_the_same_model_and_settings_have_the_same(model: Path, tmp_path: Path) -> None:
    one = fingerprint(run(model), "b1", 2)
    assert fingerprint(run(model), "b1", 2) == one
    moved = model.rename(tmp_path / "other name.gguf")
    assert fingerprint(run(moved), "b1", 2) == one


def test_what_does_not_change_what_is_read_does_not_matter(model: Path) -> None:
    one = fingerprint(run(model), "b1", 2)
    changed = run(model, context=8192, threads=2, idle_unload="1h", max_output=5, batch=64, repair=False)
    assert fingerprint(changed, "b1", 2) == one


@pytest.mark.parametrize(
    "changed", [{"template": "{{ x }}"}, {"gpu_layers": 3}, {"extra": {"cache_type_k": "q8_0", "rope_freq_base": 1}}]
)
def test_what_changes_it_does(model: Path, changed: dict[str, Any]) -> None:
    assert fingerprint(run(model, **changed), "b1", 2) != fingerprint(run(model), "b1", 2)


@pytest.mark.parametrize("beside", ["adapter", "projector"])
def test_so_does_another_file_of_the_same_name_beside_it(model: Path, tmp_path: Path, beside: str) -> None:
    file = tmp_path / "beside.gguf"
    found = Companions(adapters=((file, 1.0),)) if beside == "adapter" else Companions(projector=file)
    made = replace(run(model), companions=found)
    file.write_bytes(b"GGUF one")
    one = fingerprint(made, "b1", 2)
    assert fingerprint(made, "b1", 2) == one
    file.write_bytes(b"GGUF two")
    assert fingerprint(made, "b1", 2) != one


def test_so_do_another_build_and_other_slots(model: Path) -> None:
    assert len({fingerprint(run(model), build, slots) for build in ("b1", "b2") for slots in (1, 2)}) == 4


@pytest.mark.parametrize("at", [0, 20 * PIECE, -1])
def test_another_file_is_another_model(model: Path, at: int) -> None:
    before = sample(model)
    content = bytearray(model.read_bytes())
    content[at] ^= 255
    model.write_bytes(content)
    assert sample(model) != before


def test_a_file_smaller_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"abc")
    two.write_bytes(b"abd")
    assert sample(one) != sample(two)


def test_the_engines_own_build_is_its_packages_version() -> None:
    assert build_of(None)[0].isdigit()
    assert build_of(["llama-server", "-x"]) == "llama-server -x"
