"""Every way a connection fails, in words that say where and what to do, and give nothing away."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from landbridge.errors import Cut, Garbled, GatewayError, Refused, TimedOut, Unreachable
from landbridge.upstream.connection import Broken, NotConnected, SlowToConnect
from landbridge.upstream.faults import SlowToAnswer, fault, reason, redirect
from landbridge.upstream.incoming import Malformed
from landbridge.upstream.place import Endpoint

SECRET = "sk-secret"
AT = Endpoint(
    f"https://lab.example/{SECRET}/v1?key={SECRET}",
    {"authorization": f"Bearer {SECRET}"},
    connect_timeout=2.5,
    first_byte_timeout=20.0,
    idle_timeout=300.0,
    origin="provider:lab",
)


def because(cause: BaseException) -> NotConnected:
    error = NotConnected()
    error.__cause__ = cause
    return error


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1006)")
    error.verify_message = "certificate has expired"
    return error


CASES: dict[str, tuple[BaseException, type[GatewayError], str]] = {
    "no answer": (SlowToAnswer(), TimedOut, "lab.example:443 did not begin to answer within 20 s."),
    "refused": (
        because(ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.1', 443)")),
        Unreachable,
        "Cannot connect to lab.example:443: Connection refused.",
    ),
    "no such host": (
        because(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
        Unreachable,
        "There is no host 'lab.example'.",
    ),
    "no name server": (
        because(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
        Unreachable,
        "The address of 'lab.example' cannot be found: Temporary failure in name resolution.",
    ),
    "not TLS": (
        because(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")),
        Unreachable,
        "No secure connection to lab.example:443: wrong version number.",
    ),
    "untrusted": (
        because(untrusted()),
        Unreachable,
        "No secure connection to lab.example:443: certificate has expired.",
    ),
    "slow to connect": (SlowToConnect(), TimedOut, "lab.example:443 did not accept a connection within 2.5 s."),
    "silent": (TimeoutError(), TimedOut, "lab.example:443 was silent for 300 s."),
    "lost on the way": (
        TimeoutError(errno.ETIMEDOUT, "timed out"),
        Cut,
        "The connection to lab.example:443 broke off: Connection timed out.",
    ),
    "reset": (
        ConnectionResetError(errno.ECONNRESET, "reset"),
        Cut,
        "The connection to lab.example:443 broke off: Connection reset by peer.",
    ),
    "closed": (Broken("closed too early"), Cut, "The connection to lab.example:443 broke off: closed too early."),
    "malformed": (
        Malformed("it is not HTTP (x)"),
        Garbled,
        "The answer of lab.example:443 cannot be read: it is not HTTP",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_failure_is_told_by_place_and_cause(name: str) -> None:
    error, kind, message = CASES[name]
    told = fault(error, AT)
    assert type(told) is kind
    assert told.message.startswith(message)
    assert told.remedy
    assert told.origin == "provider:lab"
    assert SECRET not in told.text


def test_silence_without_a_limit_names_none() -> None:
    assert fault(TimeoutError(), Endpoint("http://[::1]:9/", {})).message == "[::1]:9 was silent."


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Broken(""), "Broken"),
        (OSError("two\nlines."), "two"),
        (OSError(errno.EHOSTUNREACH, "x"), "No route to host"),
        (ssl.SSLError(8, "[SSL: X] eof (_ssl.c:1)"), "eof"),
    ],
)
def test_a_reason_is_one_line_and_never_nothing(error: BaseException, words: str) -> None:
    assert reason(error) == words


REDIRECTS = {
    f"http://user:{SECRET}@lab.example/v2?token={SECRET}": "to http://lab.example:80",
    f"https://eu.lab.example:8443/{SECRET}": "to https://eu.lab.example:8443",
    f"//other.example/{SECRET}": "to https://other.example:443",
    "https://[fd00::2]/": "to https://[fd00::2]:443",
    f"/login?next={SECRET}": "to another path of the same server",
    "../v2": "to another path of the same server",
    "": "without saying where to",
    "mailto:x@example.com": "without saying where to",
    "http://[broken": "without saying where to",
    "https://lab.example:99999/": "without saying where to",
}


@pytest.mark.parametrize("location", REDIRECTS)
def test_a_redirect_names_the_place_and_nothing_else(location: str) -> None:
    told = redirect(308, location, AT)
    assert type(told) is Refused
    assert told.message == f"https://lab.example:443 redirects {REDIRECTS[location]} (status 308)."
    assert "base_url" in told.remedy
    assert not told.retryable
    assert SECRET not in told.text
