"""What a rule is: what the client asks, what the upstream answers, and a judgement of what both got.

A judgement is a function from what was seen (`seen.py`) to nothing. It raises `Broken` where the rule is broken,
`NotOffered` where the gateway does not claim to do such a thing, `NotTestable` where nobody can tell from here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NoReturn

from msgspec import Struct

from .play import Play

if TYPE_CHECKING:
    from .seen import Exchange, Received, Seen

Verdict = Literal["pass", "fail", "not offered", "not testable"]
Token = Literal["bearer", "x-api-key", "x-goog-api-key", "both", "none"]

MARK = "$MARK"
"""Stands in a request for the word by which the upstream knows which rule a request belongs to."""
MODEL = "$MODEL"
"""Stands for the model."""


class Finding(Exception):
    """What a judgement says instead of "pass"."""

    verdict: Verdict = "fail"


class Broken(Finding):
    """The rule is broken, and how."""


class NotOffered(Finding):
    """The gateway does not claim to do this."""

    verdict = "not offered"


class NotTestable(Finding):
    """Nobody can tell from here, and why."""

    verdict = "not testable"


def need(condition: object, otherwise: str) -> None:
    """Raise `Broken` unless `condition` holds."""
    if not condition:
        raise Broken(otherwise)


def broken(words: str) -> NoReturn:
    """Raise `Broken`."""
    raise Broken(words)


class Ask(Struct, frozen=True, kw_only=True):
    """One request of a client."""

    body: object = None
    """JSON, or bytes as they are; None for requests without a body. `MODEL` and `MARK` are replaced in both."""
    method: str = "POST"
    path: str | None = None
    """Behind the face's base URL; by default the path of generation requests."""
    query: str = ""
    headers: dict[str, str] = {}
    """Beside those of the face; an empty value takes a header of the face away."""
    token: Token | None = None
    """Where the token stands; by default where this face's clients put it."""
    body_pieces: int = 1
    """In how many writes the body is sent, a tenth of a second apart."""
    chunked: bool = False
    """Whether the body is sent without saying its length."""
    leave_after: float | None = None
    """Seconds after which the client closes the connection."""


class Want(Struct, frozen=True, kw_only=True):
    """A request in no dialect: each face writes it as its clients would."""

    text: str = "Say hello."
    stream: bool = True
    tools: bool = False
    """Whether the suite's tools are offered."""
    leave_after: float | None = None


Request = Ask | Want
Follow = Callable[["list[Exchange]"], Request]
"""A request that depends on what came before."""
Judge = Callable[["Seen"], None]
Step = Play | Callable[["Received"], Play]
"""What the upstream answers, or how that follows from the request."""


class Rule(Struct, frozen=True, kw_only=True):
    """One rule."""

    id: str
    """A letter for its subject and a number; it never changes."""
    title: str
    """What a gateway does that keeps the rule, as one sentence without a full stop."""
    source: str
    """Numbers of reported defects (`P4`; `sources.py` has the reports), or who asks for it."""
    judge: Judge
    asks: tuple[Request | Follow, ...] = (Want(),)
    plays: tuple[Step, ...] = ()
    """The upstream's answers in order, the last again and again; without any the rule needs no upstream."""
    faces: tuple[str, ...] = ("anthropic",)
    upstreams: tuple[str, ...] = ("openai_chat",)
    """Dialects of the upstream; without meaning where there are no plays."""
    optional: bool = False
    """Whether nobody promised it: a gateway that does not do it does not offer it, and breaks no rule."""
    together: bool = False
    """Whether the requests are sent at once instead of one after the other."""
    seconds: float = 20.0
    """Time limit of one run."""
