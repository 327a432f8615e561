"""The library with models of several files, of other programs, of several quantisations; and a folder with troubles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from landbridge.engines.library import Library, LocalModel
from landbridge.engines.manifest import Manifest
from landbridge.engines.sources import Progress
from landbridge.errors import ConfigFault, ModelUnusable
from tests.fakes.gguf_model import write_model, write_projector
from tests.fakes.web import Web, serving

pytestmark = pytest.mark.io


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf").read_bytes()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "models")


def quiet(progress: Progress) -> None:
    """Nobody watches."""


def files(library: Library) -> dict[str, int]:
    """Every file under the library's folder, and its rights."""
    found = library.folder.rglob("*")
    return {str(path.relative_to(library.folder)): path.stat().st_mode & 0o777 for path in found if path.is_file()}


@pytest.fixture
def large(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A model of the hub in three pieces, and its eyes."""
    made = tmp_path / "made"
    made.mkdir()
    write_model(made / "big-Q8_0.gguf", tensors=5, piece=2)
    write_projector(made / "mmproj-F16.gguf")
    found = {path.name: path.read_bytes() for path in sorted(made.iterdir())}
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    web.put_model("org/big", found)
    return found


def test_a_model_in_several_files(library: Library, large: dict[str, bytes]) -> None:
    found = library.pull("hf:org/big", quiet)
    folder = library.folder / "big"
    assert (found.name, found.path, found.source) == ("big", folder / "big-Q8_0-00001-of-00003.gguf", "hf:org/big:Q8_0")
    assert found.size == sum(len(data) for name, data in large.items() if name.startswith("big"))
    assert found.projector == folder / "mmproj-F16.gguf"
    assert library.names() == ("big",)
    assert files(library) == {"big.json": 0o600, **{f"big/{name}": 0o600 for name in large}}
    assert Library(library.folder).pull("hf:org/big:q8_0", quiet) == found
    (folder / "mmproj-F16.gguf").unlink()
    seen = library.find("big")
    assert seen is not None
    assert seen.projector is None
    (folder / "big-Q8_0-00002-of-00003.gguf").unlink()
    with pytest.raises(ModelUnusable, match="1 are not there"):
        library.find("big")
    assert library.pull("hf:org/big", quiet).projector is not None, "fetched anew"
    assert library.remove("big") > found.size
    assert files(library) == {}
    assert library.names() == ()


def test_a_kill_between_the_manifest_and_the_folder(library: Library, large: dict[str, bytes]) -> None:
    library.pull("hf:org/big", quiet)
    (library.folder / "big").rename(library.folder / ".partial" / "elsewhere")
    assert library.names() == ()
    assert library.find("big") is None
    assert library.pull("hf:org/big", quiet).name == "big"


def test_two_quantisations_of_one_repository(library: Library, web: Web, large: dict[str, bytes], model: bytes) -> None:
    web.put_model("org/big", {**large, "big-Q4_K_M.gguf": model})
    assert library.pull("hf:org/big:Q8_0", quiet).name == "big"
    other = library.pull("hf:org/big:Q4_K_M", quiet)
    assert (other.name, other.source) == ("big-q4_k_m", "hf:org/big:Q4_K_M")
    asked = len(web.asked)
    assert library.pull("hf:org/big:Q4_K_M", quiet) == other
    assert library.pull("hf:org/big", quiet).name == "big", "any of its quantisations will do"
    assert len(web.asked) == asked, "what is here needs no network"


def test_a_folder_of_the_users_own_is_left_alone(library: Library, large: dict[str, bytes]) -> None:
    own = library.folder / "big"
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine")
    with pytest.raises(ConfigFault, match="cannot be written"):
        library.pull("hf:org/big", quiet)
    assert (own / "notes.txt").read_text() == "mine"
    assert [path.name for path in own.iterdir()] == ["notes.txt"]


def test_a_model_of_another_program(library: Library, model: bytes, tmp_path: Path) -> None:
    theirs = tmp_path / "sha256-abc"
    theirs.write_bytes(model)
    manifest = Manifest(str(theirs), len(model), "abc", path=str(theirs), tool="Ollama", licence="MIT")
    found = library.adopt("llama3.2", manifest)
    assert (found.path, found.in_place, found.tool, found.sha256) == (theirs, True, "Ollama", "abc")
    assert (found.licence, found.source, library.names()) == ("MIT", str(theirs), ("llama3.2",))
    assert files(library) == {"llama3.2.json": 0o600}
    with pytest.raises(ConfigFault, match=r"There is a model 'llama3\.2' already"):
        library.adopt("llama3.2", manifest)
    with pytest.raises(ConfigFault, match="cannot be a model's name"):
        library.adopt("llama3.2:1b", manifest)
    theirs.write_bytes(model + b"more")
    changed = library.find("llama3.2")
    assert changed is not None
    assert changed.sha256 == "", "it is another file now"
    theirs.unlink()
    with pytest.raises(ModelUnusable) as caught:
        library.find("llama3.2")
    assert caught.value.message == f"The file of 'llama3.2' (Ollama's {theirs}) is not there any more."
    assert caught.value.remedy == "Bring it back, or forget it: landbridge models rm llama3.2"
    library.remove("llama3.2")
    assert library.names() == ()
    with pytest.raises(ModelUnusable):
        library.adopt("gone", manifest)
    assert library.names() == ()


def test_removing_never_takes_another_programs_file(library: Library, model: bytes, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.gguf"
    theirs.write_bytes(model)
    library.adopt("m", Manifest(str(theirs), len(model), path=str(theirs), tool="LM Studio"))
    library.remove("m")
    assert theirs.read_bytes() == model


def test_a_model_removed_while_it_is_listed(library: Library, model: bytes) -> None:
    library.folder.mkdir(parents=True)
    for name in ("a", "b"):
        (library.folder / f"{name}.gguf").write_bytes(model)
    listing = library.list()
    first = next(listing)
    assert isinstance(first, LocalModel)
    (library.folder / "b.gguf").unlink()
    assert list(listing) == []


def test_a_sum_the_user_knows(library: Library, web: Web, model: bytes) -> None:
    source = web.put("/tiny.gguf", model)
    with pytest.raises(ModelUnusable, match="is not that model"):
        library.pull(source, quiet, sha256="0" * 64)
    assert library.names() == ()
    right = hashlib.sha256(model).hexdigest()
    assert library.pull(source, quiet, sha256=right.upper()).sha256 == right


def test_a_library_below_a_file(web: Web, model: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(ConfigFault, match="The model folder"):
        Library(tmp_path / "data" / "models").pull(web.put("/tiny.gguf", model), quiet)
