"""Models that are here already: found, named, taken in where they are. The words: `cli/test_model_import.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.engines.library import Library
from landbridge.errors import ConfigFault, ModelUnusable
from landbridge.manage.model_import import adopt, find, named, offers
from tests.fakes.gguf_model import write_model

pytestmark = pytest.mark.io


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "theirs"
    place.mkdir()
    write_model(place / "good-Q4_K_M.gguf")
    (place / "bad.gguf").write_bytes(b"<html>")
    return place


def test_from_a_folder(tmp_path: Path, folder: Path) -> None:
    library = Library(tmp_path / "models")
    found, chosen = find((str(folder),), {}, tmp_path)
    assert chosen == []
    states = {offer.name: offer.state for offer in offers(library, found)}
    assert states["good"] == "new" and states["bad"].startswith("unusable: ")
    model = adopt(library, named("good", offers(library, found)))
    assert (model.name, model.in_place, model.path) == ("good", True, folder / "good-Q4_K_M.gguf")
    again = offers(library, found)
    with pytest.raises(ConfigFault, match="here as good already"):
        named("good-Q4_K_M.gguf", again)
    with pytest.raises(ModelUnusable):
        named("bad", again)
    with pytest.raises(ConfigFault, match="No model 'x'"):
        named("x", again)


def test_files_names_and_slips(tmp_path: Path, folder: Path) -> None:
    path = str(folder / "good-Q4_K_M.gguf")
    found, chosen = find((path,), {}, tmp_path)
    assert ([each.path for each in found], chosen) == ([Path(path)], [path])
    assert find(("word",), {"LLAMA_CACHE": str(folder)}, tmp_path)[1] == ["word"]
    with pytest.raises(ConfigFault, match="no file or folder"):
        find((f"{folder}/nothing",), {}, tmp_path)
    both, _ = find((str(folder),), {}, tmp_path)
    with pytest.raises(ConfigFault, match="cannot all be called"):
        offers(Library(tmp_path / "models"), both, "one")
