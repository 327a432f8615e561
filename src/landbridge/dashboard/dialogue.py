"""A conversation as the chat works with it: its branches, what a model is asked, and two copies joined into one."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from typing import Any

from msgspec import structs

from ..store.conversation import Answer, Conversation, File, Parameters, Turn

MOST_TOKENS = 8192
"""Of an answer, where nobody says how many: clients of this API have to."""
BUDGETS = {"low": 2048, "medium": 8192, "high": 24576}
"""Tokens of thinking."""
SIDES = 2
Json = dict[str, Any]


def new_id() -> str:
    """Of a conversation, a question or an answer."""
    return secrets.token_hex(10)


# -- branches ----------------------------------------------------------------------------------------------------------


def branch(talk: Conversation) -> list[Turn]:
    """The questions of the branch that is in use, the first one first."""
    by_id = {turn.id: turn for turn in talk.turns}
    found: list[Turn] = []
    at = by_id.get(talk.leaf) or (talk.turns[-1] if talk.turns else None)
    while at is not None and at not in found:
        found.append(at)
        at = by_id.get(at.parent)
    return found[::-1]


def siblings(talk: Conversation, turn: Turn) -> list[Turn]:
    """The forms of a question, itself among them, in the order in which they were asked."""
    return [each for each in talk.turns if each.parent == turn.parent]


def end_of(talk: Conversation, turn: Turn) -> str:
    """The last question of the branch that goes through `turn`: always on with the newest."""
    at = turn.id
    while below := [each.id for each in talk.turns if each.parent == at and each.id != at]:
        at = below[-1]
    return at


# -- answers -----------------------------------------------------------------------------------------------------------


def tries(turn: Turn, side: int) -> list[Answer]:
    """The answers of one side, the first one first."""
    return [answer for answer in turn.answers if answer.side == side]


def answer_of(turn: Turn, side: int) -> Answer | None:
    """The answer of a side that is in use."""
    found = tries(turn, side)
    return next((answer for answer in found if answer.id == turn.chosen.get(side)), found[-1] if found else None)


def sides(turn: Turn) -> list[int]:
    """The sides that have answers."""
    return sorted({answer.side for answer in turn.answers})


# -- what a model is asked ---------------------------------------------------------------------------------------------


def request(talk: Conversation, turn: Turn, side: int, model: str, most: int = MOST_TOKENS) -> Json:
    """The body that asks `model` for an answer to `turn`: with what its own side has said before.

    `most` is what an answer may have where the parameters do not say.
    """
    before = branch(structs.replace(talk, leaf=turn.id))[:-1]
    messages: list[Json] = []
    for each in before:
        messages.append({"role": "user", "content": content(each)})
        said = answer_of(each, side) or answer_of(each, 0) or answer_of(each, 1)
        if said is not None and said.text.strip():
            messages.append({"role": "assistant", "content": said.text.rstrip()})
    messages.append({"role": "user", "content": content(turn)})
    return {"model": model, "stream": True, **_asked(talk.parameters, most), "messages": messages}


def _asked(parameters: Parameters, most: int) -> Json:
    found: Json = {"max_tokens": parameters.max_tokens or most}
    if parameters.system.strip():
        found["system"] = parameters.system.strip()
    if parameters.temperature is not None:
        found["temperature"] = parameters.temperature
    if parameters.thinking == "off":
        found["thinking"] = {"type": "disabled"}
    elif budget := BUDGETS.get(parameters.thinking):
        found["thinking"] = {"type": "enabled", "budget_tokens": budget}
        found["max_tokens"] = max(found["max_tokens"], budget + 1024)
    return found


def content(turn: Turn) -> str | list[Json]:
    """A question as the API takes it: files first."""
    if not turn.files:
        return turn.text
    blocks = [_block(file) for file in turn.files]
    return [*blocks, {"type": "text", "text": turn.text}] if turn.text.strip() else blocks


def _block(file: File) -> Json:
    if file.type.startswith("image/"):
        return {"type": "image", "source": {"type": "base64", "media_type": file.type, "data": file.data}}
    if file.type == "application/pdf":
        source = {"type": "base64", "media_type": file.type, "data": file.data}
    else:
        text = base64.b64decode(file.data).decode("utf-8", "replace")
        source = {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "document", "title": file.name, "source": source}


# -- two copies --------------------------------------------------------------------------------------------------------


def joined(mine: Conversation, theirs: Conversation) -> Conversation:
    """Both copies of one conversation in one: nothing of either is lost. What is chosen in `mine` holds."""
    own = {turn.id: turn for turn in mine.turns}
    known = {turn.id for turn in theirs.turns}
    turns = [_turn(own[turn.id], turn) if turn.id in own else turn for turn in theirs.turns]
    turns += [turn for turn in mine.turns if turn.id not in known]
    return structs.replace(
        mine, title=theirs.title, version=theirs.version, created=theirs.created, changed=theirs.changed, turns=turns
    )


def _turn(mine: Turn, theirs: Turn) -> Turn:
    own = {answer.id for answer in mine.answers}
    mine.answers = _in_order([*mine.answers, *(each for each in theirs.answers if each.id not in own)])
    mine.chosen = {**theirs.chosen, **mine.chosen}
    return mine


def _in_order(answers: Iterable[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.at)
