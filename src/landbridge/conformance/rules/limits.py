"""Context windows: an overflow is said in the words at which clients compact, and nothing is cut off silently."""

from __future__ import annotations

import re

from ..faces import chat as chat_face
from ..faces import messages
from ..play import says
from ..rule import Rule, Want, need
from ..seen import Seen
from ..sources import CLIENT, PROTOCOL
from ..upstreams import chat
from .judging import refused, short

EITHER = (Want(), Want(stream=False))
WORDINGS = {
    "OpenAI": (
        "This model's maximum context length is 32768 tokens. However, your messages resulted in 41000 tokens. "
        "Please reduce the length of the messages."
    ),
    "llama.cpp": ("the request (41000 tokens) exceeds the available context size (32768 tokens), try increasing it"),
    "vLLM": (
        "The decoder prompt (length 41000) is longer than the maximum model length of 32768. "
        "Make sure that `max_model_len` is no smaller than the number of text tokens."
    ),
}
SPLIT = (
    "This model's maximum context length is 32768 tokens. However, you requested 40768 tokens "
    "(8768 in the messages, 32000 in the completion). Please reduce the length of the messages or completion."
)
COMPACTS = re.compile(r"prompt is too long", re.I)
SHRINKS = re.compile(r"input length and `?max_tokens`? exceed context limit: \d+ \+ \d+ > \d+")


def compacts(seen: Seen) -> None:
    """The words at which Claude Code compacts, and no retry of what cannot succeed."""
    for exchange in seen:
        one = Seen(seen.model, seen.upstream)
        one.exchanges = [exchange]
        complaint = refused(one, 400, 413)
        need(COMPACTS.search(complaint.message), f"Claude Code does not know these words: {short(complaint.message)}")


def with_numbers(seen: Seen) -> None:
    words = seen.only.complaint.message
    need("41000" in words and "32768" in words, f"the numbers are lost: {short(words)}")


def shrinks(seen: Seen) -> None:
    complaint = refused(seen, 400, 413)
    known = SHRINKS.search(complaint.message) or COMPACTS.search(complaint.message)
    need(known, f"Claude Code does not know these words: {short(complaint.message)}")


def overflows_for_openai(seen: Seen) -> None:
    complaint = refused(seen, 400, 413)
    code = seen.only.answer.json["error"]["code"].text
    known = "maximum context length" in complaint.message or code == "context_length_exceeded"
    need(known, f"neither code nor words say that it is too long: {short(complaint.message)}")


PROMPT = "\n".join(f"line {number} of the prompt" for number in range(12_000))


def nothing_cut(seen: Seen) -> None:
    """All of it is sent, or it is refused; some of it is neither."""
    if seen.only.answer.status >= 400:
        refused(seen, 400, 413)
        return
    text = "\n".join(seen.sent["messages"].strings())
    need(
        "line 0 of" in text and "line 11999 of" in text and len(text) >= len(PROMPT), "a part of the prompt was cut off"
    )


RULES = (
    Rule(
        id="G1",
        title="An overflow in OpenAI's words becomes one at which Claude Code compacts",
        source="P65",
        judge=compacts,
        asks=EITHER,
        plays=(chat.refusal(400, WORDINGS["OpenAI"], code="context_length_exceeded"),),
    ),
    Rule(
        id="G2",
        title="An overflow in llama.cpp's words becomes one at which Claude Code compacts",
        source="P65",
        judge=compacts,
        asks=EITHER,
        plays=(chat.refusal(400, WORDINGS["llama.cpp"], "exceed_context_size_error"),),
    ),
    Rule(
        id="G3",
        title="An overflow in vLLM's words becomes one at which Claude Code compacts",
        source="P65",
        judge=compacts,
        asks=EITHER,
        plays=(chat.refusal(400, WORDINGS["vLLM"], "BadRequestError"),),
    ),
    Rule(
        id="G4",
        title="It says how many tokens there are, and how many there may be",
        source=PROTOCOL,
        judge=with_numbers,
        plays=(chat.refusal(400, WORDINGS["OpenAI"], code="context_length_exceeded"),),
    ),
    Rule(
        id="G5",
        title="Where only max_tokens is too much, the words are those at which Claude Code asks for less",
        source=PROTOCOL,
        judge=shrinks,
        asks=EITHER,
        plays=(chat.refusal(400, SPLIT, code="context_length_exceeded"),),
    ),
    Rule(
        id="G6",
        title="OpenAI's clients are told of an overflow in words or code they know",
        source=CLIENT,
        judge=overflows_for_openai,
        asks=(chat_face.ask(),),
        faces=("openai_chat",),
        plays=(chat.refusal(400, WORDINGS["OpenAI"], code="context_length_exceeded"),),
    ),
    Rule(
        id="G7",
        title="A prompt of 300 KB arrives whole, or is refused; nothing is cut off",
        source="P67",
        judge=nothing_cut,
        asks=(messages.ask(messages.user(messages.PROMPT, messages.text(PROMPT))),),
        plays=(says("ok"),),
    ),
)
