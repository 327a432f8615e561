"""The library never shows half a model: not after a kill, not while two fetch, not for names that lead elsewhere."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines import library as module
from landbridge.engines.catalog import Entry
from landbridge.engines.library import Library, LocalModel
from landbridge.errors import ConfigFault, GatewayError, ModelUnusable, Refused, UnknownModel, Unreachable
from tests.fakes.gguf_model import write_model
from tests.fakes.web import Web

from .conftest import files, quiet

pytestmark = pytest.mark.io


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf", vocabulary=60_000).read_bytes()


def names(library: Library) -> list[str]:
    return [each.name if isinstance(each, LocalModel) else f"{each[0]} unusable" for each in library.list()]


def test_models_for_embeddings(library: Library, tmp_path: Path) -> None:
    library.folder.mkdir(parents=True, exist_ok=True)
    write_model(library.folder / "embedder.gguf", "nomic-bert")
    write_model(library.folder / "pooled.gguf", "qwen3", qwen3__pooling_type=3)
    write_model(library.folder / "chatter.gguf")
    found = {model.name: model.embeds for model in library.list() if isinstance(model, LocalModel)}
    assert found == {"embedder": True, "pooled": True, "chatter": False}


def test_an_empty_library(library: Library) -> None:
    assert library.names() == ()
    assert list(library.list()) == []
    assert library.interrupted() == {}
    assert library.find("tiny") is None


def test_a_model_comes_in(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/Tiny-GGUF.gguf", model)
    found = library.pull(source, quiet)
    sha256 = hashlib.sha256(model).hexdigest()
    path = library.folder / "tiny.gguf"
    assert (found.name, found.path, found.size, found.sha256) == ("tiny", path, len(model), sha256)
    assert (found.source, found.template, found.in_place, found.licence) == (source, None, False, "")
    assert found.facts.name == "Tiny"
    assert path.read_bytes() == model
    assert library.names() == ("tiny",)
    assert library.find("tiny") == found == Library(library.folder).find("tiny")
    assert files(library) == {"tiny.gguf": 0o600, "tiny.json": 0o600}
    assert (library.folder / ".partial").stat().st_mode & 0o777 == 0o700


def test_what_is_here_is_not_fetched_again(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/tiny.gguf", model)
    assert library.pull(source, quiet) == library.pull(source, quiet)
    assert len(web.asked) == 1


def test_another_model_of_the_same_name_is_not_taken_for_it(web: Web, library: Library, model: bytes) -> None:
    first = web.put("/a/model.gguf", model)
    library.pull(first, quiet)
    with pytest.raises(ConfigFault) as caught:
        library.pull(web.put("/b/model.gguf", model), quiet)
    assert caught.value.message == f"There is a model 'model' already, from {first}."
    assert "--name" in caught.value.remedy
    assert library.pull(f"{web.url}/b/model.gguf", quiet, name="second").name == "second"
    assert library.names() == ("model", "second")


def test_user_and_password_are_not_remembered(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/tiny.gguf", model).replace("http://", "http://me:secret@")
    assert library.pull(source, quiet) == library.pull(source, quiet)
    assert "secret" not in (library.folder / "tiny.json").read_text()


@pytest.fixture
def known(web: Web, model: bytes, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A model of the catalogue."""
    entry = Entry(
        "Tiny",
        web.put("/tiny.gguf", model),
        hashlib.sha256(model).hexdigest(),
        len(model),
        "MIT",
        template="qwen2.5-coder.jinja",
    )
    monkeypatch.setattr(module, "catalog", lambda: {"tiny-1b": entry})
    return entry


def test_a_model_of_the_catalogue_has_its_template_and_licence(library: Library, known: Entry) -> None:
    found = library.pull("tiny-1b", quiet)
    assert found.licence == "MIT"
    assert found.template is not None
    assert "<tools>" in found.template
    assert library.pull("tiny-1b", quiet) == found
    assert library.pull("tiny-1b", quiet, name="mine").template is None, "only under its own name it is that model"


def test_a_file_put_there_by_hand(library: Library, model: bytes, known: Entry) -> None:
    """Nothing is known of it but what it says itself, even under a name of the catalogue."""
    library.folder.mkdir(parents=True)
    (library.folder / "tiny-1b.gguf").write_bytes(model)
    found = library.find("tiny-1b")
    assert found is not None
    assert (found.sha256, found.template, found.source) == ("", None, str(found.path))
    assert library.pull("tiny-1b", quiet) == found


def test_a_file_exchanged_by_hand_is_no_longer_what_was_fetched(library: Library, known: Entry, tmp_path: Path) -> None:
    library.pull("tiny-1b", quiet)
    other = write_model(tmp_path / "other.gguf", name="Other").read_bytes()
    (library.folder / "tiny-1b.gguf").write_bytes(other)
    found = library.find("tiny-1b")
    assert found is not None
    assert (found.facts.name, found.size, found.sha256, found.template) == ("Other", len(other), "", None)


def test_a_model_used_where_it_is(library: Library, model: bytes, tmp_path: Path) -> None:
    own = tmp_path / "own model.gguf"
    own.write_bytes(model)
    found = library.pull(str(own), quiet)
    assert (found.name, found.path, found.sha256, found.in_place) == ("own-model", own, "", True)
    assert files(library) == {"own-model.json": 0o600}
    own.write_bytes(write_model(tmp_path / "new.gguf", name="New").read_bytes())
    renewed = library.find("own-model")
    assert renewed is not None
    assert (renewed.facts.name, renewed.size) == ("New", own.stat().st_size)
    own.unlink()
    assert names(library) == ["own-model unusable"]
    with pytest.raises(ModelUnusable, match="is not there any more"):
        library.find("own-model")
    assert library.remove("own-model") > 0
    assert library.names() == ()


def test_a_damaged_model_is_fetched_anew(web: Web, library: Library, model: bytes) -> None:
    """Its error says 'fetch it again', and that is what helps."""
    source = web.put("/tiny.gguf", model)
    library.pull(source, quiet)
    for damage in (b"", model[:1000], b"<html>"):
        (library.folder / "tiny.gguf").write_bytes(damage)
        with pytest.raises(ModelUnusable):
            library.find("tiny")
        assert library.pull(source, quiet).path.read_bytes() == model
    (library.folder / "tiny.json").write_text('{"source":')
    assert names(library) == ["tiny unusable"]
    assert library.pull(source, quiet).source == source


@pytest.mark.parametrize("manifest", ['{"source": 1}', "[]", "", '{"source": "x"}', "\x00"])
def test_a_damaged_manifest_is_shown_and_can_be_removed(library: Library, manifest: str) -> None:
    library.folder.mkdir(parents=True)
    (library.folder / "m.json").write_text(manifest)
    ((name, fault),) = [each for each in library.list() if not isinstance(each, LocalModel)]
    assert (name, "manifest" in fault.message) == ("m", True)
    library.remove("m")
    assert files(library) == {}


def test_strange_things_in_the_folder(library: Library, model: bytes) -> None:
    library.folder.mkdir(parents=True)
    (library.folder / "folder.gguf").mkdir()
    (library.folder / ".hidden.gguf").write_bytes(model)
    (library.folder / ".gguf").write_bytes(model)
    (library.folder / "notes.txt").write_bytes(model)
    (library.folder / "link.gguf").symlink_to("/nowhere")
    assert names(library) == ["folder unusable", "link unusable"]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"")
    with pytest.raises(ConfigFault, match="cannot be read"):
        Library(tmp_path / "models").names()


def test_removing(web: Web, library: Library, model: bytes) -> None:
    library.pull(web.put("/tiny.gguf", model), quiet)
    assert library.remove("tiny") >= len(model)
    assert files(library) == {}
    with pytest.raises(UnknownModel):
        library.remove("tiny")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smolm2", "Did you mean smollm2?"),
        ("smollm2", "Fetch it: landbridge models pull smollm2"),
        ("mime", "Did you mean mine?"),
        ("zzzzzzzz", "'landbridge models list' shows them."),
    ],
)
def test_unknown_names_get_the_nearest(library: Library, model: bytes, name: str, said: str) -> None:
    library.folder.mkdir(parents=True)
    (library.folder / "mine.gguf").write_bytes(model)
    with pytest.raises(UnknownModel) as caught:
        library.remove(name)
    assert caught.value.message == f"There is no local model '{name}'."
    assert caught.value.remedy == said


def test_what_is_neither_name_nor_source_gets_the_nearest(library: Library) -> None:
    with pytest.raises(ConfigFault, match="neither") as caught:
        library.pull("qwen2.5-coder", quiet)
    assert caught.value.remedy == "Did you mean qwen2.5-coder-1.5b or qwen2.5-coder-0.5b?"
    with pytest.raises(ConfigFault) as caught:
        library.pull("zzzzzzzz", quiet)
    assert "hf:org/repo" in caught.value.remedy
    assert not library.folder.exists()


OUTSIDE = [
    "..",
    ".",
    "",
    "../victim",
    "../../victim",
    "/etc",
    "a/b",
    "a/../../victim",
    ".partial",
    "~",
    "-rf",
    "a\0b",
    "x" * 300,
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_lead_nowhere_else(library: Library, model: bytes, tmp_path: Path, name: str) -> None:
    """Neither are files written outside of the library, nor, worse, are they removed."""
    victim = tmp_path / "data" / "victim"
    for place in (victim, tmp_path / "victim", library.folder / "victim", library.folder / ".partial" / "victim"):
        place.mkdir(parents=True)
        (place / "kept").write_bytes(b"kept")
    own = tmp_path / "own.gguf"
    own.write_bytes(model)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UnknownModel):
        library.remove(name)
    assert library.find(name) is None
    with pytest.raises(ConfigFault):
        library.pull(str(own), quiet, name=name or ".")
    assert sorted(tmp_path.rglob("*")) == before


@given(name=st.one_of(st.text(alphabet="./\\~ab\0 -_:\n", min_size=1, max_size=12), st.text(min_size=1, max_size=40)))
def test_any_name_stays_inside_or_is_refused(name: str, model: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("any")
    own = place / "own.gguf"
    own.write_bytes(model[:0] + b"GGUF")
    library = Library(place / "models")
    with pytest.raises(GatewayError) as caught:
        library.pull(str(own), quiet, name=name)
    assert isinstance(caught.value, ConfigFault | ModelUnusable)
    assert {path.name for path in place.iterdir()} <= {"own.gguf", "models"}
    with pytest.raises(UnknownModel):
        library.remove(name)
    assert own.read_bytes() == b"GGUF"


def test_a_failed_fetch_that_brought_nothing_leaves_nothing(web: Web, library: Library) -> None:
    with pytest.raises(Refused):
        library.pull(f"{web.url}/none.gguf", quiet)
    with pytest.raises(ModelUnusable):
        library.pull(web.put("/none.gguf", b"no model"), quiet)
    assert list((library.folder / ".partial").iterdir()) == []
    assert library.names() == ()


def test_an_interrupted_fetch_is_known_goes_on_and_can_be_given_up(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/tiny.gguf", model, cut=300_000, etag='"1"')
    with pytest.raises(Unreachable):
        library.pull(source, quiet)
    assert library.names() == ()
    assert list(library.interrupted()) == ["tiny"]
    assert library.interrupted()["tiny"] >= 300_000
    assert library.remove("tiny") >= 300_000
    assert library.interrupted() == {}
    with pytest.raises(Unreachable):
        library.pull(source, quiet)
    web.put("/tiny.gguf", model, etag='"1"')
    seen: list[int] = []
    assert library.pull(source, lambda progress: seen.append(progress.done)).path.read_bytes() == model
    assert seen[0] == 300_000


PULL = """
import sys
from pathlib import Path
from landbridge.engines.library import Library
from landbridge.errors import GatewayError
def report(progress):
    if progress.note.startswith(sys.argv[3]):
        print("there", flush=True)
        sys.stdin.readline()
try:
    print(Library(Path(sys.argv[1])).pull(sys.argv[2], report).path.name, flush=True)
except GatewayError as fault:
    print(fault.text, flush=True)
"""


def puller(library: Library, source: str, wait_at: str = "nothing") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PULL, str(library.folder), source, wait_at],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("moment", ["fetching", "checking"])
def test_killed_in_the_middle_there_is_no_model_and_it_goes_on(
    web: Web, library: Library, model: bytes, moment: str
) -> None:
    source = web.put("/tiny.gguf", model, etag='"1"', hold=300_000 if moment == "fetching" else None)
    with puller(library, source, "checking") as process:
        assert process.stdout is not None
        if moment == "fetching":
            assert web.holding.wait(30)
        else:
            assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
    web.go_on.set()
    assert list(Library(library.folder).list()) == []
    assert library.find("tiny") is None
    assert library.pull(source, quiet).path.read_bytes() == model
    assert library.interrupted() == {}
    assert files(library) == {"tiny.gguf": 0o600, "tiny.json": 0o600}


def test_killed_between_manifest_and_file(web: Web, library: Library, model: bytes) -> None:
    """The last moment there is: the manifest alone counts for nothing."""
    source = web.put("/tiny.gguf", model)
    library.pull(source, quiet)
    (library.folder / "tiny.gguf").unlink()
    assert library.names() == ()
    assert library.pull(source, quiet).path.read_bytes() == model


def test_two_processes_want_the_same_model_at_once(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/tiny.gguf", model, hold=300_000)
    with puller(library, source) as first:
        assert web.holding.wait(30)
        with puller(library, source) as second:
            said = second.communicate(timeout=30)[0]
        assert said == "'tiny' is being fetched by another process. Wait until it is done.\n"
        with pytest.raises(ModelUnusable, match="another process"):
            library.remove("tiny")
        web.go_on.set()
        assert first.communicate(timeout=30)[0] == "tiny.gguf\n"
    assert library.pull(source, quiet).path.read_bytes() == model
    assert len(web.asked) == 1


def test_many_processes_in_a_row_give_one_whole_model(web: Web, library: Library, model: bytes) -> None:
    source = web.put("/tiny.gguf", model)
    processes = [puller(library, source) for _ in range(4)]
    said = {process.communicate(timeout=60)[0].split()[-1] for process in processes}
    assert said <= {"tiny.gguf", "done."}
    assert "tiny.gguf" in said
    assert names(library) == ["tiny"]
    assert files(library) == {"tiny.gguf": 0o600, "tiny.json": 0o600}


def test_a_manifest_says_what_matters(web: Web, library: Library, model: bytes) -> None:
    library.pull(web.put("/tiny.gguf", model), quiet)
    assert json.loads((library.folder / "tiny.json").read_text()) == {
        "source": f"{web.url}/tiny.gguf",
        "size": len(model),
        "sha256": hashlib.sha256(model).hexdigest(),
    }
