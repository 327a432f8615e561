"""The hub as it speaks, and all the ways in which it says no, each with what to do about it."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from landbridge.engines.sources import fetch
from landbridge.engines.sources.hub import Hit, Repository, locate, look, search
from landbridge.engines.sources.variants import HubFile
from landbridge.errors import ConfigFault, Garbled, GatewayError, Refused, Unreachable
from tests.fakes.hub import commit_of, put_gated, put_search
from tests.fakes.web import Web

REPO = "org/Tiny-GGUF"
FILE = "tiny-q4_k_m.gguf"
DATA = b"GGUF" * 1000


@pytest.fixture(autouse=True)
def hub(web: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The hub is this server, and nobody is logged in."""
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setenv("HF_TOKEN", "")
    return web


def fail(kind: type[GatewayError], repository: str = REPO, revision: str = "") -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        found = look(repository, revision)
        locate(found, found.files[-1])
    assert type(caught.value) is kind, caught.value
    return caught.value


@pytest.mark.io
def test_what_a_repository_has(web: Web, cdn: Web) -> None:
    files = {"README.md": b"# small", FILE: DATA}
    gguf = {"total": 134_515_008, "architecture": "llama", "context_length": 8192, "chat_template": "{{}}"}
    web.put_model(REPO, files, cdn=cdn, about={"gguf": gguf})
    found = look(REPO)
    assert found == Repository(
        REPO,
        commit_of(files),
        (HubFile("README.md", 7), HubFile(FILE, len(DATA), found.files[1].sha256)),
        parameters=134_515_008,
        architecture="llama",
        context_length=8192,
    )
    place = locate(found, found.files[1])
    assert place.address.startswith(f"{cdn.url}/repos/{found.files[1].sha256}?")
    assert (place.size, place.sha256, place.authorization) == (len(DATA), found.files[1].sha256, "")
    assert locate(found, found.files[0]).address == f"{web.url}/{REPO}/resolve/{found.commit}/README.md"
    assert [asked.path for asked in web.asked if "/api/" in asked.path] == [f"/api/models/{REPO}"]


@pytest.mark.io
def test_a_revision(web: Web) -> None:
    web.put_model(REPO, {FILE: DATA}, revision="refs/pr/3")
    web.files[f"/api/models/{REPO}/revision/refs%2Fpr%2F3"] = web.files[f"/api/models/{REPO}/revision/refs/pr/3"]
    assert look(REPO, "refs/pr/3").commit == commit_of({FILE: DATA})
    web.put(f"/api/models/{REPO}/revision/v9", b"{}", status=404, headers={"X-Error-Code": "RevisionNotFound"})
    assert fail(Refused, revision="v9").message == f"'{REPO}' has no revision 'v9'."


@pytest.mark.io
def test_an_endpoint_with_a_slash_at_its_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"{web.url}/")
    web.put_model(REPO, {FILE: DATA})
    found = look(REPO)
    assert locate(found, found.files[0]).address == f"{web.url}/{REPO}/resolve/{found.commit}/{FILE}"
    put_search(web, ROWS)
    assert len(search("tiny", 5)) == 2


@pytest.mark.io
def test_the_token_goes_to_the_hub_only(web: Web, cdn: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    web.put_model(REPO, {FILE: DATA}, cdn=cdn)
    found = look(REPO)
    assert locate(found, found.files[0]).authorization == ""
    web.put_model(REPO, {FILE: DATA})
    assert locate(found, found.files[0]).authorization == "Bearer hf_secret"
    put_search(web, [])
    search("x", 1)
    assert {asked.headers["authorization"] for asked in web.asked} == {"Bearer hf_secret"}


@pytest.mark.io
@pytest.mark.parametrize("token", ["", "hf_secret"])
def test_terms_to_accept(web: Web, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    web.put_model(REPO, {FILE: DATA}, about={"gated": "manual"})
    put_gated(web, REPO, FILE, token)
    fault = fail(Refused)
    assert "accepted its terms" in fault.message
    assert f"{web.url}/{REPO}" in fault.remedy
    assert ("the account your token is of" if token else "set HF_TOKEN, or run: hf auth login") in fault.remedy
    assert "secret" not in fault.text


@pytest.mark.io
def test_a_login_in_the_endpoint_is_in_no_message(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a mirror that wants one."""
    monkeypatch.setenv("HF_ENDPOINT", web.url.replace("http://", "http://me:secret@"))
    login = f"Basic {base64.b64encode(b'me:secret').decode()}"
    web.put_model(REPO, {FILE: DATA}, login=login)
    assert fetch(f"hf:{REPO}", tmp_path, None, lambda progress: None).path.read_bytes() == DATA
    web.put(f"/{REPO}/resolve/{commit_of({FILE: DATA})}/{FILE}", status=500)
    (tmp_path / FILE).unlink()
    for _ in range(2):
        with pytest.raises(GatewayError) as caught:
            fetch(f"hf:{REPO}", tmp_path, None, lambda progress: None)
        assert "secret" not in caught.value.text
        put_gated(web, REPO, FILE)


@pytest.mark.io
def test_an_endpoint_that_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for endpoint in ("http://127.0.0.1:port", "hub.example.com", "http://[bad", "ftp://127.0.0.1"):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        for ask in (look, lambda words: search(words, 1)):
            with pytest.raises(GatewayError):
                ask(REPO)


@pytest.mark.io
def test_a_token_nobody_knows(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_old")
    said = {"X-Error-Message": "Invalid credentials in Authorization header"}
    web.put(f"/api/models/{REPO}", b"{}", status=401, headers=said)
    fault = fail(Refused)
    assert fault.message.startswith("Hugging Face does not know your token (401 Invalid credentials")
    assert "hf_old" not in fault.text


@pytest.mark.io
def test_a_token_that_may_not_read(web: Web) -> None:
    web.put(f"/api/models/{REPO}", b"{}", status=403, headers={"X-Error-Message": "no"})
    assert fail(Refused).message == f"Your token may not read '{REPO}' (403 no)."


@pytest.mark.io
def test_a_file_that_has_gone(web: Web) -> None:
    web.put_model(REPO, {FILE: DATA})
    for path in [path for path in web.files if "/resolve/" in path]:
        web.put(path, status=404, headers={"X-Error-Code": "EntryNotFound"})
    assert "not there any more" in fail(Refused).message


@pytest.mark.io
@pytest.mark.parametrize(
    ("code", "status", "said", "remedy"),
    [
        ("RepoNotFound", 404, "no repository 'org/Tiny-GGUF'", "HF_TOKEN"),
        ("RepoNotFound", 401, "no repository 'org/Tiny-GGUF'", "HF_TOKEN"),
        ("GatedRepo", 403, "accepted its terms", "HF_TOKEN"),
    ],
)
def test_repositories_one_may_not_have(web: Web, code: str, status: int, said: str, remedy: str) -> None:
    web.put(f"/api/models/{REPO}", b"{}", status=status, headers={"X-Error-Code": code})
    fault = fail(Refused)
    assert said in fault.message
    assert remedy in fault.remedy
    assert fault.origin == "source"


@pytest.mark.io
@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_what_else_a_hub_says(web: Web, status: int) -> None:
    web.put(f"/api/models/{REPO}", b'{"error": "no"}', status=status)
    fault = fail(Unreachable)
    assert fault.message == f"Hugging Face could not be asked for '{REPO}': it answered {status} no."


@pytest.mark.io
@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"id": "x", "siblings": [{}]}', b""])
def test_another_server_than_a_hub(web: Web, body: bytes) -> None:
    """A company's proxy, for example, that answers everything with its own page."""
    web.put(f"/api/models/{REPO}", body)
    assert "does not speak as it does" in fail(Garbled).message


@pytest.mark.io
def test_a_hub_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    assert "refused" in fail(Unreachable).message
    assert time.monotonic() - began < 10


@pytest.mark.io
@pytest.mark.parametrize("repository", ["", "repo", "a/b/c", "a b/c d", "../x", "-/--"])
def test_what_names_no_repository(web: Web, repository: str) -> None:
    assert "names no repository" in fail(ConfigFault, repository).message
    assert web.asked == []


ROWS = [
    {"id": "org/Tiny-GGUF", "downloads": 5, "likes": 1, "lastModified": "2026-05-04T10:20:30.000Z",
     "siblings": [{"rfilename": "tiny-Q4_0.gguf"}], "gguf": {"total": 10, "architecture": "llama"}, "gated": "auto"},
    {"id": "org/tiny-other", "downloads": 50, "likes": None, "siblings": [], "gated": False},
    {"id": "org/tiny-weights", "downloads": 500, "tags": ["safetensors"]},
    {"id": "org/large", "downloads": 5000},
]  # fmt: skip


@pytest.mark.io
def test_searching(web: Web) -> None:
    put_search(web, ROWS)
    assert search("TINY", 5) == [
        Hit("org/tiny-other", 50, 0, "", ()),
        Hit("org/Tiny-GGUF", 5, 1, "2026-05-04T10:20:30.000Z", ("tiny-Q4_0.gguf",), parameters=10, gated=True),
    ]
    assert [hit.name for hit in search("org", 1)] == ["org/large"]
    assert search("nothing", 5) == []


@pytest.mark.io
@pytest.mark.parametrize("body", [b"<html>", b"{}", b'[{"downloads": 1}]', b""])
def test_a_search_that_is_answered_by_something_else(web: Web, body: bytes) -> None:
    web.put("/api/models", body)
    with pytest.raises(Garbled, match="does not speak as it does"):
        search("x", 1)


@pytest.mark.io
def test_a_search_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(Unreachable, match="could not be asked for 'x'") as raised:
        search("x", 1)
    assert raised.value.remedy == "Check the network. Then search again."
    assert time.monotonic() - began < 10
