"""Failures of the upstream: what the client is told, as a status where that is still possible, else in the stream."""

from __future__ import annotations

from ..play import Bytes, Manner, says
from ..rule import Judge, Rule, Want, need
from ..seen import Seen
from ..sources import CLIENT
from ..upstreams import chat
from .judging import ALL, BOTH, failed, has, in_form, refused, short

EITHER = (Want(), Want(stream=False))
WHY = "the hamster is tired"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Attention Required!</title></head>"
    b"<body><h1>Blocked</h1><script>alert(1)</script></body></html>"
)
HTML = {"content-type": "text/html; charset=utf-8"}
ANTHROPIC_TYPES = {
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
    "rate_limit_error",
    "timeout_error",
    "api_error",
    "overloaded_error",
}


def each_refused(*statuses: int, saying: str = "") -> Judge:
    """Every answer is an error with one of these statuses that passes the upstream's words on."""

    def judge(seen: Seen) -> None:
        for exchange in seen:
            one = Seen(seen.model, seen.upstream)
            one.exchanges = [exchange]
            complaint = refused(one, *statuses)
            need(saying in complaint.message, f"the upstream's words are lost: {short(complaint.message)}")

    return judge


def limited(seen: Seen) -> None:
    each_refused(429)(seen)
    for exchange in seen:
        header = exchange.answer.headers.get("retry-after")
        need(header == "7", f"the upstream said retry-after: 7, the client gets {header}")


def no_page(seen: Seen) -> None:
    for exchange in seen:
        answer, complaint = exchange.answer, exchange.complaint
        need(answer.status >= 400, f"status {answer.status}")
        need(not answer.is_html, "the web page is passed on as it is")
        need("<" not in complaint.message, f"the page's source is shown to the user: {short(complaint.message)}")


def not_success(seen: Seen) -> None:
    for exchange in seen:
        one = Seen(seen.model, seen.upstream)
        one.exchanges = [exchange]
        failed(one)


def in_stream(seen: Seen) -> None:
    complaint = failed(seen)
    has(complaint.message, WHY, f"what the provider said ('{WHY}')")


def typed(seen: Seen) -> None:
    complaint = failed(seen)
    in_form(seen)
    need(complaint.type in ANTHROPIC_TYPES, f"the error's type is '{complaint.type}'")


def isolated(seen: Seen) -> None:
    failing, *others = seen
    need(failing.said.error is not None or failing.answer.ended == "cut", "the failing one looks good")
    for exchange in others:
        _ = exchange.good


def key_refused(seen: Seen) -> None:
    for exchange in seen:
        need(exchange.answer.status != 401, "a refused key of the provider is 401: clients retry it for three minutes")
    each_refused(400, 403, 500, 502, 503)(seen)


ERROR_CHUNK = {"error": {"message": WHY, "type": "server_error", "code": 502}}
GARBAGE = chat.record(chat.chunk({"content": "words "})) + b'data: {"id": "x", "choices": [{"delta": {"con\n\n'

RULES = (
    Rule(
        id="F1",
        title="A rate limit is 429, with the time to wait",
        source="P90",
        judge=limited,
        asks=EITHER,
        faces=ALL,
        plays=(chat.refusal(429, "slow down", "rate_limit_error", retry_after="7"),),
    ),
    Rule(
        id="F2",
        title="A refused key of the provider is no 401, which would mean the client's own",
        source=CLIENT,
        judge=key_refused,
        asks=EITHER,
        faces=ALL,
        plays=(chat.refusal(401, "Incorrect API key", "authentication_error", "invalid_api_key"),),
    ),
    Rule(
        id="F3",
        title="A refused request is the client's fault, in the provider's words",
        source=CLIENT,
        judge=each_refused(400, 422, saying=WHY),
        asks=EITHER,
        faces=ALL,
        plays=(chat.refusal(400, WHY),),
    ),
    Rule(
        id="F4",
        title="A failure of the provider is 5xx, in the provider's words",
        source=CLIENT,
        judge=each_refused(500, 502, 503, 504, 529, saying=WHY),
        asks=EITHER,
        faces=ALL,
        plays=(chat.refusal(500, WHY, "server_error"),),
    ),
    Rule(
        id="F5",
        title="An overloaded provider is one to be retried: 429, 503 or 529",
        source=CLIENT,
        judge=each_refused(429, 503, 529),
        asks=EITHER,
        plays=(chat.refusal(503, "overloaded", "server_error"),),
    ),
    Rule(
        id="F6",
        title="A model the provider does not know is 404",
        source=CLIENT,
        judge=each_refused(404),
        asks=EITHER,
        faces=BOTH,
        plays=(chat.refusal(404, "The model does not exist", code="model_not_found"),),
    ),
    Rule(
        id="F7",
        title="A web page instead of an error becomes an error that says so",
        source="P100",
        judge=no_page,
        asks=EITHER,
        faces=ALL,
        plays=(Bytes(403, HTML, PAGE),),
    ),
    Rule(
        id="F8",
        title="A web page with status 200 is no answer",
        source="P100",
        judge=not_success,
        asks=EITHER,
        faces=ALL,
        plays=(Bytes(200, HTML, PAGE),),
    ),
    Rule(
        id="F9",
        title="An error in the middle of the stream ends it as an error, in the provider's words",
        source="P11, P12",
        judge=in_stream,
        faces=ALL,
        plays=(chat.chunks({"content": "words "}, ERROR_CHUNK, finish=None, tail=b""),),
    ),
    Rule(
        id="F10",
        title="Errors in the stream have a type of the client's dialect",
        source="P11",
        judge=typed,
        plays=(chat.chunks({"content": "words "}, ERROR_CHUNK, finish=None, tail=b""),),
    ),
    Rule(
        id="F11",
        title="An error as the first record is an error or a legal sequence with one",
        source="P7",
        judge=in_stream,
        faces=ALL,
        plays=(chat.chunks(ERROR_CHUNK, finish=None, tail=b""),),
    ),
    Rule(
        id="F12",
        title="A record that is no JSON is a failure",
        source="P11",
        judge=not_success,
        plays=(chat.raw(GARBAGE),),
    ),
    Rule(
        id="F13",
        title="A connection that is closed before the answer begins is a failure of the provider",
        source="P13",
        judge=each_refused(500, 502, 503, 504, 529),
        asks=EITHER,
        faces=ALL,
        plays=(Bytes(0, manner=Manner(ending="close")),),
    ),
    Rule(
        id="F14",
        title="A whole answer that is no JSON is a failure",
        source="P13",
        judge=not_success,
        asks=(Want(stream=False),),
        faces=ALL,
        plays=(Bytes(200, {"content-type": "application/json"}, b'{"id": "x", "choices": [{'),),
    ),
    Rule(
        id="F15",
        title="A whole answer that breaks off is a failure",
        source="P13",
        judge=not_success,
        asks=(Want(stream=False),),
        faces=ALL,
        upstreams=ALL,
        plays=(says("never to be seen whole", manner=Manner(until=-40, ending="close")),),
    ),
    Rule(
        id="F16",
        title="One failure does not disturb the exchange after it",
        source="P12",
        judge=isolated,
        asks=(Want(), Want(), Want(stream=False)),
        faces=ALL,
        plays=(chat.raw(GARBAGE, Manner(ending="reset")), says("good"), says("good")),
    ),
    Rule(
        id="F17",
        title="The provider's errors have the form of the client's dialect",
        source="P11",
        judge=in_form,
        asks=EITHER,
        faces=ALL,
        plays=(chat.refusal(400, WHY), chat.refusal(500, WHY, "server_error")),
    ),
)
