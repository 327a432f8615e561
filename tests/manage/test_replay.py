"""A kept request as it is sent again, and both answers beside each other."""

from __future__ import annotations

import pytest

from landbridge.errors import BadRequest
from landbridge.manage.replay import Outcome, headers_of, kept, laid_beside, question
from landbridge.store.bodies import Bodies
from landbridge.store.report import Exchange
from tests.fakes.answers import Tokens, anthropic_error, anthropic_whole

REQUEST = b'{"model": "claude-x", "max_tokens": 8, "messages": []}'
EXCHANGE = Exchange(id="req_1", at=1.0, seconds=1.0, model="claude-x", target="lab/m", status=200, outcome="ok")
BODIES = Bodies(
    dialect="anthropic",
    headers={"user-agent": "claude-cli/2", "anthropic-beta": "b", "x-claude-code-session-id": "s"},
    request=REQUEST,
    status=200,
    answer=anthropic_whole("Hi from then."),
)
PATH = "/anthropic/v1/messages"


def test_the_same_bytes_to_the_same_model() -> None:
    assert question(BODIES, "") == (PATH, REQUEST)


def test_nothing_but_the_model_changes() -> None:
    assert question(BODIES, "lab/other") == (PATH, REQUEST.replace(b"claude-x", b"lab/other"))


@pytest.mark.parametrize(
    ("stream", "model", "path"),
    [
        (False, "", "/gemini/v1beta/models/gemini-x:generateContent"),
        (True, "lab/m", "/gemini/v1beta/models/lab%2Fm:streamGenerateContent?alt=sse"),
    ],
)
def test_where_the_url_names_the_model(stream: bool, model: str, path: str) -> None:
    bodies = Bodies(dialect="gemini", model="gemini-x", stream=stream, request=b'{"contents": []}')
    assert question(bodies, model) == (path, b'{"contents": []}')


def test_what_cannot_be_sent_again() -> None:
    with pytest.raises(BadRequest, match="Only a part"):
        question(Bodies(dialect="anthropic", request=REQUEST[:20], cut=5), "")
    assert question(Bodies(dialect="anthropic", request=REQUEST, cut=5), "")[1] == REQUEST, "only its answer was cut"
    with pytest.raises(BadRequest, match="embeddings"):
        question(Bodies(dialect="embeddings", request=REQUEST), "")
    with pytest.raises(BadRequest, match="not kept"):
        kept(EXCHANGE, None)


def test_it_is_no_part_of_the_conversation_it_was() -> None:
    headers = headers_of(BODIES, "lb-key")
    assert headers["anthropic-beta"] == "b"
    assert headers["authorization"] == "Bearer lb-key"
    assert headers["user-agent"].startswith("landbridge-replay/")
    assert "x-claude-code-session-id" not in headers
    assert "authorization" not in headers_of(BODIES), "the router asks itself without a key"


def test_both_beside_each_other() -> None:
    now = Outcome("req_2", 200, anthropic_whole("Hi from now.", usage=Tokens(10, 3)), 2.0, 0.5)
    both = laid_beside(EXCHANGE, BODIES, now, None, "lab/other")
    assert (both.before.text, both.again.text, both.same) == ("Hi from then.", "Hi from now.", False)
    row = both.again.exchange
    assert (row.id, row.model, row.output, row.first, row.outcome) == ("req_2", "lab/other", 3, 0.5, "ok")
    assert laid_beside(EXCHANGE, BODIES, Outcome("", 200, BODIES.answer, 1.0, None), None, "").same
    written = Exchange(id="req_2", at=2.0, seconds=2.0, cost=7)
    assert laid_beside(EXCHANGE, BODIES, now, written, "").again.exchange is written
    failed = laid_beside(
        EXCHANGE, BODIES, Outcome("", 529, anthropic_error(529, "overloaded_error", "too many")[1], 1.0, None), None, ""
    )
    assert failed.again.error and failed.again.exchange.outcome == "error" and not failed.same
