"""A model in several files is one model: found by its first, as large as all together, and whole or unusable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.gguf import read_facts
from landbridge.engines.pieces import piece_of, pieces_of, read_model, stamp, there
from landbridge.errors import ModelUnusable
from tests.fakes.gguf_model import write_model


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("m-00001-of-00003.gguf", ("m", 1, 3)),
        ("a-00002-of-00002-00001-of-00009.gguf", ("a-00002-of-00002", 1, 9)),
        ("m-1-of-3.gguf", None),
        ("m.gguf", None),
        ("m-00001-of-00003.bin", None),
    ],
)
def test_names_of_pieces(name: str, piece: tuple[str, int, int] | None) -> None:
    assert piece_of(name) == piece


@given(stem=st.text(alphabet="ab{}-.0:1 \n", max_size=20), count=st.integers(2, 1000))
def test_all_pieces_follow_from_the_first(stem: str, count: int) -> None:
    files = pieces_of(Path("/x") / f"{stem}-00001-of-{count:05}.gguf")
    assert [piece_of(file.name) for file in files] == [(stem, number, count) for number in range(1, count + 1)]


@pytest.mark.parametrize("name", ["m.gguf", "m-00002-of-00003.gguf", "m-00001-of-00001.gguf", "m-00001-of-99999.gguf"])
def test_what_is_not_the_first_of_several(name: str) -> None:
    assert pieces_of(Path(name)) == (Path(name),)


@pytest.mark.io
def test_facts_are_of_all_together(tmp_path: Path) -> None:
    whole = read_facts(write_model(tmp_path / "whole.gguf", tensors=5))
    first = write_model(tmp_path / "m.gguf", tensors=5, piece=2)
    assert first.name == "m-00001-of-00003.gguf"
    facts = read_model(first)
    assert (facts.name, facts.architecture, facts.layers) == (whole.name, whole.architecture, whole.layers)
    assert facts.parameters == whole.parameters
    assert facts.file_size == sum(file.stat().st_size for file in tmp_path.glob("m-*"))
    assert read_model(tmp_path / "whole.gguf") == whole


@pytest.mark.io
def test_a_piece_that_is_not_there_or_damaged(tmp_path: Path) -> None:
    first = write_model(tmp_path / "m.gguf", tensors=5, piece=2)
    last = tmp_path / "m-00003-of-00003.gguf"
    data = last.read_bytes()
    last.write_bytes(data[:-20])
    with pytest.raises(ModelUnusable, match=r"00003-of-00003[.]gguf is truncated"):
        read_model(first)
    last.unlink()
    with pytest.raises(ModelUnusable, match=r"1 are not there \(m-00003-of-00003.gguf\)"):
        read_model(first)
    with pytest.raises(ModelUnusable, match="one of 3 pieces"):
        read_facts(first)
    first.unlink()
    with pytest.raises(ModelUnusable, match=r"00001-of-00003[.]gguf is not there"):
        read_model(first)


@pytest.mark.io
def test_a_first_piece_that_says_nothing(tmp_path: Path) -> None:
    first = write_model(tmp_path / "m.gguf", tensors=4, piece=2)
    first.write_bytes((tmp_path / "m-00002-of-00002.gguf").read_bytes())
    with pytest.raises(ModelUnusable, match="names no architecture"):
        read_model(first)


@pytest.mark.io
def test_whether_a_file_is_there(tmp_path: Path) -> None:
    file = write_model(tmp_path / "m.gguf")
    assert there(file)
    assert there(tmp_path)
    assert not there(tmp_path / "none.gguf")
    assert not there(file / "below")
    assert there(tmp_path / ("x" * 300)), "who reads it says why he cannot"


@pytest.mark.io
def test_a_stamp_changes_with_any_piece(tmp_path: Path) -> None:
    first = write_model(tmp_path / "m.gguf", tensors=5, piece=2)
    before = stamp(first)
    assert stamp(first) == before
    last = tmp_path / "m-00003-of-00003.gguf"
    last.write_bytes(last.read_bytes() + b"x")
    assert stamp(first) not in ((), before)
    last.unlink()
    assert stamp(first) == ()
