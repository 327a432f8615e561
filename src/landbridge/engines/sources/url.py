"""A file of a web server, fetched with resume: a broken download goes on where it stopped."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from pathlib import Path

from ...errors import Garbled, Refused, Unreachable
from . import CHUNK, Progress, Report

TIMEOUT = 60.0
"""Seconds a server may be silent."""


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Path:
    """The finished file in `folder`."""
    target = folder / "model.gguf"
    partial = folder / "model.gguf.partial"
    if target.exists():
        return target
    have = partial.stat().st_size if partial.exists() else 0
    try:
        total = _download(source, partial, have, report)
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(
                f"{_host(source)} answered {error.code} {error.reason}.", remedy="Check the address.", origin="source"
            ) from None
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(
            f"The download from {_host(source)} broke off: {reason}.",
            remedy="Run the same command again: it goes on where it stopped.",
            origin="source",
        ) from error
    if total is not None and partial.stat().st_size != total:
        raise Unreachable(
            f"The download from {_host(source)} ended after {partial.stat().st_size} of {total} bytes.",
            remedy="Run the same command again: it goes on where it stopped.",
            origin="source",
        )
    partial.replace(target)
    return target


def _download(source: str, partial: Path, have: int, report: Report) -> int | None:
    """Append what is missing; gives the whole file's size as far as the server says it."""
    request = urllib.request.Request(source, headers={"User-Agent": "landbridge", "Accept-Encoding": "identity"})  # noqa: S310  http(s) only, by `kind_of`
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        error.close()
        return have  # everything was there already
    with answer:
        if "html" in (answer.headers.get("content-type") or ""):
            raise Garbled(
                f"{_host(source)} answered with a web page instead of a model.",
                remedy="Use the address of the file itself (on Hugging Face: the 'download' link).",
                origin="source",
            )
        resumed = answer.status == 206
        start = have if resumed else 0
        length = answer.headers.get("content-length")
        total = start + int(length) if length is not None else None
        with partial.open("ab" if resumed else "wb") as file:
            done = start
            while piece := answer.read(CHUNK):
                file.write(piece)
                done += len(piece)
                report(Progress(done, total, _host(source)))
    return total


def _host(source: str) -> str:
    return source.split("/")[2].rpartition("@")[2]
