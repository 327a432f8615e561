"""Log lines: text or JSON, one each, and no secrets in either."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings, ServerSettings
from landbridge.gateway.journal import Lines, Record
from landbridge.neutral.events import Usage
from landbridge.server.logs import Logs

KEY = "planted-key-of-the-lab"


class Written:
    """A log that is written into memory, with loggers put back afterwards."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream
        self.logs = Logs()

    def take_up(self, form: Any = "text", **env: str) -> None:
        config = Config(providers={"lab": ProviderSettings(api_key="${LAB}")}, server=ServerSettings(log_format=form))
        self.logs.take_up(config, {"LAB": KEY, **env})

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    names = (None, "landbridge", "landbridge.exchange")
    before = [(each, each.handlers[:], each.level, each.propagate) for each in map(logging.getLogger, names)]
    for logger, *_ in before:
        logger.handlers = []
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    yield Written(stream)
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def record(**known: Any) -> Record:
    usage = Usage(input=10, output=5, cache_read=100)
    return Record("req_1", "anthropic", "claude-x", target="lab/m", usage=usage, at=1_795_726_800.25, **known)


def exchanged(*records: Record, lost: int = 0) -> None:
    logging.getLogger("landbridge.exchange").info("%s", Lines(records, lost))


def test_text_is_for_people(written: Written) -> None:
    written.take_up()
    logging.getLogger("landbridge.server").info("settings taken up")
    exchanged(record(status=200), record(status=200))
    assert written.lines[0].endswith(" INFO settings taken up")
    assert len(written.lines) == 3
    assert all("anthropic claude-x -> lab/m" in line for line in written.lines[1:])


def test_json_is_one_object_a_line(written: Written) -> None:
    written.take_up("json")
    odd = record(outcome="unknown_model", message="no\nsuch", losses=("a",), repairs={"json": 1}, cost=1500, first=0.5)
    exchanged(record(status=200, stream=True, provider="lab"), odd, lost=3)
    good, bad, lost = written.objects
    assert good["time"].startswith("2026-11-2") and good["time"].endswith(".250Z")
    assert (good["event"], good["id"], good["status"], good["outcome"]) == ("exchange", "req_1", 200, "ok")
    assert (good["input_tokens"], good["output_tokens"], good["cached_tokens"]) == (10, 5, 100)
    assert not {"message", "losses", "session", "retries", "cost_dollars", "searches"} & good.keys()
    assert (bad["message"], bad["losses"], bad["repairs"], bad["cost_dollars"]) == (
        "no\nsuch",
        ["a"],
        {"json": 1},
        0.0015,
    )
    assert (lost["event"], lost["records"]) == ("lost", 3)


def test_events_are_objects_with_their_errors(written: Written) -> None:
    written.take_up("json")
    log = logging.getLogger("landbridge.server")
    log.info("with %s and %d", "words", 2)
    try:
        raise OSError("broken")
    except OSError:
        log.exception("it failed")
    plain, failed = written.objects
    assert (plain["message"], plain["level"], plain["logger"]) == ("with words and 2", "info", "landbridge.server")
    assert failed["message"] == "it failed" and failed["error"].endswith("OSError: broken")
    assert failed["level"] == "error" and "error" not in plain


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_comes_through(written: Written, form: str) -> None:
    written.take_up(form, MY_TOKEN="planted-token", ODD_KEY='planted"odd\\key')
    log = logging.getLogger("landbridge.gateway")
    log.warning("it said %s and Bearer planted.bearer.token", KEY)
    log.warning('a token planted-token, one with signs: planted"odd\\key')
    log.error("postgresql://me:planted-password@h/db is gone, GET /x?key=planted-query")
    exchanged(record(message=f"bad key {KEY}"), record(outcome="unknown_model", message="sk-" + "planted0123456789abc"))
    try:
        raise ValueError(KEY)
    except ValueError:
        log.exception("failed")
    assert len(written.lines) >= 6
    assert "planted" not in "\n".join(written.lines)
    assert "***" in written.lines[0]


def test_the_form_changes_while_it_runs(written: Written) -> None:
    log = logging.getLogger("landbridge")
    for form in ("text", "json", "text"):
        written.take_up(form)
        log.info("hello")
    first, second, third = written.lines
    assert json.loads(second)["message"] == "hello"
    assert first.endswith("INFO hello") and third.endswith("INFO hello")


def test_the_level_is_that_of_the_settings(written: Written) -> None:
    written.logs.take_up(Config(server=ServerSettings(log_level="error")), {})
    exchanged(record())
    logging.getLogger("landbridge.server").warning("hello")
    assert written.lines == []
