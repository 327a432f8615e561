"""A download goes on where it stopped, never joins two files, and says plainly why it cannot."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest

from landbridge.engines.sources import CHUNK, Progress, url
from landbridge.engines.sources.url import fetch
from landbridge.errors import ConfigFault, Garbled, GatewayError, ModelUnusable, Refused, Unreachable
from tests.fakes.web import Web

from .conftest import Seen

pytestmark = pytest.mark.io

DATA = random.Random(1).randbytes(3 * CHUNK + 123)
OTHER = random.Random(2).randbytes(len(DATA))


def get(source: str, folder: Path, seen: Seen) -> bytes:
    fetched = fetch(source, folder, None, seen)
    assert fetched.path == folder / "model.gguf"
    assert fetched.pieces[0].sha256 == ""
    return fetched.path.read_bytes()


def fail(source: str, folder: Path, kind: type[GatewayError]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        fetch(source, folder, None, Seen())
    assert type(caught.value) is kind, caught.value
    assert not (folder / "model.gguf").exists()
    return caught.value


def test_a_file_comes_whole_and_is_reported(web: Web, tmp_path: Path, seen: Seen) -> None:
    assert get(web.put("/m.gguf", DATA), tmp_path, seen) == DATA
    assert seen.done[0] == 0
    assert seen.done == sorted(seen.done)
    assert seen.done[-1] == len(DATA)
    assert len(seen.done) >= 4
    assert {(progress.total, progress.note) for progress in seen.reports} == {(len(DATA), f"127.0.0.1:{web.port}")}


def test_what_is_there_is_not_fetched_again(web: Web, tmp_path: Path, seen: Seen) -> None:
    source = web.put("/m.gguf", DATA)
    get(source, tmp_path, seen)
    assert get(source, tmp_path, seen) == DATA
    assert len(web.asked) == 1


def test_a_server_that_does_not_say_how_long_it_is(web: Web, tmp_path: Path, seen: Seen) -> None:
    assert get(web.put("/m.gguf", DATA, sized=False), tmp_path, seen) == DATA
    assert {progress.total for progress in seen.reports} == {None}


@pytest.mark.parametrize(
    "named",
    [
        {"etag": '"v1"'},
        {"modified": "Tue, 24 Nov 2026 10:00:00 GMT"},
        {"etag": 'W/"v1"', "modified": "Tue, 24 Nov 2026 10:00:00 GMT"},
        {},
    ],
    ids=["etag", "date", "weak etag and date", "only its size"],
)
def test_a_cut_download_goes_on(web: Web, tmp_path: Path, seen: Seen, named: dict[str, str]) -> None:
    source = web.put("/m.gguf", DATA, cut=CHUNK + 7, **named)
    fault = fail(source, tmp_path, Unreachable)
    assert f"ended after {CHUNK + 7} of {len(DATA)} bytes" in fault.message
    assert "goes on where it stopped" in fault.remedy
    web.put("/m.gguf", DATA, **named)
    assert get(source, tmp_path, seen) == DATA
    assert web.asked[-1].headers["range"] == f"bytes={CHUNK + 7}-"
    assert seen.done[0] == CHUNK + 7
    assert len(web.asked) == 2


def test_it_goes_on_as_often_as_it_is_cut(web: Web, tmp_path: Path, seen: Seen) -> None:
    source = web.put("/m.gguf", DATA, cut=CHUNK, etag='"v1"')
    for _ in range(3):
        fail(source, tmp_path, Unreachable)
    assert get(source, tmp_path, seen) == DATA


def test_a_server_without_ranges_begins_again(web: Web, tmp_path: Path, seen: Seen) -> None:
    source = web.put("/m.gguf", DATA, cut=CHUNK, ranges=False)
    fail(source, tmp_path, Unreachable)
    web.put("/m.gguf", DATA, ranges=False)
    assert get(source, tmp_path, seen) == DATA
    assert "range" in web.asked[-1].headers
    assert seen.done[0] == 0


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        ({"etag": '"v1"'}, {"etag": '"v2"'}, OTHER),
        ({"modified": "Tue, 24 Nov 2026 10:00:00 GMT"}, {"modified": "Wed, 25 Nov 2026 10:00:00 GMT"}, OTHER),
        ({}, {}, OTHER[:-1]),
        ({}, {}, OTHER[: CHUNK // 2]),
        ({}, {"etag": '"v2"'}, OTHER),
        ({"etag": '"v1"'}, {"etag": '"v1"', "wrong_range": True}, DATA),
    ],
    ids=["etag", "date", "size", "smaller than what has come", "named only now", "another piece than was asked for"],
)
def test_halves_of_different_files_are_never_joined(
    web: Web, tmp_path: Path, seen: Seen, before: dict[str, str], after: dict[str, str], now: bytes
) -> None:
    source = web.put("/m.gguf", DATA, cut=CHUNK, **before)
    fail(source, tmp_path, Unreachable)
    web.put("/m.gguf", now, **after)
    assert get(source, tmp_path, seen) == now


def test_bytes_of_unknown_origin_are_not_built_upon(web: Web, tmp_path: Path, seen: Seen) -> None:
    (tmp_path / "model.gguf.partial").write_bytes(OTHER[:CHUNK])
    assert get(web.put("/m.gguf", DATA), tmp_path, seen) == DATA
    (tmp_path / "model.gguf").rename(tmp_path / "model.gguf.partial")
    (tmp_path / "model.gguf.json").write_text('{"total": ')
    assert get(web.put("/m.gguf", DATA), tmp_path, seen) == DATA
    assert not any("range" in asked.headers for asked in web.asked)


def test_a_download_that_was_killed_when_all_was_there(web: Web, tmp_path: Path, seen: Seen) -> None:
    source = web.put("/m.gguf", DATA, etag='"v1"')
    get(source, tmp_path, seen)
    (tmp_path / "model.gguf").rename(tmp_path / "model.gguf.partial")
    assert get(source, tmp_path, seen) == DATA
    assert web.asked[-1].headers["range"] == f"bytes={len(DATA)}-"


@pytest.mark.parametrize(
    ("status", "kind", "said", "remedy"),
    [
        (404, Refused, "answered 404 Not Found", "Check the address"),
        (410, Refused, "answered 410 Gone", "Check the address"),
        (401, Refused, "only to those it knows (401 Unauthorized)", "user:password@host"),
        (403, Refused, "only to those it knows (403 Forbidden)", "user:password@host"),
        (429, Unreachable, "cannot serve the file now (429", "goes on"),
        (500, Unreachable, "cannot serve the file now (500", "goes on"),
        (503, Unreachable, "cannot serve the file now (503", "goes on"),
    ],
)
def test_refusals(web: Web, tmp_path: Path, status: int, kind: type[GatewayError], said: str, remedy: str) -> None:
    fault = fail(web.put("/m.gguf", b"no", status=status), tmp_path, kind)
    assert said in fault.message
    assert remedy in fault.remedy
    assert fault.origin == "source"


def test_a_web_page_is_no_model(web: Web, tmp_path: Path) -> None:
    fault = fail(web.put("/m.gguf", b"<html>", kind="text/html; charset=utf-8"), tmp_path, Garbled)
    assert "web page" in fault.message


def test_nobody_there(tmp_path: Path) -> None:
    fault = fail("http://127.0.0.1:9/m.gguf", tmp_path, Unreachable)
    assert "broke off" in fault.message
    assert "refused" in fault.message


def test_no_such_host(tmp_path: Path) -> None:
    fail("http://nowhere.invalid/m.gguf", tmp_path, Unreachable)


def test_a_server_that_falls_silent(web: Web, tmp_path: Path, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url, "TIMEOUT", 0.3)
    source = web.put("/m.gguf", DATA, hold=CHUNK, etag='"v1"')
    assert "timed out" in fail(source, tmp_path, Unreachable).message
    web.go_on.set()
    assert get(source, tmp_path, seen) == DATA
    assert web.asked[-1].headers["range"].startswith("bytes=")


@pytest.mark.parametrize("source", ["http:m.gguf", "https://", "http://[::1/m.gguf", "http://host:port/m.gguf"])
def test_addresses_that_are_none(tmp_path: Path, source: str) -> None:
    assert fail(source, tmp_path, ConfigFault).message == f"'{source}' is no address."


def test_an_address_in_any_letters(web: Web, tmp_path: Path, seen: Seen) -> None:
    web.put("/mod%C3%A8les/a%20b.gguf", DATA)
    assert get(f"{web.url}/modèles/a b.gguf?download=true", tmp_path, seen) == DATA


def test_a_login_in_the_address(web: Web, tmp_path: Path, seen: Seen) -> None:
    """It goes to that server only, and into no message."""
    login = f"Basic {base64.b64encode(b'me:s:ecret@').decode()}"
    source = web.put("/m.gguf", DATA, login=login).replace("http://", "http://me:s%3Aecret%40@")
    assert get(source, tmp_path, seen) == DATA
    assert not any("ecret" in progress.note for progress in seen.reports)
    fault = fail(source.replace("me:", "you:"), tmp_path / "none", Refused)
    assert "ecret" not in fault.text


def test_a_login_stays_behind_when_the_file_lies_elsewhere(web: Web, cdn: Web, tmp_path: Path, seen: Seen) -> None:
    elsewhere = cdn.put("/signed", DATA)
    source = web.put("/m.gguf", status=302, to=elsewhere, login="Basic bWU6cHc=")
    assert get(source.replace("http://", "http://me:pw@"), tmp_path, seen) == DATA
    assert "authorization" not in cdn.asked[0].headers


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_no_other_scheme_is_followed(web: Web, tmp_path: Path, scheme: str) -> None:
    """Neither in an address that somebody else gives us, nor in a redirect."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"GGUF")
    for address in (f"{scheme}://{secret}", web.put("/m.gguf", status=302, to=f"{scheme}://127.0.0.1{secret}")):
        with pytest.raises(GatewayError):
            url.download(address, tmp_path / "model.gguf", Seen())
        assert not (tmp_path / "model.gguf").exists()


def test_a_full_disk(web: Web, tmp_path: Path) -> None:
    (tmp_path / "model.gguf.partial").symlink_to("/dev/full")
    fault = fail(web.put("/m.gguf", DATA), tmp_path, ModelUnusable)
    assert "disk is full" in fault.message


def test_what_a_report_raises_ends_the_download_and_what_has_come_stays(web: Web, tmp_path: Path, seen: Seen) -> None:
    source = web.put("/m.gguf", DATA, etag='"v1"')

    def stop(progress: Progress) -> None:
        if progress.done > CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(source, tmp_path, None, stop)
    assert get(source, tmp_path, seen) == DATA
    assert seen.done[0] > CHUNK
