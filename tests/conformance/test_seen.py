"""What was seen is told in words that help."""

from __future__ import annotations

import pytest

from landbridge.conformance.faces import messages
from landbridge.conformance.play import says
from landbridge.conformance.rule import Broken
from landbridge.conformance.seen import Answer, Exchange, Received, Seen
from landbridge.conformance.upstreams.messages import stream, whole

GOOD = stream(says("hi"), "1", "m", True)


def exchange(body: bytes, *, status: int = 200, kind: str = "text/event-stream", streamed: bool = True) -> Exchange:
    answer = Answer(1.0)
    answer.status, answer.ended, answer.headers = status, "whole", {"content-type": kind}
    answer.pieces = [(1.5, body[:5]), (2.5, body[5:])]
    return Exchange(b"POST /", answer, messages.read, streamed)


def test_a_good_answer() -> None:
    seen = Seen("m", "openai_chat")
    seen.exchanges.append(exchange(GOOD))
    assert seen.good.text == "hi" and seen.only is seen[0] and [*seen] == [seen[0]]
    assert seen.only.answer.seconds_until(b"message_stop") == 1.5
    assert len(seen.only.answer.records) > 4 and not seen.only.answer.is_html
    with pytest.raises(Broken, match="no error that this client understands"):
        _ = seen.only.complaint


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (exchange(b'{"error":{"message":"no"}}', status=500, kind="application/json"), "status 500.*: no"),
        (exchange(GOOD, streamed=False), "asked for was one answer, not text/event-stream"),
        (exchange(whole(says("hi"), "1", "m"), kind="application/json"), "asked for was an event stream"),
        (exchange(b'event: error\ndata: {"type":"error","error":{"type":"x","message":"gone"}}\n\n'), "gone"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(bad: Exchange, words: str) -> None:
    with pytest.raises(Broken, match=words):
        _ = bad.good


def test_a_broken_connection_is_said() -> None:
    bad = exchange(GOOD)
    bad.answer.ended, bad.answer.why = "cut", "the connection was closed"
    with pytest.raises(Broken, match=r"did not end \(cut: the connection was closed"):
        _ = bad.good


def test_the_upstreams_view() -> None:
    one = exchange(GOOD)
    with pytest.raises(Broken, match="the upstream got no request; the client got status 200"):
        _ = one.sent
    one.upstream.append(Received("POST", "/v1/x", {}, b'{"model":"m"}', 0.0))
    assert one.sent["model"].text == "m" and one.received is one.upstream[0]
    seen = Seen("m", "openai_chat", "secret", token_given=True)
    seen.exchanges.append(one)
    assert seen.sent["model"].text == "m" and seen.token == "secret" and seen.token_given


def test_web_pages_are_known_by_type_or_by_their_first_letter() -> None:
    assert exchange(b"x", kind="text/html").answer.is_html
    assert exchange(b"  <html>", kind="application/json").answer.is_html
    assert not exchange(b"{}", kind="application/json").answer.is_html
