"""Which conversation a call belongs to, so that its next turn finds the same target: a name, or how it begins."""

from __future__ import annotations

from hashlib import blake2b

from .call import Call

NAMES = ("session_id", "conversation_id", "x-session-id", "x-session-affinity")
"""Headers in which clients name it; Codex has the first two."""
FIRST_TURN = b'"user"'
MOST = 512
"""Bytes of the first turn that are looked at."""
ENDS = (b"}", b',"cache_control"', b', "cache_control"')
"""What ends them sooner: behind it, a history grows or marks move."""


def conversation_of(call: Call) -> str:
    """The client's own name for it; else a hash of its first turn, which all later ones repeat; else of the body."""
    if call.session:
        return call.session
    headers = call.headers
    for name in NAMES:
        if (named := headers.get(name, "")) != "":
            return named
    return blake2b(_opening(call.body), digest_size=12).hexdigest()


def _opening(body: bytes) -> bytes:
    """The first words of the user."""
    at = body.find(FIRST_TURN)
    if at < 0:
        return body
    ends = (body.find(end, at, at + MOST) for end in ENDS)
    return body[at : min((end for end in ends if end >= 0), default=at + MOST)]
