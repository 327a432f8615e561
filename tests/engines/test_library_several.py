"""The library with models of several files, of other programs, of several quantisations; and a folder with troubles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from landbridge.engines import library as module
from landbridge.engines.library import Library, LocalModel
from landbridge.engines.manifest import Manifest, read, write
from landbridge.errors import ConfigFault, ModelUnusable
from tests.fakes.gguf_model import write_model, write_projector
from tests.fakes.web import Web

from .conftest import files, quiet

pytestmark = pytest.mark.io


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


def test_a_folder_of_the_users_own_is_left_alone(library: Library, web: Web, large: dict[str, bytes]) -> None:
    """However often the command is tried; what has come is kept until the folder is out of the way."""
    own = library.folder / "big"
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine")
    for _ in range(2):
        with pytest.raises(ConfigFault, match="is there already, and is no model of the library's"):
            library.pull("hf:org/big", quiet)
        assert library.names() == ()
    library.remove("big")
    assert (own / "notes.txt").read_text() == "mine"
    assert [path.name for path in own.iterdir()] == ["notes.txt"]
    with pytest.raises(ConfigFault):
        library.pull("hf:org/big", quiet)
    own.rename(library.folder / "notes")
    sent = dict(web.sent)
    assert library.pull("hf:org/big", quiet).name == "big"
    assert not any("/resolve/" in path for path, size in web.sent.items() if size != sent.get(path))
    write(Manifest("hf:org/other:Q8_0", 1, files=("gone.gguf",)), library.folder / "notes.json", own / "draft")
    library.remove("notes")
    assert (library.folder / "notes" / "notes.txt").read_text() == "mine", "with none of the model's files in it"


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


def test_a_name_like_a_models_file(library: Library, large: dict[str, bytes]) -> None:
    """Its folder would be taken for the file, or the manifest, of another model."""
    for name in ("big.gguf", "big.json", "big.GGUF"):
        with pytest.raises(ConfigFault, match="cannot be a model's name"):
            library.pull("hf:org/big", quiet, name=name)
    assert library.names() == ()


def test_a_model_that_may_no_longer_be_looked_at(library: Library) -> None:
    """One in a store whose rights have changed, for example: it is listed, with the reason."""
    library.folder.mkdir(parents=True)
    path = f"/tmp/{'x' * 300}/m-00001-of-00002.gguf"
    manifest = Manifest(path, 1, path=path, projector=f"/tmp/{'x' * 300}", tool="Ollama")
    write(manifest, library.folder / "far.json", library.folder / "draft")
    ((name, fault),) = [each for each in library.list() if isinstance(each, tuple)]
    assert name == "far"
    assert "cannot be read (File name too long)" in fault.message


def test_finding_one_model_looks_into_no_other(
    library: Library, model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The router asks for one by name, while a client waits."""
    theirs = tmp_path / "theirs.gguf"
    theirs.write_bytes(model)
    for name in ("a", "b", "c"):
        library.adopt(name, Manifest(str(theirs), len(model), path=str(theirs)))
    (library.folder / "own.gguf").write_bytes(model)
    seen: list[str] = []

    def reading(path: Path) -> Manifest | None:
        seen.append(path.stem)
        return read(path)

    monkeypatch.setattr(module, "read", reading)
    for name in ("b", "own", "none"):
        library.find(name)
    assert set(seen) == {"b", "own"}


def test_those_that_are_sound(library: Library, model: bytes) -> None:
    library.folder.mkdir(parents=True)
    (library.folder / "good.gguf").write_bytes(model)
    (library.folder / "bad.gguf").write_bytes(b"<html>")
    assert [each.name for each in library.sound()] == ["good"]


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
