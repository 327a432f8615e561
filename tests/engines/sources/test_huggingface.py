"""huggingface_hub against a server that speaks the hub's wire format; downloads can be resumed, and have its hash."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from landbridge.engines.sources import CHUNK
from landbridge.engines.sources.huggingface import fetch
from landbridge.errors import ConfigFault, GatewayError, Unreachable
from tests.fakes.web import Web

from .conftest import Seen

DATA = random.Random(1).randbytes(2 * CHUNK + 99)
SHA256 = hashlib.sha256(DATA).hexdigest()
REPO = "org/Tiny-GGUF"
FILE = "tiny-q4_k_m.gguf"


@pytest.fixture(autouse=True)
def hub(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The hub is this server, and nobody is logged in."""
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setenv("HF_TOKEN", "")
    return web


def fail(source: str, folder: Path, kind: type[GatewayError]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        fetch(source, folder, None, Seen())
    assert type(caught.value) is kind, caught.value
    assert not list(folder.glob("*.gguf"))
    return caught.value


@pytest.mark.io
@pytest.mark.parametrize("quantisation", ["", ":Q4_K_M", f":{FILE}"])
def test_a_file_comes_whole_with_its_hash(web: Web, tmp_path: Path, seen: Seen, quantisation: str) -> None:
    web.put_model(REPO, {"README.md": b"#", FILE: DATA})
    fetched = fetch(f"hf:{REPO}{quantisation}", tmp_path, None, seen)
    assert fetched.path.read_bytes() == DATA
    assert fetched.path.parent == tmp_path
    assert fetched.pieces[0].sha256 == SHA256
    assert seen.reports[-1].note == FILE
    assert fetched.source == f"hf:{REPO}{quantisation or ':Q4_K_M'}"
    assert seen.done == sorted(seen.done)
    assert len(seen.done) >= 4
    assert {progress.total for progress in seen.reports} == {len(DATA)}


@pytest.mark.io
def test_large_files_lie_elsewhere_where_the_token_does_not_go(
    web: Web, cdn: Web, tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    web.put_model(REPO, {FILE: DATA}, cdn=cdn)
    assert fetch(f"hf:{REPO}", tmp_path, None, seen).path.read_bytes() == DATA
    assert all(asked.headers["authorization"] == "Bearer hf_secret" for asked in web.asked)
    assert [asked.method for asked in cdn.asked] == ["GET"]
    assert "authorization" not in cdn.asked[0].headers


@pytest.mark.io
def test_a_private_file_on_the_hub_itself(
    web: Web, tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    web.put_model(REPO, {FILE: DATA}, login="Bearer hf_secret")
    assert fetch(f"hf:{REPO}", tmp_path, None, seen).path.read_bytes() == DATA


@pytest.mark.io
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_cut_download_goes_on(web: Web, cdn: Web, tmp_path: Path, seen: Seen, elsewhere: bool) -> None:
    there = cdn if elsewhere else None
    web.put_model(REPO, {FILE: DATA}, cdn=there, cut=CHUNK + 5)
    fault = fail(f"hf:{REPO}", tmp_path, Unreachable)
    assert f"ended after {CHUNK + 5} of {len(DATA)} bytes" in fault.message
    assert "goes on where it stopped" in fault.remedy
    web.put_model(REPO, {FILE: DATA}, cdn=there)
    fetched = fetch(f"hf:{REPO}", tmp_path, None, seen)
    assert (fetched.path.read_bytes(), fetched.pieces[0].sha256) == (DATA, SHA256)
    assert (cdn if elsewhere else web).asked[-1].headers["range"] == f"bytes={CHUNK + 5}-"
    assert seen.done[0] == CHUNK + 5


@pytest.mark.io
@pytest.mark.parametrize("source", ["hf:", "hf:repo", "hf:a/b/c", "hf:a b/c d", "hf:../x", "hf:-/--"])
def test_what_names_no_repository(web: Web, tmp_path: Path, source: str) -> None:
    assert "names no repository" in fail(source, tmp_path, ConfigFault).message
    assert web.asked == []


PIECES = {f"big-Q8_0-0000{number}-of-00003.gguf": random.Random(number).randbytes(CHUNK // 2) for number in (1, 2, 3)}
EYES = {"mmproj-F16.gguf": random.Random(4).randbytes(1000)}


@pytest.mark.io
def test_all_pieces_and_the_eyes_come_and_go_on(web: Web, cdn: Web, tmp_path: Path, seen: Seen) -> None:
    """A cut in the second piece: the first is not asked for again, and progress is that of all."""
    files = {f"sub/{name}": data for name, data in PIECES.items()} | EYES
    web.put_model(REPO, files, cdn=cdn)
    second = hashlib.sha256(PIECES["big-Q8_0-00002-of-00003.gguf"]).hexdigest()
    cdn.files[f"/repos/{second}"].cut = 1000
    with pytest.raises(Unreachable):
        fetch(f"hf:{REPO}", tmp_path, None, Seen())
    cdn.files[f"/repos/{second}"].cut = None
    fetched = fetch(f"hf:{REPO}", tmp_path, None, seen)
    assert {piece.path.name: piece.path.read_bytes() for piece in fetched.pieces} == PIECES
    assert [piece.sha256 for piece in fetched.pieces][1] == second
    assert fetched.projector is not None
    assert {fetched.projector.path.name: fetched.projector.path.read_bytes()} == EYES
    assert fetched.source == f"hf:{REPO}:Q8_0"
    assert sum(cdn.sent.values()) == sum(map(len, files.values()))
    total = sum(map(len, files.values()))
    assert seen.done[0] == CHUNK // 2 + 1000
    assert (seen.done, {progress.total for progress in seen.reports}) == (sorted(seen.done), {total})
    assert seen.reports[-1].note == "Q8_0, file 4 of 4"


@pytest.mark.io
def test_a_revision(web: Web, tmp_path: Path, seen: Seen) -> None:
    other = random.Random(9).randbytes(5000)
    web.put_model(REPO, {FILE: DATA})
    web.put_model(REPO, {FILE: other}, revision="v1.0")
    fetched = fetch(f"hf:{REPO}:Q4_K_M@v1.0", tmp_path, None, seen)
    assert fetched.path.read_bytes() == other
    assert fetched.source == f"hf:{REPO}:Q4_K_M@v1.0"


@pytest.mark.io
def test_the_repository_changes_while_it_is_fetched(web: Web, cdn: Web, tmp_path: Path, seen: Seen) -> None:
    """Two halves of different files are never joined, nor pieces of different states."""
    web.put_model(REPO, PIECES, cdn=cdn)
    third = hashlib.sha256(PIECES["big-Q8_0-00003-of-00003.gguf"]).hexdigest()
    cdn.files[f"/repos/{third}"].cut = 1000
    with pytest.raises(Unreachable):
        fetch(f"hf:{REPO}", tmp_path, None, Seen())
    renewed = {name: bytes(reversed(data)) for name, data in PIECES.items()}
    web.put_model(REPO, renewed, cdn=cdn)
    fetched = fetch(f"hf:{REPO}", tmp_path, None, seen)
    assert {piece.path.name: piece.path.read_bytes() for piece in fetched.pieces} == renewed


@pytest.mark.io
def test_servers_of_one_hub_may_call_a_file_differently(web: Web, cdn: Web, tmp_path: Path, seen: Seen) -> None:
    """It is known by its sha256: what has come is not thrown away because another server has another ETag for it."""
    web.put_model(REPO, {FILE: DATA}, cdn=cdn, cut=CHUNK, etag='"of the first"')
    with pytest.raises(Unreachable):
        fetch(f"hf:{REPO}", tmp_path, None, Seen())
    web.put_model(REPO, {FILE: DATA}, cdn=cdn, etag='"of the second"')
    assert fetch(f"hf:{REPO}", tmp_path, None, seen).path.read_bytes() == DATA
    assert sum(cdn.sent.values()) == len(DATA)
