"""Golden cases: exchanges as data, and what landbridge makes of them.

A case is a folder `tests/cases/<dialect>/<case>/`. Given:

    about.toml      source (where the exchange comes from), date, kind = "recorded" or "written", says = what it shows
    request.json    a client's request                            (each of the three may be missing)
    response.json   a provider's whole answer
    stream.sse      a provider's streamed answer

Expected, written by `python -m tests.regold` and reviewed like code:

    request.neutral.json  response.neutral.json  events.jsonl     what is read
    to.<dialect>.request.json  .response.json  .sse               what is written for each other dialect
    losses.txt                                                    what could not be carried, one line each
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from landbridge.errors import GatewayError
from landbridge.neutral.events import Event
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.dialects import DIALECTS, dialect
from landbridge.wire.written import Loss

FOLDER = Path(__file__).parent
NOW = 1_790_000_000
ORIGIN = "provider:case"
KEPT = ("about.toml", "request.json", "response.json", "stream.sse")
"""Files of a case that are given; everything else in its folder is expected output."""


@dataclass(frozen=True)
class Case:
    """One folder."""

    dialect: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.dialect}/{self.path.name}"

    @property
    def about(self) -> dict[str, Any]:
        return tomllib.loads((self.path / "about.toml").read_text())

    def given(self, file: str) -> bytes | None:
        """The bytes of a given file, if it is there."""
        path = self.path / file
        return path.read_bytes() if path.exists() else None

    def expected(self) -> dict[str, str]:
        """The golden files as they stand."""
        files = (path for path in sorted(self.path.iterdir()) if path.name not in KEPT)
        return {path.name: path.read_bytes().decode() for path in files}

    def made(self) -> dict[str, str]:
        """The golden files as landbridge makes them now."""
        made: dict[str, str] = {}
        losses: list[str] = []
        for make in (self._from_request, self._from_response, self._from_stream):
            for file, content, lost in make():
                made[file] = content
                losses += [f"{file}: {loss.path}: {loss.why}" for loss in lost]
        if losses:
            made["losses.txt"] = "".join(f"{line}\n" for line in losses)
        return made

    def _others(self) -> Iterable[str]:
        return sorted(set(DIALECTS) - {self.dialect})

    def _from_request(self) -> Iterable[tuple[str, str, Iterable[Loss]]]:
        body = self.given("request.json")
        if body is None:
            return
        request = dialect(self.dialect).read_request(body)
        yield "request.neutral.json", plain(request), ()
        for other in self._others():
            written = dialect(other).write_request(request, request.model, Traits())
            yield f"to.{other}.request.json", pretty(written.body), written.losses

    def _from_response(self) -> Iterable[tuple[str, str, Iterable[Loss]]]:
        body = self.given("response.json")
        if body is None:
            return
        response = dialect(self.dialect).read_response(body, counting(), ORIGIN)
        yield "response.neutral.json", plain(response), ()
        for other in self._others():
            written = dialect(other).write_response(response, NOW)
            yield f"to.{other}.response.json", pretty(written.body), written.losses

    def events(self, chunks: Iterable[bytes]) -> list[Event]:
        """What the reader gives for the stream in these chunks."""
        reader = dialect(self.dialect).reader(counting(), ORIGIN)
        return [event for chunk in chunks for event in reader.feed(chunk)] + reader.close()

    def _from_stream(self) -> Iterable[tuple[str, str, Iterable[Loss]]]:
        stream = self.given("stream.sse")
        if stream is None:
            return
        events = self.events([stream])
        yield "events.jsonl", "".join(f"{line(event)}\n" for event in events), ()
        for other in self._others():
            writer = dialect(other).writer("id_of_case", "model-of-case", NOW, self._asked())
            written = b"".join(writer.feed(event) for event in events)
            yield f"to.{other}.sse", written.decode(), writer.losses

    def _asked(self) -> Request:
        body = self.given("request.json")
        return Request("model-of-case", ()) if body is None else dialect(self.dialect).read_request(body)


def cases() -> list[Case]:
    """All cases, by dialect and name."""
    folders = (path.parent for path in sorted(FOLDER.glob("*/*/about.toml")))
    return [Case(path.parent.name, path) for path in folders]


def counting() -> Callable[[str], str]:
    """A `new_id` that counts."""
    numbers = count(1)
    return lambda prefix: f"{prefix}{next(numbers)}"


def pretty(body: bytes) -> str:
    """A body for people: its own bytes but for white space."""
    return msgspec.json.format(body, indent=2).decode() + "\n"


def plain(value: object) -> str:
    """A neutral value for people."""
    return json.dumps(msgspec.to_builtins(value, enc_hook=_plain), ensure_ascii=False, indent=2) + "\n"


def line(event: Event) -> str:
    """An event as one line of JSON, its kind first."""
    return json.dumps([type(event).__name__, msgspec.to_builtins(event, enc_hook=_plain)], ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, GatewayError):
        return {"kind": value.kind, "message": value.message, "status": value.status, "origin": value.origin}
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value)) if bytes(value) else None
    raise NotImplementedError(f"{type(value)} in an event")
