"""Which addresses are public, in whatever form they are written."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.gateway.hosted import addresses
from landbridge.gateway.hosted.addresses import Dialer, NotPublic, is_public

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "0.0.0.0", "0.1.2.3", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "::127.0.0.1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "fc00::1", "fd12:3456:789a::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::",
    "2002:a9fe:a9fe::", "2001::1", "2001:db8::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "3fff::1",
    "5f00::1", "", "localhost", "1.2.3", "999.1.1.1", "example.com",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "11.0.0.1", "2606:4700:4700::1111", "2001:4860:4860::8888",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "2400:cb00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_no_more_public_in_ipv6(address: Any) -> None:
    for written in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(written) == is_public(str(address))


HOSTS = [
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.1", "0",
    "0.0.0.0", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.1.2.3", "192.168.0.1", "fd00::1", "fe80::1",
]  # fmt: skip


@pytest.mark.io
@pytest.mark.anyio
@pytest.mark.parametrize("host", HOSTS)
async def test_however_a_host_is_written_no_connection_is_made(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(found: object) -> socket.socket:
        raise AssertionError(f"connected to {found}")

    monkeypatch.setattr(addresses, "connect", connect)
    with pytest.raises((NotPublic, OSError)):  # some systems know no such form at all
        await Dialer(())(host, 80)


def _infos(*found: str) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in found]


@pytest.mark.anyio
async def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[Any]:
        return _infos("93.184.215.14", "10.0.0.1")

    monkeypatch.setattr(addresses, "resolve", resolve)
    with pytest.raises(NotPublic, match=r"evil\.example"):
        await Dialer(())("evil.example", 80)


@pytest.mark.anyio
async def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the connection goes to the addresses that were looked at, and the name is not asked again."""
    asked: list[str] = []
    connected: list[Any] = []

    async def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        return _infos("93.184.215.14") if len(asked) == 1 else _infos("127.0.0.1")

    async def connect(found: Any) -> socket.socket:
        connected.append([place[0] for *_, place in found])
        return socket.socket()

    monkeypatch.setattr(addresses, "resolve", resolve)
    monkeypatch.setattr(addresses, "connect", connect)
    (await Dialer(())("evil.example", 80)).close()
    assert (asked, connected) == (["evil.example"], [["93.184.215.14"]])
    with pytest.raises(NotPublic):
        await Dialer(())("evil.example", 80)
    assert len(connected) == 1


@pytest.mark.anyio
async def test_hosts_of_the_settings_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(found: object) -> socket.socket:
        return socket.socket()

    monkeypatch.setattr(addresses, "connect", connect)
    dialer = Dialer(["10.0.0.7:8080", " Wiki.example ", "[fd00::1]:443"])
    assert dialer.is_named("10.0.0.7", 8080) and dialer.is_named("wiki.example", 80) and dialer.is_named("fd00::1", 443)
    assert not dialer.is_named("10.0.0.7", 80) and not dialer.is_named("10.0.0.8", 8080)
    (await dialer("10.0.0.7", 8080)).close()
    with pytest.raises(NotPublic):
        await dialer("10.0.0.7", 80)


@pytest.mark.anyio
@pytest.mark.io
async def test_a_loop_of_tasks_is_left_clean() -> None:
    before = len(asyncio.all_tasks())
    with pytest.raises(NotPublic):
        await Dialer(())("127.0.0.1", 80)
    assert len(asyncio.all_tasks()) == before
