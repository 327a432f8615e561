"""A conversation of the dashboard's chat, as a value: one JSON document that the store keeps whole.

Questions form a tree: one that was edited stands beside the first, under the same parent, and both go on. Each has its
answers, one or more from each side (a second model beside the first, or another try), and says which are in use.
"""

from __future__ import annotations

from msgspec import Struct, field

TITLE = 80
"""Characters of a title that is made of a question."""
LONGEST_TITLE = 200
LARGEST = 32 * 1024 * 1024
"""Bytes of one conversation as JSON, files included."""


class File(Struct, kw_only=True):
    """An image, a PDF or a text that was given with a question."""

    name: str
    type: str
    """`image/png`, `application/pdf`, `text/plain`, ..."""
    data: str
    """In base64."""


class Answer(Struct, kw_only=True):
    """What a model said, or why it did not."""

    id: str
    model: str
    side: int = 0
    """0, or 1 for the model beside."""
    text: str = ""
    thinking: str = ""
    at: float = 0
    """When it was asked for, in Unix seconds."""
    stop: str = ""
    """`end`, `length`, `stopped` by the reader, ...; empty where it ended in a fault."""
    fault: str = ""
    request: str = ""
    """Its exchange in the ledger."""
    first: float | None = None
    """Seconds to its first word, thinking included."""
    seconds: float | None = None
    input: int | None = None
    """Tokens of the prompt, all told."""
    cached: int | None = None
    """Those of them that came from a cache."""
    output: int | None = None
    cost: int | None = None
    """Millionths of a dollar; null where nobody knows."""


class Turn(Struct, kw_only=True):
    """A question with its answers."""

    id: str
    parent: str = ""
    """The question before; empty for a first one."""
    text: str = ""
    files: list[File] = field(default_factory=list)
    at: float = 0
    answers: list[Answer] = field(default_factory=list)
    chosen: dict[int, str] = field(default_factory=dict)
    """Of each side, the answer in use; where none is named, the newest."""


class Parameters(Struct, kw_only=True):
    """How models are asked; what is null or empty is left to them."""

    system: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    thinking: str = ""
    """`off`, `low`, `medium` or `high`."""


class Conversation(Struct, kw_only=True):
    """The whole."""

    id: str = ""
    title: str = ""
    """Taken of a new one, or made of its first question; only a rename changes it."""
    version: int = 0
    """How often it was kept. To keep it again, say the one you have; 0 is a new one."""
    created: float = 0
    changed: float = 0
    models: list[str] = field(default_factory=list)
    """One, or two side by side."""
    parameters: Parameters = field(default_factory=Parameters)
    leaf: str = ""
    """The last question of the branch that is in use."""
    turns: list[Turn] = field(default_factory=list)


class Summary(Struct, kw_only=True):
    """What a list shows of one."""

    id: str
    title: str
    model: str
    """The models' names, with commas."""
    version: int
    created: float
    changed: float
    size: int
    """Bytes."""


class Conversations(Struct, kw_only=True):
    """Some of them, the one that changed last first."""

    conversations: list[Summary]
    more: str = ""
    """The id to ask for the next page with (`before`); empty where there is none."""


def title_of(conversation: Conversation) -> str:
    """Its title, or one made of its first question."""
    given = one_line(conversation.title)[:LONGEST_TITLE]
    if given:
        return given
    for turn in conversation.turns:
        if text := one_line(turn.text):
            return text if len(text) <= TITLE else text[: TITLE - 1].rstrip() + "…"
        if turn.files:
            return one_line(turn.files[0].name)[:TITLE]
    return "..."


def one_line(text: str) -> str:
    """Text without line breaks and characters that no database takes."""
    return " ".join(text.replace("\0", "").split())


def words_of(conversation: Conversation, most: int = 200_000) -> str:
    """What it is found by: all that was said, in lower case."""
    said = [text for turn in conversation.turns for text in (turn.text, *(answer.text for answer in turn.answers))]
    return "\n".join(said).replace("\0", "")[:most].casefold()
