"""`docs/support.md`: what crosses between clients and providers, from `redoc_requests.py` and `redoc_answers.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from tests.redoc_answers import ERRORS, GIVEN, SIGNS, answered_cell, back_cell, error_cell
from tests.redoc_cells import CHANGED, HERE, LEFT, LOSS, NAMES, NONE, WORDS, YES
from tests.redoc_requests import ASKED, asked_cell
from tests.redoc_table import table

Row = tuple[str, ...]

INTRODUCTION = f"""\
# What crosses

Any client can be used with any provider, and the dialects cannot say the same things. Here is what becomes of each
thing that a client says, and of each that a provider answers. Every cell is made by converting an example, with a
target that takes all its dialect has. What single models and providers cannot do comes on top: see
[thinking](thinking.md), [quirks](settings.md#quirks) and [images and documents](images-and-documents.md).

| cell | meaning |
| --- | --- |
| {YES} | it arrives |
| {CHANGED} | the nearest thing that the other dialect has arrives, or a part of it |
| {WORDS} | it is said in the conversation, for want of a field |
| {HERE} | landbridge does it for the model, if it is set up to ([web search](web-search.md)) |
| {LEFT} | it means nothing to the other side, and nobody misses it |
| {LOSS} | it cannot be said there: told in the request's line in the log, and counted in `x-landbridge-losses` |
| {NONE} | the dialect it would come from has no such thing |

Where client and provider speak the same dialect, requests and answers go through untouched, with all their fields,
unless something has to be done to them; the column with the client's own name says what arrives then. Local models are
asked as *{NAMES["openai_chat"]}*.
"""


def asked_rows(client: str) -> Iterator[Row]:
    """What becomes of each thing that a client says, for each target."""
    for group, features in ASKED.items():
        yield (f"**{group}**", *[""] * len(NAMES))
        yield from said((feature.name, *map(partial(asked_cell, feature, client), NAMES)) for feature in features)


def said(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of which there is anything to say."""
    return (row for row in rows if set(row[1:]) != {NONE})


def answered_rows(client: str) -> Iterator[Row]:
    """What the client hears of each thing that an answer holds, from each provider."""
    for given in GIVEN:
        yield (given.name, *map(partial(answered_cell, given, client), NAMES))
    for name in SIGNS:
        yield (f"{name} come back to who signed", *map(partial(back_cell, name, client), NAMES))
    for name in ERRORS:
        yield (f"error: {name}", *map(partial(error_cell, name, client), NAMES))


def support_page() -> str:
    """The document."""
    parts = [INTRODUCTION]
    for client, title in NAMES.items():
        parts.append(f"## Clients of {title}\n")
        parts.append(table(("what they say, to", *NAMES.values()), asked_rows(client)))
        parts.append(table(("what they hear, from", *NAMES.values()), answered_rows(client)))
    return "\n".join(parts)
