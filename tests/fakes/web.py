"""A web server for files on a real port: with and without ranges, logins, redirects, cuts; a package index and a hub.

`put` files, look at `asked`. `put_wheel` speaks the simple index that pip reads (`<url>/simple`), `put_model` the wire
format of the Hugging Face hub (`HF_ENDPOINT=<url>`), of which `fakes/hub.py` has more.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import threading
import time
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit


@dataclass
class File:
    """What is answered under one path."""

    data: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    ranges: bool = True
    etag: str = ""
    modified: str = ""
    sized: bool = True
    """Whether it says how long the answer is."""
    login: str = ""
    """The `Authorization` it wants."""
    to: str = ""
    """Where it redirects."""
    cut: int | None = None
    """Bytes of each answer after which the connection breaks."""
    hold: int | None = None
    """Bytes of an answer after which it waits until `Web.go_on` is set."""
    headers: dict[str, str] = field(default_factory=dict)
    wrong_range: bool = False
    """Whether it answers another piece than was asked for."""
    pace: int | None = None
    """Bytes a second, where it is slow."""
    asked_for: Callable[[dict[str, list[str]]], bytes] | None = None
    """What it answers to the words of a query, instead of `data`."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]


class Web:
    """The files by path, and what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.asked: list[Asked] = []
        self.sent: dict[str, int] = {}
        """Bytes of bodies by path."""
        self.port = 0
        self.holding = threading.Event()
        self.go_on = threading.Event()
        self._wheels: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, data: bytes = b"", **how: Any) -> str:
        """Serve a file; gives its address."""
        self.files[path] = File(data, **how)
        return f"{self.url}{path}"

    def of(self, path: str, method: str = "GET") -> list[Asked]:
        """The requests for one path."""
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def put_wheel(self, package: str, version: str, members: dict[str, bytes], **how: object) -> str:
        """Serve a package that carries files; gives the path of its wheel."""
        stem = f"{package.replace('-', '_')}-{version}"
        dist = f"{stem}.dist-info"
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in members.items():
                archive.writestr(f"{package.replace('-', '_')}/{name}", data)
            archive.writestr(f"{dist}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
            archive.writestr(f"{dist}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{dist}/RECORD", "")
        path = f"/packages/{stem}-py3-none-any.whl"
        self.put(path, file.getvalue(), **how)
        links = self._wheels.setdefault(package, [])
        digest = hashlib.sha256(file.getvalue()).hexdigest()
        links.append(f'<a href="{path}#sha256={digest}">{path.rsplit("/", 1)[-1]}</a>')
        self.put(f"/simple/{package}/", f"<!DOCTYPE html><html>{''.join(links)}</html>".encode(), kind="text/html")
        return path

    def put_model(self, repository: str, files: dict[str, bytes], *, cdn: Web | None = None, **how: Any) -> None:
        """Serve a repository of the hub; with `cdn`, its large files lie there."""
        from .hub import put_repository

        put_repository(self, repository, files, cdn=cdn, **how)


@contextmanager
def serving() -> Generator[Web]:
    """A server until the block ends; what this machine goes through to reach the world is not for it."""
    web = Web()

    class Handler(_Answer):
        pass

    Handler.web = web
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with patch.dict(os.environ, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1"):
            yield web
    finally:
        web.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Answer(BaseHTTPRequestHandler):
    web: Web
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        self.web.asked.append(Asked(self.command, path, {key.lower(): text for key, text in self.headers.items()}))
        file = self.web.files.get(path, File(b"no such file", status=404, kind="text/plain"))
        if file.login and self.headers.get("authorization") != file.login:
            file = File(b"who are you", status=401, kind="text/plain")
        if file.asked_for is not None:
            file = replace(file, data=file.asked_for(parse_qs(query)))
        with suppress(ConnectionError):
            self._answer(file)

    do_HEAD = do_GET

    def _answer(self, file: File) -> None:
        status, start = self._piece(file)
        self.send_response(status)
        piece = file.data[start:]
        whole = len(file.data)
        named = {"etag": file.etag, "last-modified": file.modified, "location": file.to, "content-type": file.kind}
        if status == 206:
            named["content-range"] = f"bytes {start}-{whole - 1}/{whole}"
        elif status == 416:
            named["content-range"], piece = f"bytes */{whole}", b""
        if file.sized:
            named["content-length"] = str(len(piece))
        else:
            self.close_connection = True
        for key, text in {**named, **file.headers}.items():
            if text:
                self.send_header(key, text)
        self.end_headers()
        if self.command == "GET":
            self._send(piece, file)

    def _piece(self, file: File) -> tuple[int, int]:
        """Status and first byte."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range") or "")
        only_if = self.headers.get("if-range")
        if asked is None or not file.ranges or (only_if and only_if not in (file.etag, file.modified)):
            return file.status, 0
        start = int(asked[1])
        if start >= len(file.data):
            return 416, 0
        return 206, start // 2 if file.wrong_range else start

    def _send(self, piece: bytes, file: File) -> None:
        if file.hold is not None:
            self._count(file.hold)
            self.wfile.write(piece[: file.hold])
            self.wfile.flush()
            self.web.holding.set()
            self.web.go_on.wait()
            piece = piece[file.hold :]
        if file.cut is not None and len(piece) > file.cut:
            self.close_connection = True
            piece = piece[: file.cut]
        step = (file.pace or 0) // 50 or len(piece) or 1
        for start in range(0, len(piece), step):
            self._count(len(piece[start : start + step]))
            self.wfile.write(piece[start : start + step])
            if file.pace is not None:
                time.sleep(0.02)

    def _count(self, size: int) -> None:
        path = urlsplit(self.path).path
        self.web.sent[path] = self.web.sent.get(path, 0) + size

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
