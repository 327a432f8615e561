"""Forwarding to an upstream that speaks the client's own dialect: nothing is allow-listed, reordered or made anew."""

from __future__ import annotations

from itertools import zip_longest

from ..faces.messages import PROMPT, ask, assistant, call, result, text, user
from ..node import Node, read_node
from ..play import SSE, Bytes, Manner, says
from ..rule import Ask, Rule, Want, need
from ..seen import Seen
from ..sources import CLIENT, PROTOCOL
from ..upstreams import messages
from .judging import good, refused, short

HELLO = (says("Hello."),)
ONLY = ("anthropic",)
BETAS = "claude-code-20250219,no-such-beta-2031-01-01"
FORWARDED = {
    "anthropic-version": "2023-06-01",
    "anthropic-beta": BETAS,
    "anthropic-unheard-of": "kept",
    "x-claude-code-session-id": "11111111-2222-3333-4444-555555555555",
}
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "EqoBCkgIAxABGAIiQ+/=="}
BILLING = text("x-anthropic-billing-header: cc_version=2.1.330.c6e; cc_entrypoint=sdk-cli;")
KEY = {"cache_control": {"type": "ephemeral"}}
SYSTEM = [BILLING, text("You are terse.", **KEY), text("Answer in German.")]
RAW = (
    b'{"stream": true, "model": "$MODEL", "zebra": 1.50, "messages": [{"role": "user", "content": "Hello. [$MARK]"}],'
    b' "max_tokens": 256, "apple": {"b": 12345678901234567890, "a": [ ]}, "metadata": {"user_id": "{}"}}'
)
ODD_EVENT = b'event: telepathy\ndata: {"type":"telepathy","x":[1,2]}\n\n'
ODD = Bytes(
    200,
    SSE,
    messages.stream(says("Hello."), "odd", "m", True).replace(b"event: ping", ODD_EVENT + b"event: ping"),
    True,
)


def headers_kept(seen: Seen) -> None:
    good(seen)
    sent = seen.only.received.headers
    wrong = [name for name, value in FORWARDED.items() if sent.get(name) != value]
    need(not wrong, f"not forwarded as they were: {', '.join(f'{name} ({sent.get(name)})' for name in wrong)}")


def bytes_kept(seen: Seen) -> None:
    """The body is the client's but for the model's name."""
    good(seen)
    model = seen.sent["model"].text
    wanted = RAW.replace(b"$MODEL", model.encode()).partition(b"[$MARK]")
    found = seen.only.received.body
    need(found.startswith(wanted[0]) and found.endswith(wanted[2]), f"the body became {short(found.decode())}")


def fields_kept(seen: Seen) -> None:
    sent = seen.sent
    need(
        sent["zebra"].value == 1.5 and sent["apple"].keys == ["b", "a"],
        "unknown fields changed or went",
    )


def system_kept(seen: Seen) -> None:
    need(seen.sent["system"].value == SYSTEM, f"system became {short(repr(seen.sent['system']))}")


def signature_kept(seen: Seen) -> None:
    block = seen.sent["messages"][1]["content"][0]
    need(block.value == SIGNED, f"the thinking block became {short(repr(block))}")


def error_kept(seen: Seen) -> None:
    complaint = refused(seen, 400)
    need(complaint.type == "invalid_request_error", f"the type became '{complaint.type}'")
    need(complaint.message == "thinking.block_binding: odd", f"the message became {short(complaint.message)}")


def events_kept(seen: Seen) -> None:
    good(seen)
    need(any(name == b"telepathy" for name, _ in seen.only.answer.records), "an event nobody knows was dropped")


def not_unauthorized(seen: Seen) -> None:
    need(seen.only.answer.status != 401, "a refused key of the provider is 401: clients retry it for three minutes")
    _ = seen.only.complaint


def failure_kept(seen: Seen) -> None:
    complaint = seen.only.complaint
    need(complaint.message == "Overloaded" and complaint.type == "overloaded_error", f"it became {complaint}")


FAILED = Bytes(
    200,
    SSE,
    messages.stream(says("Hello."), "failed", "m", True).partition(b"event: message_delta")[0]
    + messages.record({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    True,
)
EXACT = messages.stream(says("Hello."), "exact", "m", True)


def stream_kept(seen: Seen) -> None:
    """Every event of the provider, in order; the model's name may differ, and pings may stand between them."""
    good(seen)
    found = [data for name, data in seen.only.answer.records if name != b"ping"]
    parts = [part.partition(b"data: ")[2] for part in EXACT.split(b"\n\n") if part and b"event: ping" not in part]
    for one, other in zip_longest(map(unnamed, found), map(unnamed, parts)):
        need(one == other, f"the provider sent {short(str(other))}, the client got {short(str(one))}")


def unnamed(data: bytes) -> str:
    """An event without the model's name."""
    event = read_node(data)
    if event["message"].is_object:
        return repr(Node({key: event["message"][key].value for key in sorted(event["message"].keys) if key != "model"}))
    return repr(Node({key: event[key].value for key in sorted(event.keys)}))


RULES = (
    Rule(
        id="Q1",
        title="Headers of the protocol are forwarded, those nobody knows too",
        source=PROTOCOL,
        judge=headers_kept,
        asks=(ask(headers=FORWARDED),),
        plays=HELLO,
        upstreams=ONLY,
    ),
    Rule(
        id="Q2",
        title="Body fields nobody knows are forwarded",
        source=PROTOCOL,
        judge=fields_kept,
        asks=(Ask(body=RAW),),
        plays=HELLO,
        upstreams=ONLY,
    ),
    Rule(
        id="Q3",
        title="The body is forwarded byte for byte but for the model's name",
        source=PROTOCOL,
        judge=bytes_kept,
        asks=(Ask(body=RAW),),
        plays=HELLO,
        upstreams=ONLY,
        optional=True,
    ),
    Rule(
        id="Q4",
        title="The system blocks keep their order, the attribution block first",
        source="P77",
        judge=system_kept,
        asks=(ask(system=SYSTEM),),
        plays=HELLO,
        upstreams=ONLY,
    ),
    Rule(
        id="Q5",
        title="Signatures are forwarded exactly",
        source="P54",
        judge=signature_kept,
        asks=(ask(user(PROMPT), assistant(SIGNED, call("toolu_1", file_path="/a")), user(result("toolu_1"))),),
        plays=HELLO,
        upstreams=ONLY,
    ),
    Rule(
        id="Q6",
        title="The provider's errors are forwarded with their type and words",
        source=PROTOCOL,
        judge=error_kept,
        asks=(ask(),),
        plays=(messages.refusal(400, "invalid_request_error", "thinking.block_binding: odd"),),
        upstreams=ONLY,
    ),
    Rule(
        id="Q7",
        title="Events nobody knows are forwarded",
        source=PROTOCOL,
        judge=events_kept,
        asks=(ask(),),
        plays=(ODD,),
        upstreams=ONLY,
    ),
    Rule(
        id="Q8",
        title="The provider's events arrive exactly, however they were cut",
        source=PROTOCOL,
        judge=stream_kept,
        asks=(ask(),),
        plays=(Bytes(200, SSE, EXACT, True, Manner(cuts=(3,))),),
        upstreams=ONLY,
    ),
    Rule(
        id="Q9",
        title="A refused key of the provider is no 401",
        source=CLIENT,
        judge=not_unauthorized,
        asks=(ask(),),
        plays=(messages.refusal(401, "authentication_error", "invalid x-api-key"),),
        upstreams=ONLY,
    ),
    Rule(
        id="Q10",
        title="An error in the provider's stream arrives as it is",
        source="P11",
        judge=failure_kept,
        asks=(Want(),),
        plays=(FAILED,),
        upstreams=ONLY,
    ),
)
