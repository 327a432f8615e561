"""Sockets to where requests go: past dead addresses, with trust in the right certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohappyeyeballs import AddrInfoType

from landbridge.upstream import dial as dial_module
from landbridge.upstream.dial import connect, dial, tls_context
from tests.fakes.certificate import Certificate

from .conftest import OK, always, serving

pytestmark = [pytest.mark.anyio, pytest.mark.io]


def at(host: str, port: int) -> AddrInfoType:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))


@contextmanager
def black_hole() -> Iterator[int]:
    """A port of 127.0.0.1 that neither accepts nor refuses: the queue of its listener is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        filling = [socket.socket() for _ in range(4)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])
        for one in filling:
            one.close()


async def test_a_name_and_an_address_lead_to_the_same_server() -> None:
    async with serving(always(OK)) as script:
        for host in ("127.0.0.1", "localhost"):
            with await dial(host, script.port) as found:
                assert found.getpeername()[1] == script.port


async def test_localhost_means_ipv6_first_and_the_server_is_on_ipv4_alone() -> None:
    async with serving(always(OK)) as script:
        began = time.monotonic()
        with await connect([at("::1", script.port), at("127.0.0.1", script.port)]) as found:
            assert found.getpeername()[0] == "127.0.0.1"
        assert time.monotonic() - began < 0.2, "a refusal is no reason to wait"


async def test_a_server_on_ipv6_alone() -> None:
    async with serving(always(OK), host="::1") as script:
        with await dial("::1", script.port) as found:
            assert found.family is socket.AF_INET6


async def test_an_address_that_leads_nowhere_costs_a_moment_and_no_more() -> None:
    async with serving(always(OK)) as script:
        with black_hole() as port:
            began = time.monotonic()
            with await connect([at("127.0.0.1", port), at("127.0.0.1", script.port)]) as found:
                assert found.getpeername()[1] == script.port
            assert 0.2 < time.monotonic() - began < 1.0


async def test_a_failure_is_the_systems_own(free_port: Callable[[], int]) -> None:
    with pytest.raises(ConnectionRefusedError):
        await dial("127.0.0.1", free_port())
    port = free_port()
    with pytest.raises(ConnectionRefusedError):
        await connect([at("::1", port), at("127.0.0.1", port)])
    with pytest.raises(socket.gaierror):
        await dial("nowhere.invalid", 80)


async def test_a_search_that_is_given_up_leaves_no_socket() -> None:
    with black_hole() as port:
        asking = asyncio.ensure_future(connect([at("127.0.0.1", port), at("127.0.0.1", port)]))
        await asyncio.sleep(0.3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    # A socket left open would be a ResourceWarning, and warnings are errors.


async def test_long_silence_is_asked_about() -> None:
    async with serving(always(OK)) as script:
        with await dial("127.0.0.1", script.port) as found:
            assert found.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Python that knows no certificates, as one is that was built on another system."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    return monkeypatch


def trusts(context: ssl.SSLContext) -> int:
    return len(context.get_ca_certs())


def test_certificates_and_names_are_checked(trusted: Path) -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_environment_names_whom_to_trust(trusted: Path) -> None:
    known = tls_context().get_ca_certs(binary_form=True)
    assert known == [ssl.PEM_cert_to_DER_cert(trusted.read_text())]


def test_where_python_knows_no_certificates_those_of_the_system_are_found(
    certificate: Certificate, bare: pytest.MonkeyPatch
) -> None:
    bare.setattr(dial_module, "BUNDLES", ("/nowhere/at/all.pem", str(certificate.authority)))
    assert trusts(tls_context()) == 1


def test_what_the_environment_narrows_is_not_widened(
    certificate: Certificate, bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setattr(dial_module, "BUNDLES", (str(certificate.authority),))
    bare.setenv("SSL_CERT_DIR", str(tmp_path))
    assert trusts(tls_context()) == 0


def test_where_python_knows_certificates_no_others_are_looked_for(
    certificate: Certificate, bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    knowing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    knowing.load_verify_locations(certificate.authority)
    (tmp_path / "junk.pem").write_text("never read")
    bare.setattr(ssl, "create_default_context", lambda: knowing)
    bare.setattr(dial_module, "BUNDLES", (str(tmp_path / "junk.pem"),))
    assert trusts(tls_context()) == 1
