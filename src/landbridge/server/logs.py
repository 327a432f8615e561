"""What the log looks like: text for people or JSON for programs, secrets masked in both. All of it goes to stderr.

Exchanges come in batches from the journal, and a batch is written at once. Their lines bring their own time, as they
are written later than they end.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..config import Config
from ..config.masks import Masks, secrets_of
from ..gateway.journal import Lines
from ..providers.table import Provider
from ..store.record import Record

TEXT = "%(asctime)s %(levelname)s %(message)s"


class Logs:
    """The handlers of `landbridge serve`. Made once a process; `take_up` for each generation of the settings."""

    def __init__(self) -> None:
        self._formatter = _Formatter()
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(self._formatter)
        logging.basicConfig(level=logging.WARNING, handlers=[handler])
        exchanges = logging.getLogger("landbridge.exchange")
        exchanges.propagate = False
        exchanges.addHandler(handler)

    def take_up(self, config: Config, env: Mapping[str, str], providers: Iterable[Provider] = ()) -> None:
        """The settings now, and the providers that came of them: keys may come from elsewhere."""
        keys = (key.reveal() for each in providers for key in (each.key, *each.headers.values()))
        self._formatter.masks = Masks([*secrets_of(config, env), *keys])
        self._formatter.json = config.server.log_format == "json"
        logging.getLogger("landbridge").setLevel(config.server.log_level.upper())


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__(TEXT)
        self.masks = Masks()
        self.json = False

    def format(self, record: logging.LogRecord) -> str:
        """One message: a line, or one for each exchange of a batch."""
        if isinstance(record.args, tuple) and len(record.args) == 1 and isinstance(record.args[0], Lines):
            return self._exchanges(record.args[0])
        text = event(record) if self.json else super().format(record)
        return self.masks.all(text)

    def _exchanges(self, lines: Lines) -> str:
        text = "\n".join(map(exchange, lines.batch)) if self.json else str(lines)
        if self.json and lines.lost:
            text += "\n" + _encoded(
                {"level": "warning", "event": "lost", "records": lines.lost, "time": _time(time.time())}
            )
        # What went well names what the settings name. Refusals may repeat what a client sent.
        failed = any(each.outcome != "ok" for each in lines.batch)
        return (self.masks.all(text) if failed else self.masks.known(text)).lstrip("\n")


def event(record: logging.LogRecord) -> str:
    """A message that is no exchange, as JSON."""
    said: dict[str, Any] = {
        "time": _time(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": "log",
        "message": record.getMessage(),
    }
    if record.exc_info and record.exc_info[0] is not None:
        said["error"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
    return _encoded(said)


def exchange(record: Record) -> str:
    """An exchange as JSON, without what says nothing."""
    usage = record.usage
    said: dict[str, Any] = {
        "time": _time(record.at),
        "level": "info",
        "logger": "landbridge.exchange",
        "event": "exchange",
        "id": record.id,
        "dialect": record.dialect,
        "model": record.model,
        "target": record.target,
        "provider": record.provider,
        "route": record.route,
        "path": record.path,
        "client": record.client,
        "key": record.key,
        "session": record.session,
        "agent": record.agent,
        "stream": record.stream,
        "status": record.status,
        "outcome": record.outcome,
        "message": record.message,
        "seconds": round(record.seconds, 6),
        "first": None if record.first is None else round(record.first, 6),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cached_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
        "estimated": usage.estimated,
        "searches": usage.searches,
        "fetches": usage.fetches,
        "cost_dollars": None if record.cost is None else record.cost / 1_000_000,
        "losses": record.losses,
        "repairs": record.repairs,
        "retries": record.retries,
        "attempts": record.attempts if record.attempts != 1 else 0,
    }
    kept = ("stream", "status", "outcome", "seconds", "input_tokens", "output_tokens", "cost_dollars")
    return _encoded({name: value for name, value in said.items() if value or (name in kept and value is not None)})


def _encoded(said: Mapping[str, Any]) -> str:
    return msgspec.json.encode(said).decode()


def _time(at: float) -> str:
    """ISO 8601 in UTC, with milliseconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"
