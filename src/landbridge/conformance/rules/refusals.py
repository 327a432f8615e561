"""Requests that are refused: with the right status, in the client's own form, with words that help."""

from __future__ import annotations

from ..rule import Ask, NotOffered, Rule, need
from ..seen import Seen
from ..sources import CLIENT, HTTP, PROTOCOL
from .judging import ALL, BOTH, good, in_form, refused, short

KINDS = ("not_found_error", "invalid_request_error")
UNKNOWN = {"model": "no-such-model-at-all", "max_tokens": 16, "messages": [{"role": "user", "content": "hi"}]}
NEAR = {"model": "$MODEL-x", "max_tokens": 16, "messages": [{"role": "user", "content": "hi"}]}


def unknown_model(seen: Seen) -> None:
    if seen.only.answer.status == 200:
        raise NotOffered("names nobody knows are served by another model")
    complaint = refused(seen, 404)
    need(not complaint.in_form or complaint.type in KINDS, f"the error's type is '{complaint.type}'")


def names_near(seen: Seen) -> None:
    words = seen.only.complaint.message.replace(f"{seen.model}-x", "")
    need(seen.model in words, f"'{seen.model}-x' is refused without naming '{seen.model}': {short(words)}")


def bad_request(seen: Seen) -> None:
    """All asks are refused as the client's own fault, in form."""
    for exchange in seen:
        answer, complaint = exchange.answer, exchange.complaint
        need(400 <= answer.status < 500, f"status {answer.status}: {short(complaint.message)}")
        need(answer.status != 401, "401 means a wrong key, and clients retry it for minutes")


def no_empty_list(seen: Seen) -> None:
    refused(seen, 400, 422)
    need(not any(len(each.json["messages"]) == 0 for each in seen.only.upstream), "the upstream got an empty list")


def no_pages(seen: Seen) -> None:
    """Errors are JSON, never web pages."""
    for exchange in seen:
        answer = exchange.answer
        need(400 <= answer.status < 500, f"status {answer.status}")
        need(not answer.is_html, f"a web page with status {answer.status}")
        need(answer.json.is_object, f"no JSON: {short(answer.body.decode('utf-8', 'replace'))}")


DEEP = b'{"model":"$MODEL","max_tokens":9,"messages":' + b"[" * 40_000 + b"]" * 40_000 + b"}"
RULES = (
    Rule(
        id="B1",
        title="A model nobody knows is 404",
        source=CLIENT,
        judge=unknown_model,
        faces=BOTH,
        asks=(Ask(body=UNKNOWN),),
    ),
    Rule(
        id="B2",
        title="The refusal of a misspelt model names the one that was meant",
        source=CLIENT,
        judge=names_near,
        asks=(Ask(body=NEAR),),
        optional=True,
    ),
    Rule(
        id="B3",
        title="A Claude name nobody configured is served all the same",
        source="P81",
        judge=good,
        asks=(Ask(body={**UNKNOWN, "model": "claude-haiku-9-9-20310101", "stream": True}),),
    ),
    Rule(
        id="B4",
        title="A body that is no JSON is the client's fault",
        source=CLIENT,
        judge=bad_request,
        faces=BOTH,
        asks=(Ask(body=b"{not json"), Ask(body=b"[]"), Ask(body=b"")),
    ),
    Rule(
        id="B5",
        title="Fields of the wrong type are the client's fault",
        source=CLIENT,
        judge=bad_request,
        asks=(
            Ask(body={"model": "$MODEL", "max_tokens": 9, "messages": "hello"}),
            Ask(body={"model": "$MODEL", "max_tokens": 9, "messages": [{"role": "user", "content": 7}]}),
        ),
    ),
    Rule(
        id="B6",
        title="An empty list of messages is refused and never sent",
        source="P61",
        judge=no_empty_list,
        asks=(Ask(body={"model": "$MODEL", "max_tokens": 9, "messages": []}),),
    ),
    Rule(
        id="B7",
        title="JSON nested 40,000 deep, and bytes that are no UTF-8, are the client's fault",
        source=HTTP,
        judge=bad_request,
        asks=(Ask(body=DEEP), Ask(body=b'{"model":"\xff\xfe","messages":[]}')),
    ),
    Rule(
        id="B8",
        title="A path that does not exist, and a wrong method, are JSON errors and no web pages",
        source=PROTOCOL,
        judge=no_pages,
        faces=BOTH,
        asks=(Ask(path="/v1/nothing", body={}), Ask(method="GET")),
    ),
    Rule(
        id="B9",
        title="Refusals have the form of the client's dialect",
        source=CLIENT,
        judge=in_form,
        faces=ALL,
        asks=(Ask(body=b"{not json"), Ask(body=b"[]")),
    ),
)
