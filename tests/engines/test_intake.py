"""What arrives is what it should be, or nothing has arrived: checked bytes, enough disk, one fetch at a time."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from landbridge.engines import intake
from landbridge.engines.intake import NOTHING, Arrival, Expected, bring, only_one
from landbridge.engines.sources import Progress
from landbridge.errors import ConfigFault, ModelUnusable, Refused, Unreachable
from tests.fakes.gguf_model import write_model, write_projector
from tests.fakes.web import Web

pytestmark = pytest.mark.io


@pytest.fixture
def entry(model: bytes) -> Expected:
    return Expected(hashlib.sha256(model).hexdigest(), len(model))


def get(sources: tuple[str, ...], partial: Path, entry: Expected = NOTHING) -> Arrival:
    return bring("tiny", sources, entry, partial, lambda progress: None)


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_model_of_the_catalogue(web: Web, model: bytes, entry: Expected, tmp_path: Path) -> None:
    seen: list[Progress] = []
    arrival = bring("tiny", (web.put("/m", model),), entry, tmp_path, seen.append)
    assert arrival.path.read_bytes() == model
    assert (arrival.source, arrival.sha256) == (f"{web.url}/m", entry.sha256)
    assert arrival.facts.name == "Tiny"
    assert not arrival.in_place
    assert seen[-1] == Progress(len(model), len(model), "checking sha256")


def test_a_model_nobody_vouches_for_still_gets_its_hash(
    web: Web, model: bytes, entry: Expected, tmp_path: Path
) -> None:
    assert get((web.put("/m", model),), tmp_path).sha256 == entry.sha256


def test_a_wrong_hash_leaves_nothing(web: Web, model: bytes, entry: Expected, tmp_path: Path) -> None:
    wrong = replace(entry, sha256="0" * 64)
    with pytest.raises(ModelUnusable) as caught:
        get((web.put("/m", model),), tmp_path, wrong)
    assert f"is not that model: its sha256 is {entry.sha256}, not {'0' * 64}" in caught.value.message
    assert leftovers(tmp_path) == []
    assert get((f"{web.url}/m",), tmp_path, entry).path.read_bytes() == model


def test_the_hub_vouches_for_what_it_has(
    web: Web, model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    web.put_model("org/tiny", {"m.gguf": model})
    for file in [file for path, file in web.files.items() if path.endswith("/m.gguf")]:
        file.data = model[:-1] + b"x"
    with pytest.raises(ModelUnusable, match="is not that model"):
        get(("hf:org/tiny",), tmp_path)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "said"), [(b"hello", "does not begin with GGUF"), (b"", "is empty"), (b"GGUF\3\0\0\0", "truncated")]
)
def test_what_is_no_model_leaves_nothing(web: Web, tmp_path: Path, data: bytes, said: str) -> None:
    """So that the next try is a try."""
    with pytest.raises(ModelUnusable, match=said):
        get((web.put("/m", data),), tmp_path)
    assert leftovers(tmp_path) == []


def test_a_cut_that_nobody_could_notice_leaves_nothing(web: Web, model: bytes, tmp_path: Path) -> None:
    """A server that does not say how much there is, and breaks."""
    source = web.put("/m", model, sized=False, cut=len(model) - 100)
    with pytest.raises(ModelUnusable, match="is truncated"):
        get((source,), tmp_path)
    web.put("/m", model, sized=False)
    assert get((source,), tmp_path).path.read_bytes() == model


def test_a_file_of_the_machine_stays_as_it_is(model: bytes, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(model)
    partial = tmp_path / "partial"
    partial.mkdir()
    arrival = get((str(own),), partial)
    assert (arrival.path, arrival.source, arrival.sha256) == (own, str(own), "")
    assert arrival.in_place
    own.write_bytes(b"broken")
    with pytest.raises(ModelUnusable):
        get((str(own),), partial)
    assert own.read_bytes() == b"broken"


def test_the_next_source_is_tried(web: Web, model: bytes, entry: Expected, tmp_path: Path) -> None:
    wrong, gone, right = web.put("/wrong", model[:-1] + b"x"), f"{web.url}/gone", web.put("/m", model)
    arrival = get((gone, wrong, right), tmp_path, entry)
    assert arrival.source == right
    assert arrival.path.read_bytes() == model


def test_if_none_has_it_the_first_says_why(web: Web, model: bytes, entry: Expected, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="404"):
        get((f"{web.url}/gone", web.put("/wrong", b"x")), tmp_path, entry)


def test_bytes_of_one_source_are_never_those_of_another(web: Web, model: bytes, tmp_path: Path) -> None:
    """Two servers without a name for their files, a cut, and the same size."""
    other = bytes(reversed(model))
    with pytest.raises(Unreachable):
        get((web.put("/a", other, cut=1000),), tmp_path)
    assert get((web.put("/b", model),), tmp_path).path.read_bytes() == model
    assert "range" not in web.asked[-1].headers


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize("known", [True, False])
def test_no_room_on_the_disk_is_said_before_it_is_full(
    web: Web, model: bytes, entry: Expected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Before the first byte, whether the catalogue knows the size or the server says it."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(0, 0, intake.RESERVE + len(model) - 1))
    with pytest.raises(ModelUnusable) as caught:
        get((web.put("/m", model),), tmp_path, entry if known else NOTHING)
    assert "GB of disk, but 0.27 GB are free" in caught.value.message
    assert "--data-dir" in caught.value.remedy
    assert len(web.asked) == (0 if known else 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(0, 0, intake.RESERVE + len(model)))
    assert get((f"{web.url}/m",), tmp_path, entry if known else NOTHING).path.exists()


def test_what_has_come_already_needs_no_room(
    web: Web, model: bytes, entry: Expected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unreachable):
        get((web.put("/m", model, cut=20_000, etag='"1"'),), tmp_path, entry)
    web.put("/m", model, etag='"1"')
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(0, 0, intake.RESERVE + len(model) - 20_000))
    assert get((f"{web.url}/m",), tmp_path, entry).path.exists()


def test_a_wrong_source_is_no_reason_to_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault):
        get(("pypi:../x",), tmp_path)


def test_a_sum_of_the_users_own(web: Web, model: bytes, entry: Expected, tmp_path: Path) -> None:
    """Whatever the source: what it says must be so."""
    only = Expected(entry.sha256)
    assert get((web.put("/m", model),), tmp_path, only).sha256 == entry.sha256
    own = tmp_path / "own.gguf"
    own.write_bytes(model)
    partial = tmp_path / "partial"
    partial.mkdir()
    assert get((str(own),), partial, only).sha256 == entry.sha256
    own.write_bytes(model[:-1] + b"x")
    with pytest.raises(ModelUnusable, match="What is there for 'tiny' is not that model"):
        get((str(own),), partial, only)
    assert own.exists()


def test_a_model_in_pieces_with_its_eyes(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = tmp_path_factory.mktemp("made")
    write_model(made / "m.gguf", tensors=5, piece=2)
    write_projector(made / "mmproj-F16.gguf")
    files = {path.name: path.read_bytes() for path in sorted(made.iterdir())}
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    web.put_model("org/tiny", files)
    seen: list[Progress] = []
    arrival = bring("tiny", ("hf:org/tiny",), NOTHING, tmp_path, seen.append)
    assert [path.name for path in arrival.files] == [f"m-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    assert arrival.projector is not None
    assert {path.name: path.read_bytes() for path in arrival.all_files} == files
    pieces = [hashlib.sha256(data).hexdigest() for name, data in files.items() if name.startswith("m-")]
    assert arrival.sha256 == hashlib.sha256("".join(pieces).encode()).hexdigest()
    assert arrival.facts.parameters == 5 * 64 * 32
    size = sum(map(len, files.values()))
    assert seen[-1] == Progress(size, size, "checking sha256")
    for file in [file for path, file in web.files.items() if "00002" in path]:
        file.data = file.data[:-1] + b"x"
    other = tmp_path_factory.mktemp("other")
    with pytest.raises(ModelUnusable, match="is not that model"):
        bring("tiny", ("hf:org/tiny",), NOTHING, other, seen.append)
    assert leftovers(other) == []


def test_folders_are_for_nobody_else(web: Web, model: bytes, tmp_path: Path) -> None:
    arrival = get((web.put("/m", model),), tmp_path)
    assert arrival.path.parent.stat().st_mode & 0o777 == 0o700


HOLD = """
import sys
from pathlib import Path
from landbridge.engines.intake import only_one
with only_one(Path(sys.argv[1]), "tiny"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_fetch_at_a_time_and_none_after_a_kill(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ModelUnusable, match="'tiny' is being fetched by another process"), only_one(lock, "tiny"):
            pass
        other.kill()
    with only_one(lock, "tiny"):
        pass
    with only_one(lock, "tiny"):
        pass
