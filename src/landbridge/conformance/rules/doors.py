"""Doors: what a client finds at the addresses it knocks at, with the tokens and headers it brings."""

from __future__ import annotations

from ..faces import messages
from ..node import Node
from ..rule import Ask, NotOffered, NotTestable, Rule, Token, Want, need
from ..seen import Exchange, Seen
from ..sources import CLIENT, HTTP, PROTOCOL, SDK
from .judging import ALL, BOTH, good, refused, short

LIST = Ask(method="GET", path="/v1/models", query="limit=1000")
BETAS = "claude-code-20250219,context-1m-2025-08-07,no-such-beta-2031-01-01"


def harmless(seen: Seen) -> None:
    """Any answer but a failure."""
    answer = seen.only.answer
    need(answer.ended == "whole" and 0 < answer.status < 500, f"status {answer.status}, {answer.ended} {answer.why}")


def listed(exchange: Exchange) -> Node:
    """The entries of a list of models."""
    answer = exchange.answer
    if answer.status in (404, 405, 501):
        raise NotOffered(f"GET /v1/models answers {answer.status}")
    need(answer.status == 200, f"status {answer.status}: {short(answer.body.decode('utf-8', 'replace'))}")
    need(len(answer.json["data"]), f"no list of models: {short(repr(answer.json))}")
    need(all(entry["id"].text for entry in answer.json["data"]), "an entry without an id")
    return answer.json["data"]


def lists_models(seen: Seen) -> None:
    listed(seen.only)
    seconds = seen.only.answer.over_at - seen.only.answer.sent_at
    need(seconds < 3, f"the list takes {seconds:.1f} s; Claude Code waits 3 s")


def discovers(seen: Seen) -> None:
    ids = [entry["id"].text for entry in listed(seen.only)]
    need(any("claude" in id or "anthropic" in id for id in ids), f"Claude Code would keep none of {ids[:8]}")


def shaped(seen: Seen) -> None:
    entries = listed(seen.only)
    missing = [entry["id"].text for entry in entries if entry["type"].text != "model" or not entry["display_name"].text]
    need(not missing, f"type or display_name is missing of {missing[:5]}")
    need("has_more" in seen.only.answer.json, "has_more is missing")


def shows_one(seen: Seen) -> None:
    listed(seen[0])
    found, absent = seen[1].answer, seen[2].answer
    if found.status in (404, 405, 501):
        raise NotOffered(f"GET /v1/models/{{id}} answers {found.status}")
    need(found.status == 200 and found.json["id"].text, f"status {found.status}: {short(repr(found.json))}")
    need(absent.status == 404, f"a model that does not exist gets status {absent.status}")


def counted(exchange: Exchange) -> int:
    """A count of tokens."""
    answer = exchange.answer
    if answer.status in (404, 405, 501):
        raise NotOffered(f"POST /v1/messages/count_tokens answers {answer.status}")
    tokens = answer.json["input_tokens"].count
    need(answer.status == 200 and tokens > 0, f"status {answer.status}: {short(repr(answer.json))}")
    return tokens


def counts_all(seen: Seen) -> None:
    plain, system, tools = (counted(exchange) for exchange in seen)
    need(system > plain + 20, f"{plain} tokens without a system prompt of 300 words, {system} with it")
    need(tools > plain + 20, f"{plain} tokens without tools, {tools} with four of them")


def all_good(seen: Seen) -> None:
    """Every answer is good."""
    for exchange in seen:
        _ = exchange.good


def any_token(seen: Seen) -> None:
    if seen.token_given:
        raise NotTestable("the gateway needs the token that --token names")
    all_good(seen)


def types_fit(seen: Seen) -> None:
    stream, whole = (exchange.answer.headers.get("content-type", "") for exchange in seen)
    all_good(seen)
    need(stream.startswith("text/event-stream"), f"a stream has content-type '{stream}'")
    need(whole.startswith("application/json"), f"a whole answer has content-type '{whole}'")


def unbuffered(seen: Seen) -> None:
    headers = seen.only.answer.headers
    good(seen)
    need("no-cache" in headers.get("cache-control", ""), "cache-control does not say no-cache")
    need(headers.get("x-accel-buffering") == "no", "proxies are not told to leave it unbuffered (x-accel-buffering)")


def uncompressed(seen: Seen) -> None:
    need(not seen.only.answer.headers.get("content-encoding"), "the stream is compressed")
    good(seen)


def request_ids(seen: Seen) -> None:
    all_good(seen)
    ids = [exchange.answer.headers.get("request-id", "") for exchange in seen]
    need(all(ids), "no request-id header")
    need(len(set(ids)) == len(ids), f"two answers with the same request-id {ids[0]}")


def large(seen: Seen) -> None:
    answer = seen.only.answer
    if answer.status == 413:
        refused(seen, 413)
        raise NotOffered("it takes no bodies of 6 MB")
    good(seen)


def tokened(token: Token) -> Ask:
    """A request with the token there."""
    ask = messages.ask(stream=False)
    return Ask(body=ask.body, token=token)


COUNT = "/v1/messages/count_tokens"
PROSE = {"role": "user", "content": "How many?"}
RULES = (
    Rule(
        id="A1",
        title="HEAD on the base URL is answered",
        source=CLIENT,
        judge=harmless,
        asks=(Ask(method="HEAD", path=""),),
    ),
    Rule(
        id="A2",
        title="The list of models comes within 3 s",
        source=PROTOCOL,
        judge=lists_models,
        asks=(LIST,),
        faces=BOTH,
    ),
    Rule(
        id="A3",
        title="Claude Code's discovery finds a model: an id with 'claude' or 'anthropic' in it",
        source=PROTOCOL,
        judge=discovers,
        asks=(Ask(method="GET", path="/v1/models", query="limit=1000", headers={"user-agent": "claude-code/2.1.330"}),),
        optional=True,
    ),
    Rule(id="A4", title="The list has the form Anthropic's SDKs read", source=SDK, judge=shaped, asks=(LIST,)),
    Rule(
        id="A5",
        title="One model can be asked for by its id, and one that does not exist is not found",
        source=SDK,
        judge=shows_one,
        faces=BOTH,
        asks=(LIST, Ask(method="GET", path="/v1/models/$MODEL"), Ask(method="GET", path="/v1/models/no-such-model")),
    ),
    Rule(
        id="A6",
        title="count_tokens counts",
        source="P74",
        judge=lambda seen: need(counted(seen.only), ""),
        asks=(Ask(path=COUNT, query="beta=true", body={"model": "$MODEL", "messages": [PROSE]}),),
    ),
    Rule(
        id="A7",
        title="count_tokens counts the system prompt and the tools",
        source="P75",
        judge=counts_all,
        asks=(
            Ask(path=COUNT, body={"model": "$MODEL", "messages": [PROSE]}),
            Ask(path=COUNT, body={"model": "$MODEL", "messages": [PROSE], "system": "one word " * 150}),
            Ask(path=COUNT, body={"model": "$MODEL", "messages": [PROSE], "tools": messages.tools()}),
        ),
    ),
    Rule(
        id="A8",
        title="?beta=true changes nothing",
        source=PROTOCOL,
        judge=good,
        asks=(messages.ask(query="beta=true"),),
    ),
    Rule(
        id="A9",
        title="The token is taken from Authorization, from x-api-key, and where both have it",
        source=PROTOCOL,
        judge=all_good,
        asks=(tokened("bearer"), tokened("x-api-key"), tokened("both")),
    ),
    Rule(
        id="A10",
        title="Where no key is configured any token is taken, and none",
        source=CLIENT,
        judge=any_token,
        asks=(Ask(body=messages.ask(stream=False).body, headers={"authorization": "Bearer another"}), tokened("none")),
    ),
    Rule(
        id="A11",
        title="Both values of anthropic-version are taken, and none",
        source=SDK,
        judge=all_good,
        asks=tuple(
            messages.ask(stream=False, headers={"anthropic-version": each}) for each in ("2023-06-01", "2026-10-21", "")
        ),
    ),
    Rule(
        id="A12",
        title="A beta nobody knows is no error",
        source="P47",
        judge=good,
        asks=(messages.ask(headers={"anthropic-beta": BETAS}),),
    ),
    Rule(
        id="A13",
        title="Streams are event streams, whole answers are JSON, by their content type",
        source=HTTP,
        judge=types_fit,
        asks=(Want(), Want(stream=False)),
        faces=ALL,
    ),
    Rule(id="A14", title="Proxies are told not to hold streams back", source="P16", judge=unbuffered, faces=ALL),
    Rule(
        id="A15",
        title="Streams are not compressed, whatever the client takes",
        source="P16",
        judge=uncompressed,
        asks=(messages.ask(headers={"accept-encoding": "gzip, deflate, br, zstd"}),),
    ),
    Rule(
        id="A16",
        title="Every answer has a request-id of its own",
        source=SDK,
        judge=request_ids,
        asks=(Want(), Want(stream=False), Want(stream=False)),
        optional=True,
    ),
    Rule(
        id="A17",
        title="A request of 6 MB is served",
        source=CLIENT,
        judge=large,
        asks=(messages.ask(messages.user("read this", {"type": "text", "text": "x" * 6_000_000})),),
        plays=(),
        upstreams=(),
        seconds=40,
    ),
    Rule(
        id="A18",
        title="A body that arrives slowly, in pieces and without a length, is read to its end",
        source=HTTP,
        judge=good,
        asks=(Ask(body=messages.ask().body, body_pieces=8, chunked=True),),
    ),
)
