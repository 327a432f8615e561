"""Whoever is on the port is told apart, and the router's own words reach the user."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from landbridge.config import Listener
from landbridge.errors import ConfigFault, GatewayError, TimedOut, UnknownModel, Unreachable
from landbridge.manage import router
from tests.fakes.router import HEALTH, FakeRouter, running

pytestmark = pytest.mark.io


@pytest.fixture
def fake() -> Iterator[FakeRouter]:
    with running() as server:
        yield server


def test_up(fake: FakeRouter) -> None:
    found = router.probe(fake.url)
    assert found.state == "up"
    assert found.health is not None
    assert found.health.version == "0.1.0"
    assert found.health.parts["settings"].status == "ok"


def test_red_is_up_too(fake: FakeRouter) -> None:
    fake.answer("/health", 503, {**HEALTH, "status": "failing"})
    assert router.probe(fake.url).state == "up"


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"[]", b'{"status": 1}', b"\xff\xfe"])
def test_another_program_that_speaks_http(fake: FakeRouter, body: bytes) -> None:
    fake.answer("/health", 200, body)
    assert router.probe(fake.url).state == "other"


def test_nobody(free_port: Callable[[], int]) -> None:
    found = router.probe(f"http://127.0.0.1:{free_port()}")
    assert found.state == "nobody"


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_silence(mute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimedOut, match="did not answer within 0 s"):
        router.ask(mute, "GET", "/health", timeout=0.1)
    monkeypatch.setattr(router, "STATE_TIMEOUT", 0.1)
    assert router.probe(mute).state == "silent"


def test_refused_says_how_to_start_it(free_port: Callable[[], int]) -> None:
    with pytest.raises(Unreachable) as caught:
        router.ask(f"http://127.0.0.1:{free_port()}", "GET", "/health")
    assert "landbridge serve" in caught.value.remedy


def test_no_such_host_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        router.ask("http://nowhere.invalid:1", "GET", "/health")


def test_model_info_keeps_slashes_in_names(fake: FakeRouter) -> None:
    fake.answer("/anthropic/v1/models/lab%2Fm%3A8b", 200, {"id": "lab/m:8b"})
    assert json.loads(router.model_info(fake.url, "lab/m:8b")) == {"id": "lab/m:8b"}


def test_unknown_model_speaks_in_the_routers_words(fake: FakeRouter) -> None:
    with pytest.raises(UnknownModel) as caught:
        router.model_info(fake.url, "x")
    assert caught.value.message == "There is no model 'x'."


def test_other_failures_say_the_status_where_there_are_no_words(fake: FakeRouter) -> None:
    fake.answer("/anthropic/v1/models/x", 500, b"oh")
    with pytest.raises(GatewayError) as caught:
        router.model_info(fake.url, "x")
    assert "500" in caught.value.message


def test_a_path_in_the_url_is_kept(fake: FakeRouter) -> None:
    fake.answer("/behind/health", 200, HEALTH)
    assert router.probe(f"{fake.url}/behind/").state == "up"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:5"),
        ("0.0.0.0", "http://127.0.0.1:5"),
        ("::", "http://[::1]:5"),
        ("::1", "http://[::1]:5"),
        ("box.lan", "http://box.lan:5"),
    ],
)
def test_url_reaches_the_listener_from_here(host: str, url: str) -> None:
    assert router.url_of(Listener(host=host, port=5)) == url


def test_a_free_port_cannot_be_known() -> None:
    with pytest.raises(ConfigFault):
        router.url_of(Listener(port=0))


def test_is_open(fake: FakeRouter, free_port: Callable[[], int]) -> None:
    assert router.is_open("127.0.0.1", fake.port)
    assert not router.is_open("127.0.0.1", free_port())


def test_clients_are_given_a_key_only_where_one_is_needed(fake: FakeRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.manage.credential.key_to", lambda url: "lb-local-x")
    assert router.key_for(fake.url) == "landbridge"
    fake.answer("/health", 200, {"status": "ok", "version": "1"})
    assert router.key_for(fake.url) == "lb-local-x"
    fake.answer("/health", 200, b"<html>")
    assert router.key_for(fake.url) == "landbridge"
    assert router.key_for("http://127.0.0.1:9") == "landbridge"
