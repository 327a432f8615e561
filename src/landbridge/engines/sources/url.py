"""A file of a web server, fetched with resume: a broken download goes on where it stopped.

Beside the bytes stands what the server called the file (its ETag or date, and its size). If it has another one by then,
the download begins anew: two halves of different files are never joined.
"""

from __future__ import annotations

import errno
import http.client
import re
import string
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import msgspec
from msgspec import Struct

from ...errors import ConfigFault, Garbled, GatewayError, ModelUnusable, Refused, Unreachable
from . import CHUNK, Fetched, Progress, Report, recorded, single

TIMEOUT = 60.0
"""Seconds a server may be silent."""
AGAIN = "Run the same command again: it goes on where it stopped."


class _Mark(Struct, omit_defaults=True):
    """Which file the bytes that have come belong to."""

    validator: str = ""
    """A strong ETag or a date, for `If-Range`; or its sha256, where that is known."""
    total: int | None = None


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """The finished file in `folder`."""
    address = recorded(source)
    try:
        parts = urlsplit(source)
        host, _ = parts.hostname, parts.port  # a port that is no number is noticed here
    except ValueError:
        host = None
    if not host:
        raise ConfigFault(f"'{address}' is no address.", remedy="Write it like https://host/model.gguf.")
    return single(download(source, folder / "model.gguf", report))


def download(address: str, target: Path, report: Report, authorization: str = "", sha256: str = "") -> Path:
    """The finished file `target`. `authorization`, or the user and password in the address, is for that host only, not
    for where it redirects, and for no message.

    Where its sha256 is known, that says which file it is, whatever the server calls it.
    """
    partial = target.with_name(f"{target.name}.partial")
    if target.exists():
        return target
    parts = urlsplit(address)
    login, _, host = parts.netloc.rpartition("@")
    if login:
        address, authorization = parts._replace(netloc=host).geturl(), authorization or _basic(login)
    request = urllib.request.Request(  # noqa: S310 - `_opener` knows http and https only
        quote(address, safe=string.punctuation), headers={"User-Agent": "landbridge", "Accept-Encoding": "identity"}
    )
    if authorization:
        request.add_unredirected_header("Authorization", authorization)
    try:
        total = _go_on(request, partial, host, report, f"sha256:{sha256}" if sha256 else "")
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(host, error.code, error.reason) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, OSError) and reason.errno == errno.ENOSPC:
            raise ModelUnusable(f"The disk is full ({target.parent}).", remedy=f"Make room. {AGAIN}") from None
        raise Unreachable(f"The download from {host} broke off: {reason}.", remedy=AGAIN, origin="source") from error
    have = partial.stat().st_size
    if total is not None and have != total:
        raise Unreachable(
            f"The download from {host} ended after {have} of {total} bytes.", remedy=AGAIN, origin="source"
        )
    partial.replace(target)
    return target


def _go_on(request: urllib.request.Request, partial: Path, host: str, report: Report, known: str) -> int | None:
    """Append what is missing; gives the whole file's size as far as the server says it."""
    record = partial.with_suffix(".json")
    have, mark = _kept(partial, record)
    if have and known and known != mark.validator:
        return _anew(request, partial, host, report, known)
    if have:
        request.add_header("Range", f"bytes={have}-")
        if mark.validator and not known:
            request.add_header("If-Range", mark.validator)
    try:
        answer: http.client.HTTPResponse = _opener().open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        with error:
            if error.headers.get("content-range") == f"bytes */{have}":
                return have  # everything was there already
        return _anew(request, partial, host, report, known)
    with answer:
        if "html" in (answer.headers.get("content-type") or ""):
            raise Garbled(
                f"{host} answered with a web page instead of a model.",
                remedy="Use the address of the file itself (on Hugging Face: the 'download' link).",
                origin="source",
            )
        start, total, validator = 0, answer.length, known or _validator(answer)
        if answer.status == 206:
            start, total = _range_of(answer)
            if start != have or total is None or total != mark.total or validator != mark.validator:
                answer.close()
                return _anew(request, partial, host, report, known)
        record.write_bytes(msgspec.json.encode(_Mark(validator, total)))
        _copy(answer, partial, start, total, host, report)
    return total


def _opener() -> urllib.request.OpenerDirector:
    """Python's own but for its other schemes: no address and no redirect leads to a file of this machine, or to FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _basic(login: str) -> str:
    """The header that says `user:password` of an address."""
    user, _, password = login.partition(":")
    return f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


def _anew(request: urllib.request.Request, partial: Path, host: str, report: Report, known: str) -> int | None:
    """The server has another file now: what has come of the old one is of no use."""
    partial.unlink(missing_ok=True)
    for header in ("Range", "If-range"):
        request.remove_header(header)
    return _go_on(request, partial, host, report, known)


def _kept(partial: Path, record: Path) -> tuple[int, _Mark]:
    """How many bytes there are, and of which file."""
    try:
        mark = msgspec.json.decode(record.read_bytes(), type=_Mark)
        have = partial.stat().st_size
    except (OSError, msgspec.DecodeError):
        return 0, _Mark()
    return have, mark


def _copy(
    answer: http.client.HTTPResponse, partial: Path, start: int, total: int | None, host: str, report: Report
) -> None:
    """Write down what comes as it comes, so that a kill loses nothing."""
    report(Progress(start, total, host))
    with partial.open("ab" if start else "wb", buffering=0) as file:
        while piece := answer.read1(CHUNK):
            file.write(piece)
            start += len(piece)
            report(Progress(start, total, host))


def _range_of(answer: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Where the bytes of a 206 begin, and how many the whole file has."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("content-range") or "")
    return (int(found[1]), int(found[2])) if found else (-1, None)


def _validator(answer: http.client.HTTPResponse) -> str:
    etag = answer.headers.get("etag") or ""
    return etag if etag.startswith('"') else answer.headers.get("last-modified") or ""


def _refusal(host: str, code: int, reason: str) -> GatewayError:
    said = f"{code} {reason}".strip()
    if code in (401, 403):
        return Refused(
            f"{host} gives that file only to those it knows ({said}).",
            remedy="Put user and password into the address (https://user:password@host/...), or fetch the file by "
            "other means and pull its path.",
            origin="source",
            status=code,
        )
    if code in (408, 429) or code >= 500:
        return Unreachable(f"{host} cannot serve the file now ({said}).", remedy=f"Wait. {AGAIN}", origin="source")
    return Refused(f"{host} answered {said}.", remedy="Check the address.", origin="source")
