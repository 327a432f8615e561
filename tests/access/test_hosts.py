"""Names a listener answers to, and pages that may speak to it."""

from __future__ import annotations

import pytest

from landbridge.access.hosts import host_fits, host_of, is_address, is_loopback, is_own_origin, origin_fits

LOOPBACK = "127.0.0.1"
OWN = ("mybox", "mybox.local")


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("localhost:38080", "localhost"),
        ("LOCALHOST", "localhost"),
        ("[::1]:38080", "::1"),
        ("evil.example.:80", "evil.example"),
        ("", ""),
        ("a b", "a b"),
        ("[::1", ""),
        ("user@evil.example", "evil.example"),
    ],
)
def test_the_name_in_a_host_header(value: str, host: str) -> None:
    assert host_of(value) == host


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("value", "bound", "fits"),
    [
        ("", LOOPBACK, True),
        ("127.0.0.1:38080", LOOPBACK, True),
        ("localhost:38080", LOOPBACK, True),
        ("[::1]:38080", LOOPBACK, True),
        ("10.1.2.3:38080", LOOPBACK, True),  # an address was never made by somebody's name server
        ("[fe80::1%25eth0]:38080", "::", True),
        ("evil.example", LOOPBACK, False),
        ("evil.example:38080", "0.0.0.0", False),
        ("127.0.0.1.evil.example", LOOPBACK, False),
        ("mybox:38080", LOOPBACK, False),
        ("mybox:38080", "0.0.0.0", True),
        ("mybox.local", "0.0.0.0", True),
        ("llm.lan:38080", "llm.lan", True),
        ("LLM.lan", "llm.LAN", True),
        ("gateway.example.com", LOOPBACK, True),
        ("a.team.example", LOOPBACK, True),
        ("a.team.example.evil.net", LOOPBACK, False),
        ("[::1", LOOPBACK, False),
    ],
)
def test_which_names_are_answered(value: str, bound: str, fits: bool) -> None:
    assert host_fits(value, bound, OWN, ["gateway.example.com", "*.team.example"]) is fits


@pytest.mark.parametrize(("host", "address"), [("10.0.0.1", True), ("fe80::1%eth0", True), ("10.0.0.1.x", False)])
def test_addresses(host: str, address: bool) -> None:
    assert is_address(host) is address


def test_pages_that_are_named() -> None:
    allowed = ["https://chat.example/", "app://*"]
    assert origin_fits("https://chat.example", allowed)
    assert origin_fits("HTTPS://Chat.Example", allowed)
    assert origin_fits("app://thing", allowed)
    assert not origin_fits("https://chat.example.evil.net", allowed)
    assert not origin_fits("http://chat.example", allowed)
    assert not origin_fits("null", allowed)
    assert origin_fits("null", ["null"])
    assert origin_fits("https://any.example", ["*"])


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:5173", True),
        ("tauri://localhost", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://localhost.evil.example", False),
        ("", False),
    ],
)
def test_pages_of_this_machine(origin: str, own: bool) -> None:
    assert is_own_origin(origin) is own
