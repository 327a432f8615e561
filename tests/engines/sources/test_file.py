"""A file of this machine is found where it is, and nothing is done to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.engines.sources.file import fetch
from landbridge.errors import ModelUnusable

from .conftest import Seen

pytestmark = pytest.mark.io


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "my model.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.mark.parametrize("source", ["my model.gguf", "./my model.gguf", "~/my model.gguf"])
def test_a_path_however_it_is_written(model: Path, seen: Seen, source: str) -> None:
    folder = model.parent / "library"
    folder.mkdir()
    fetched = fetch(source, folder, None, seen)
    assert fetched.path == model
    assert fetched.pieces[0].sha256 == ""
    assert model.read_bytes() == b"GGUF"
    assert list(folder.iterdir()) == []


def test_a_link_is_not_followed_to_where_it_leads_today(model: Path, seen: Seen) -> None:
    link = model.with_name("current.gguf")
    link.symlink_to(model)
    assert fetch(str(link), model.parent, None, seen).path == link


@pytest.mark.parametrize(
    ("source", "said"), [("./none.gguf", "There is no file"), ("/etc", "is a folder"), ("./none/m.gguf", "no file")]
)
def test_what_is_no_file(model: Path, seen: Seen, source: str, said: str) -> None:
    with pytest.raises(ModelUnusable, match=said) as caught:
        fetch(source, model.parent, None, seen)
    assert str(Path(source).absolute()) in caught.value.message
