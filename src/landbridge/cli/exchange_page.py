"""One exchange for people: what it was, when what happened, what it took, and what was said in both dialects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..store.answers import dialect_of, read_answer
from ..store.bodies import Bodies
from ..store.differences import Change
from ..store.report import Exchange
from ..store.told import answer_changes, request_changes, value_of
from .exchange_list import LOCAL, clock, plain
from .money import cost_text, seconds_text

LONGEST = 160
"""Characters of a text that are shown, unless all are wanted."""
LINES = 60
"""Lines of a body that are shown, unless all are wanted."""
SHOWN = 48
"""Characters of a value in a line of what changed."""
WIDTH = 48
"""Characters of the line of time."""


def print_page(exchange: Exchange, bodies: Bodies | None, *, full: bool = False) -> None:
    """Print all that is known."""
    for line in lines(exchange, bodies, full=full):
        print(line)


def lines(exchange: Exchange, bodies: Bodies | None, *, full: bool = False) -> Iterator[str]:
    """The page."""
    yield from _facts(exchange)
    yield ""
    yield from timeline(exchange)
    for title, entries in (("Lost in conversion", exchange.losses), ("Repaired in tool calls", _repairs(exchange))):
        if entries:
            yield f"\n{title}:"
            yield from (f"  {plain(each)}" for each in entries)
    if bodies is None:
        yield "\nWhat was said is not kept. `store.bodies = true` in the settings keeps it."
        return
    yield from _conversation(bodies, full)


# -- facts -------------------------------------------------------------------------------------------------------------


def _facts(exchange: Exchange) -> Iterator[str]:
    rows = [
        ("Exchange", exchange.id),
        ("Ended", f"{clock(exchange.at)}  {_outcome(exchange)}"),
        ("Client", " ".join(filter(None, (exchange.client or "-", f"(key {exchange.key})" if exchange.key else "")))),
        ("Conversation", _session(exchange)),
        ("Asked", f"{exchange.model or '-'}  ({exchange.dialect}{', streamed' if exchange.stream else ''})"),
        ("Answered by", f"{exchange.target or 'nobody'}  {f'({exchange.path})' if exchange.path else ''}"),
        ("Route", exchange.route),
        ("Tries", _tries(exchange)),
        ("Tokens", tokens_text(exchange)),
        ("Cost", cost_text(exchange.cost, local=exchange.provider == LOCAL)),
        ("Web", _web(exchange)),
    ]
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {plain(value).rstrip()}" for name, value in rows if value)


def _outcome(exchange: Exchange) -> str:
    said = f"{exchange.status or 'no status'}, {exchange.outcome}"
    return f"{said}: {exchange.message}" if exchange.message else said


def _session(exchange: Exchange) -> str:
    return f"{exchange.session}{f', subagent {exchange.agent}' if exchange.agent else ''}" if exchange.session else ""


def _tries(exchange: Exchange) -> str:
    said = [f"{exchange.attempts}, until one answered or none was left" if exchange.attempts > 1 else ""]
    said += [f"{exchange.retries} times an engine ended before it answered" if exchange.retries else ""]
    return "; ".join(filter(None, said))


def tokens_text(exchange: Exchange) -> str:
    """What it took, as far as it is known."""
    parts = [
        (exchange.input, "of prompt"),
        (exchange.cache_read, "from the cache"),
        (exchange.cache_write, "written to it"),
        (exchange.output, "of answer"),
        (exchange.reasoning, "of these thinking"),
    ]
    said = ", ".join(f"{number:,} {words}" for number, words in parts if number)
    if not said:
        return "not said" if exchange.output is None else "none"
    return f"{said} (estimated)" if exchange.estimated else said


def _web(exchange: Exchange) -> str:
    said = [f"{exchange.searches} searches" if exchange.searches else ""]
    said += [f"{exchange.fetches} pages fetched" if exchange.fetches else ""]
    return ", ".join(filter(None, said))


def _repairs(exchange: Exchange) -> list[str]:
    return [f"{name}: {times}" for name, times in exchange.repairs.items()]


def timeline(exchange: Exchange) -> Iterator[str]:
    """When what happened: the wait for the first content, then the answer."""
    began = clock(exchange.at - exchange.seconds)
    if exchange.first is None or exchange.seconds <= 0:
        yield f"{began}  {'·' * WIDTH}  {seconds_text(exchange.seconds)}"
        yield f"{'':{len(began)}}  no content came" if exchange.failed else f"{'':{len(began)}}  in one piece"
        return
    wait = min(WIDTH, max(0, round(WIDTH * exchange.first / exchange.seconds)))
    rest = exchange.seconds - exchange.first
    pace = f", {exchange.output / rest:.0f} tokens a second" if exchange.output and rest > 0.05 else ""
    yield f"{began}  {'·' * wait}{'█' * (WIDTH - wait)}  {seconds_text(exchange.seconds)}"
    yield f"{'':{len(began)}}  first content after {seconds_text(exchange.first)}, then {seconds_text(rest)}{pace}"


# -- what was said -----------------------------------------------------------------------------------------------------


def _conversation(bodies: Bodies, full: bool) -> Iterator[str]:
    if bodies.cut:
        yield f"\n{bodies.cut:,} bytes of this exchange are not kept, as it was too long (store.body_max_bytes)."
    yield f"\nThe client's request ({bodies.dialect}):"
    yield from body_lines(bodies.request, full)
    for number, each in enumerate(bodies.rounds, 1):
        many = f" {number} of {len(bodies.rounds)}" if len(bodies.rounds) > 1 else ""
        same = each.sent == (bodies.request if number == 1 else bodies.rounds[number - 2].sent)
        yield f"\nRequest{many} to {plain(each.url)} ({dialect_of(each.url) or 'another form'}):"
        yield from ("  the same, byte for byte",) if same else body_lines(each.sent, full)
        yield f"\nAnswer{many}, status {each.status or '-'}:"
        yield from _answer(dialect_of(each.url), each.status, each.received, full)
    if bodies.rounds and bodies.rounds[-1].received == bodies.answer:
        yield "\nThe client got this answer byte for byte."
    else:
        yield f"\nThe client's answer ({bodies.dialect}), status {bodies.status or '-'}:"
        yield from _answer(bodies.dialect, bodies.status, bodies.answer, full)
    yield from _what_changed("What conversion changed in the request", request_changes(bodies))
    yield from _what_changed("What conversion changed in the answer", answer_changes(bodies))


def _answer(dialect: str, status: int, body: bytes, full: bool) -> Iterator[str]:
    said = read_answer(dialect, status, body)
    shown = said.text if full else _short_lines(said.text)
    yield from (f"  {plain(line)}" for line in shown.splitlines())
    if said.error:
        yield f"  {plain(said.error)}"
    if full:
        yield from (f"  | {plain(line)}" for line in body.decode("utf-8", "replace").splitlines())


def _short_lines(text: str) -> str:
    rows = text.splitlines()
    more = [f"... {len(rows) - LINES} more lines (--full)"] if len(rows) > LINES else []
    return "\n".join([*rows[:LINES], *more])


def body_lines(body: bytes, full: bool) -> list[str]:
    """A body with an indent; as JSON in lines, long texts shortened unless all is wanted."""
    value = value_of(body)
    text = (
        value if isinstance(value, str) else json.dumps(value if full else _short(value), indent=2, ensure_ascii=False)
    )
    return [f"  {plain(line)}" for line in (text if full else _short_lines(text)).splitlines()] or ["  (empty)"]


def _short(value: Any) -> Any:
    """JSON that fits a screen: long texts and long lists are cut, which is said."""
    match value:
        case str() if len(value) > LONGEST:
            return f"{value[:LONGEST]}... ({len(value):,} characters)"
        case dict():
            return {name: _short(inner) for name, inner in value.items()}
        case list() if len(value) > 6:
            return [*map(_short, value[:2]), f"... {len(value) - 4} more ...", *map(_short, value[-2:])]
        case list():
            return [_short(inner) for inner in value]
    return value


# -- what conversion changed -------------------------------------------------------------------------------------------


def _what_changed(title: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"\n{title}:"
        yield from (f"  {plain(change_text(each))}" for each in changes)


def change_text(change: Change) -> str:
    """One line: what became of a value."""
    many = f"  ({change.count} values)" if change.count > 1 else ""
    match change.kind:
        case "moved":
            return f"> {change.before} -> {'part of ' if change.within else ''}{change.after}{many}"
        case "changed":
            return f"~ {change.before}: {_value(change.old)} -> {_value(change.new)}{many}"
        case "left out":
            return f"- {change.before}: {_value(change.old)}{many}"
        case "added":
            return f"+ {change.after}: {_value(change.new)}{many}"


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
