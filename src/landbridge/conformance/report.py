"""What came of a run: counts, JSON, and exchanges as text, on the screen or as files.

A token of the user's is never written: in its place stands `(token)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from .faces import FACES
from .rules import SECTIONS
from .run import Result
from .seen import Exchange, Received
from .upstreams import UPSTREAMS

VERDICTS = ("pass", "fail", "not offered", "not testable")
SHOWN = 20_000
"""Bytes of a body that are shown on the screen; files have all."""


def count(results: Sequence[Result]) -> dict[str, int]:
    """How many there are of each verdict."""
    found = Counter[str](result.verdict for result in results)
    return {verdict: found[verdict] for verdict in VERDICTS}


def sentence(results: Sequence[Result]) -> str:
    """The counts in words."""
    return ", ".join(f"{number} {verdict}" for verdict, number in count(results).items())


def dialects(result: Result) -> str:
    """Which dialects met: the client's and, where the suite's upstream takes part, the upstream's."""
    face = FACES[result.face].title
    return f"{face} on {UPSTREAMS[result.upstream].title}" if result.upstream else face


class Row(Struct, frozen=True):
    """One line of a table: runs of one rule of which the same is to be said."""

    verdict: str
    id: str
    title: str
    why: str
    where: str
    """The dialects that met."""


def rows(results: Sequence[Result]) -> list[Row]:
    """Lines for these results, in their order."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for result in results:
        rule = result.rule
        found.setdefault((result.verdict, rule.id, rule.title, result.why), []).append(dialects(result))
    return [Row(*key, ", ".join(where)) for key, where in found.items()]


def sections(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    """Results by subject, with the subject's title."""
    for letter, (title, _) in SECTIONS.items():
        found = [result for result in results if result.rule.id.startswith(letter)]
        if found:
            yield f"{letter}. {title}", found


def as_json(results: Sequence[Result]) -> dict[str, object]:
    """For other programs."""
    return {
        "counts": count(results),
        "results": [
            {
                "rule": result.rule.id,
                "title": result.rule.title,
                "source": result.rule.source,
                "client": result.face,
                "upstream": result.upstream or None,
                "optional": result.rule.optional,
                "verdict": result.verdict,
                "why": result.why,
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ],
    }


def text_of(result: Result, token: str = "", most: int | None = SHOWN) -> str:
    """Everything that was seen, as text."""
    head = [f"{result.name}  {result.rule.title}", f"{result.verdict}{f': {result.why}' if result.why else ''}", ""]
    return "\n".join([*head, *(f"{title}\n{body}\n" for title, body in _pieces(result, token, most))])


def save(result: Result, folder: Path, token: str = "") -> Path:
    """Write everything that was seen into a folder of its own; which one."""
    place = folder / result.name.replace(":", "-")
    place.mkdir(parents=True, exist_ok=True)
    about = [result.rule.title, f"source: {result.rule.source}", f"{result.verdict}: {result.why}".rstrip(": ")]
    (place / "finding.txt").write_text("\n".join(about) + "\n")
    for number, (title, body) in enumerate(_pieces(result, token, None), start=1):
        (place / f"{number:02} {title.strip('- ').partition(' (')[0]}.txt").write_text(body)
    return place


def _pieces(result: Result, token: str, most: int | None) -> Iterator[tuple[str, str]]:
    """Title and text of each thing that went over a wire, in order."""
    for number, exchange in enumerate(result.seen, start=1):
        name = f" {number}" if len(result.seen.exchanges) > 1 else ""
        yield f"--- request{name}", _readable(exchange.request, token, most)
        for received in exchange.upstream:
            yield f"--- upstream request{name}", _readable(_request(received), token, most)
            yield f"--- upstream answer{name}{_manner(received)}", _readable(_answer(received), token, most)
        yield f"--- answer{name}{_times(exchange)}", _readable(_gateway(exchange), token, most)


def _readable(data: bytes, token: str, most: int | None) -> str:
    text = data[:most].decode("utf-8", "replace").replace("\r\n", "\n")
    if token:
        text = text.replace(token, "(token)")
    return text + (f"\n... {len(data) - most} bytes more" if most is not None and len(data) > most else "")


def _request(received: Received) -> bytes:
    lines = [f"{received.method} {received.path}", *(f"{name}: {value}" for name, value in received.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + received.body


def _answer(received: Received) -> bytes:
    return received.answer_head + bytes(received.answer)


def _manner(received: Received) -> str:
    return " (the gateway closed the connection before its end)" if received.left_at is not None else ""


def _gateway(exchange: Exchange) -> bytes:
    answer = exchange.answer
    if not answer.status:
        return f"(nothing: {answer.why})".encode()
    lines = [f"HTTP {answer.status}", *(f"{name}: {value}" for name, value in answer.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + answer.body


def _times(exchange: Exchange) -> str:
    answer = exchange.answer
    if not answer.status:
        return f" ({answer.ended})"
    head = answer.head_at - answer.sent_at
    return f" (head after {head:.2f} s, {len(answer.pieces)} pieces, {answer.ended} after {_seconds(exchange):.2f} s)"


def _seconds(exchange: Exchange) -> float:
    return exchange.answer.over_at - exchange.answer.sent_at
