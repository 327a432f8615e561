"""Reports say what came of it, and never a token."""

from __future__ import annotations

from pathlib import Path

from landbridge.conformance import report
from landbridge.conformance.faces import messages
from landbridge.conformance.rule import Verdict
from landbridge.conformance.rules import RULES
from landbridge.conformance.run import Result
from landbridge.conformance.seen import Answer, Exchange, Received, Seen


def result(id: str, verdict: Verdict, why: str = "", upstream: str = "openai_chat", body: bytes = b"{}") -> Result:
    rule = next(rule for rule in RULES if rule.id == id)
    answer = Answer(1.0)
    answer.status, answer.ended, answer.headers = 200, "whole", {"content-type": "application/json"}
    answer.head_at, answer.over_at, answer.pieces = 1.25, 2.0, [(1.5, body)]
    exchange = Exchange(b"POST /v1/messages\r\nauthorization: Bearer s3cret\r\n\r\nask", answer, messages.read, False)
    received = Received("POST", "/v1/chat/completions", {"host": "h"}, b"sent", 1.1)
    received.answer_head, received.left_at = b"HTTP/1.1 200 OK\r\n\r\n", 1.9
    received.answer += b"played"
    exchange.upstream.append(received)
    seen = Seen("m", upstream)
    seen.exchanges.append(exchange)
    return Result(rule, "anthropic", upstream, verdict, why, 0.5, seen)


RESULTS = [
    result("C1", "pass"),
    result("C1", "pass", upstream="anthropic"),
    result("C2", "fail", "no event line"),
    result("A1", "pass", upstream=""),
]


def test_verdicts_are_counted() -> None:
    assert report.count(RESULTS) == {"pass": 3, "fail": 1, "not offered": 0, "not testable": 0}
    assert report.sentence(RESULTS) == "3 pass, 1 fail, 0 not offered, 0 not testable"


def test_rows_join_what_is_alike_and_stand_by_subject() -> None:
    found = dict(report.sections(RESULTS))
    assert list(found) == ["A. Doors: routes, tokens, lists, counts", "C. Streams"]
    first, second = report.rows(found["C. Streams"])
    assert (first.verdict, first.where) == ("pass", "Messages on OpenAI chat, Messages on Anthropic")
    assert (second.id, second.why) == ("C2", "no event line")
    assert report.rows(found["A. Doors: routes, tokens, lists, counts"])[0].where == "Messages"


def test_json_has_every_run() -> None:
    data = report.as_json(RESULTS)
    results = data["results"]
    assert isinstance(results, list) and len(results) == 4
    assert results[2] | {"title": "", "source": ""} == {
        "rule": "C2",
        "title": "",
        "source": "",
        "client": "anthropic",
        "upstream": "openai_chat",
        "optional": False,
        "verdict": "fail",
        "why": "no event line",
        "seconds": 0.5,
    }
    assert results[3]["upstream"] is None


def test_all_four_sides_of_an_exchange_are_shown_in_order() -> None:
    text = report.text_of(RESULTS[2], "s3cret")
    places = [text.index(words) for words in ("ask", "--- upstream request", "sent", "played", "--- answer", "{}")]
    assert places == sorted(places)
    assert "Bearer (token)" in text and "s3cret" not in text
    assert "fail: no event line" in text and "head after 0.25 s, 1 pieces, whole after 1.00 s" in text
    assert "the gateway closed the connection" in text


def test_long_bodies_are_cut_on_the_screen_only(tmp_path: Path) -> None:
    long = result("C1", "pass", body=b"x" * 50_000)
    assert "bytes more" in report.text_of(long)
    place = report.save(long, tmp_path)
    assert place == tmp_path / "C1-anthropic-openai_chat"
    assert "x" * 50_000 in (place / "04 answer.txt").read_text()


def test_files_are_named_by_what_they_hold(tmp_path: Path) -> None:
    place = report.save(RESULTS[2], tmp_path, "s3cret")
    assert sorted(path.name for path in place.iterdir()) == [
        "01 request.txt",
        "02 upstream request.txt",
        "03 upstream answer.txt",
        "04 answer.txt",
        "finding.txt",
    ]
    assert "s3cret" not in "".join(path.read_text() for path in place.iterdir())
    assert "fail: no event line" in (place / "finding.txt").read_text()


def test_an_answer_that_never_came_is_shown_as_such() -> None:
    silent = result("C1", "fail")
    answer = silent.seen.only.answer
    answer.status, answer.ended, answer.why = 0, "nothing", "refused"
    assert "(nothing: refused)" in report.text_of(silent)
