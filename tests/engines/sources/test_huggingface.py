"""huggingface_hub against a server that speaks the hub's wire format; downloads can be resumed, and have its hash."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

import pytest

from landbridge.engines.sources import CHUNK
from landbridge.engines.sources.huggingface import choose, fetch
from landbridge.errors import ConfigFault, Garbled, GatewayError, Refused, Unreachable
from tests.fakes.web import Web

from .conftest import Seen

DATA = random.Random(1).randbytes(2 * CHUNK + 99)
SHA256 = hashlib.sha256(DATA).hexdigest()
REPO = "org/Tiny-GGUF"
FILE = "tiny-q4_k_m.gguf"
ADDRESS = f"/{REPO}/resolve/main/{FILE}"


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
    assert not (folder / "model.gguf").exists()
    return caught.value


@pytest.mark.io
@pytest.mark.parametrize("quantisation", ["", ":Q4_K_M", f":{FILE}"])
def test_a_file_comes_whole_with_its_hash(web: Web, tmp_path: Path, seen: Seen, quantisation: str) -> None:
    web.put_model(REPO, {"README.md": b"#", FILE: DATA})
    fetched = fetch(f"hf:{REPO}{quantisation}", tmp_path, None, seen)
    assert fetched.path.read_bytes() == DATA
    assert fetched.path.parent == tmp_path
    assert fetched.sha256 == SHA256
    assert seen.reports[0].note == FILE
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
    assert (fetched.path.read_bytes(), fetched.sha256) == (DATA, SHA256)
    assert (cdn if elsewhere else web).asked[-1].headers["range"] == f"bytes={CHUNK + 5}-"


@pytest.mark.io
@pytest.mark.parametrize(
    ("code", "status", "said", "remedy"),
    [
        ("RepoNotFound", 404, "no repository 'org/Tiny-GGUF'", "HF_TOKEN"),
        ("RepoNotFound", 401, "no repository 'org/Tiny-GGUF'", "HF_TOKEN"),
        ("GatedRepo", 403, "accepted its terms", "HF_TOKEN"),
    ],
)
def test_repositories_one_may_not_have(
    web: Web, tmp_path: Path, code: str, status: int, said: str, remedy: str
) -> None:
    web.put(f"/api/models/{REPO}", b"{}", status=status, headers={"X-Error-Code": code})
    fault = fail(f"hf:{REPO}", tmp_path, Refused)
    assert said in fault.message
    assert remedy in fault.remedy
    assert fault.origin == "source"


@pytest.mark.io
def test_a_gated_file_of_a_public_repository(web: Web, tmp_path: Path) -> None:
    web.put_model(REPO, {FILE: DATA})
    web.put(ADDRESS, status=403, headers={"X-Error-Code": "GatedRepo"})
    assert "accepted its terms" in fail(f"hf:{REPO}", tmp_path, Refused).message


@pytest.mark.io
@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_what_else_a_hub_says(web: Web, tmp_path: Path, status: int) -> None:
    web.put(f"/api/models/{REPO}", b'{"error": "no"}', status=status)
    fault = fail(f"hf:{REPO}", tmp_path, Unreachable)
    assert fault.message == f"Hugging Face could not be asked for '{REPO}': it answered {status} no."


@pytest.mark.io
@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"id": "x", "siblings": [{}]}', b""])
def test_another_server_than_a_hub(web: Web, tmp_path: Path, body: bytes) -> None:
    """A company's proxy, for example, that answers everything with its own page."""
    web.put(f"/api/models/{REPO}", body)
    assert "does not speak as it does" in fail(f"hf:{REPO}", tmp_path, Garbled).message


@pytest.mark.io
def test_a_hub_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    assert "refused" in fail(f"hf:{REPO}", tmp_path, Unreachable).message
    assert time.monotonic() - began < 10


@pytest.mark.io
@pytest.mark.parametrize("source", ["hf:", "hf:repo", "hf:a/b/c", "hf:a b/c d", "hf:../x", "hf:-/--"])
def test_what_names_no_repository(web: Web, tmp_path: Path, source: str) -> None:
    assert "names no repository" in fail(source, tmp_path, ConfigFault).message
    assert web.asked == []


@pytest.mark.parametrize(
    ("files", "wanted", "chosen"),
    [
        (["README.md", "a.gguf"], "", "a.gguf"),
        (["a-Q2_K.gguf", "a-Q4_K_M.gguf", "a-Q8_0.gguf"], "", "a-Q4_K_M.gguf"),
        (["a-Q2_K.gguf", "a-Q5_K_M.gguf", "a-q8_0.gguf"], "", "a-Q5_K_M.gguf"),
        (["a-Q2_K.gguf", "a-Q8_0.gguf"], "q2_k", "a-Q2_K.gguf"),
        (["a-f16-00001-of-00002.gguf", "a-f16-00002-of-00002.gguf", "a-q2.gguf"], "", "a-q2.gguf"),
        (["a-Q8_0.gguf", "mmproj-Q8_0.gguf"], "", "a-Q8_0.gguf"),
        (["a.gguf", "ba.gguf"], "a.gguf", "a.gguf"),
        (["x/a-Q4_0.gguf", "y/b-Q4_0.gguf"], "y/b", "y/b-Q4_0.gguf"),
    ],
)
def test_the_file_meant(files: list[str], wanted: str, chosen: str) -> None:
    assert choose(files, REPO, wanted) == chosen


@pytest.mark.parametrize(
    ("files", "wanted", "said"),
    [
        (["README.md", "model.safetensors"], "", "has no model in one GGUF file"),
        (["a-00001-of-00002.gguf"], "", "has no model in one GGUF file"),
        (["a-IQ1.gguf", "b-IQ2.gguf"], "", "has several models: a-IQ1.gguf, b-IQ2.gguf."),
        (["a-Q4_0.gguf", "a-Q4_1.gguf"], "Q4", "has several models for Q4: a-Q4_0.gguf, a-Q4_1.gguf."),
        (["sub/a-Q4_0.gguf"], "Q9", "has no model for Q9: a-Q4_0.gguf."),
    ],
)
def test_choices_are_listed(files: list[str], wanted: str, said: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        choose(files, REPO, wanted)
    assert caught.value.message == f"'{REPO}' {said}".rstrip(".") + "."
    assert caught.value.remedy
