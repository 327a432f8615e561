"""What several judgements need."""

from __future__ import annotations

from collections.abc import Sequence

from ..node import Node, same_json
from ..rule import Judge, broken, need
from ..said import Complaint, Said, SaidCall
from ..seen import Seen

BOTH = ("anthropic", "openai_chat")
"""The faces, or the upstreams, that every gateway has."""
ALL = ("anthropic", "openai_chat", "openai_responses", "gemini")
"""All faces, or all upstreams."""
MIXED = "Grüße, 世界! 🙂👩\u200d💻 — naïve\n\tend  "
"""Text of which any byte may be cut off from the next: two, three and four bytes a character, joined ones, spaces."""


def good(seen: Seen) -> None:
    """A good answer within the dialect's grammar."""
    grammar(seen.good)


def grammar(said: Said) -> None:
    """No breach of the grammar."""
    need(not said.faults, "; ".join(said.faults[:3]))


def same_text(said: Said, text: str, thinking: str = "") -> None:
    """The text, and nothing but it."""
    need(said.text == text, f"the text became {short(said.text)}")
    if thinking:
        need(said.thinking == thinking, f"the thinking became {short(said.thinking)}")


def text_is(text: str) -> Judge:
    """A good answer with exactly this text."""

    def judge(seen: Seen) -> None:
        good(seen)
        same_text(seen.good, text)

    return judge


def same_calls(said: Said, *calls: tuple[str, str]) -> None:
    """Exactly these calls: names and arguments."""
    names = [call.name for call in said.calls]
    need(names == [name for name, _ in calls], f"the calls became {names}")
    for call, (name, args) in zip(said.calls, calls, strict=True):
        need(same_json(call.args, args), f"the arguments of {name} became {short(call.args)}")


def calls_are(*calls: tuple[str, str]) -> Judge:
    """A good answer that ends in exactly these calls."""

    def judge(seen: Seen) -> None:
        good(seen)
        same_calls(seen.good, *calls)
        need(seen.good.stop == "tools", f"the answer stops with '{seen.good.stop}' and not because of its calls")
        unique_ids(seen.good.calls)

    return judge


def unique_ids(calls: Sequence[SaidCall]) -> None:
    """Every call has an id of its own."""
    ids = [call.id for call in calls]
    need(all(ids) and len(set(ids)) == len(ids), f"the ids of the calls are {ids}")


def stops_with(stop: str) -> Judge:
    """A good answer that ends for this reason."""

    def judge(seen: Seen) -> None:
        good(seen)
        need(seen.good.stop == stop, f"the reason to stop became '{seen.good.stop}'")

    return judge


def lacks(*fields: str) -> Judge:
    """The request is served, and none of these stands anywhere in what the upstream gets."""

    def judge(seen: Seen) -> None:
        sent = seen.sent
        found = {key for node in sent.walk() for key in node.keys} & set(fields)
        need(not found, f"the upstream gets {', '.join(sorted(found))}")

    return judge


def failed(seen: Seen) -> Complaint:
    """The client must see that it failed, before or in the stream, or by a broken connection; never a good end."""
    only = seen.only
    if only.said.error is None and only.answer.ended == "cut":
        return Complaint(only.answer.status, "", "")
    if only.said.error is None:
        broken(f"it looks like a good answer (stop '{only.said.stop}', {only.answer.ended}): {short(only.said.text)}")
    grammar(only.said)
    return only.complaint


def refused(seen: Seen, *statuses: int) -> Complaint:
    """An error before the stream, with one of these statuses and words of its own."""
    complaint = seen.only.complaint
    answer = seen.only.answer
    need(answer.status in statuses, f"status {answer.status}: {short(complaint.message)}")
    need(not answer.is_html, "the error is a web page")
    need(complaint.message, "the error has no words")
    return complaint


def in_form(seen: Seen) -> None:
    """Every answer is an error in the form of the client's dialect."""
    for exchange in seen:
        complaint, body = exchange.complaint, exchange.answer.body[-300:].decode("utf-8", "replace")
        need(complaint.in_form, f"the error has not the form of this dialect: {short(body)}")


def roles(messages: Node) -> list[str]:
    """The roles of messages."""
    return [message["role"].text for message in messages]


def words(node: Node) -> str:
    """All text of a message or a list of them."""
    return "\n".join(node.strings())


def content(message: Node) -> str:
    """The text of a message's content, whether a string or parts."""
    inside = message["content"]
    return inside.text or "\n".join(part["text"].text for part in inside)


def has(text: str, word: str, what: str) -> None:
    """`word` stands in `text`."""
    need(word in text, f"{what} got lost")


def short(text: str) -> str:
    """The beginning of a text, as it is."""
    return repr(text if len(text) <= 160 else text[:160] + "...")
