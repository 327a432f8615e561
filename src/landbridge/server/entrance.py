"""Who is let in at a listener: what its door says of a request, and what is served to whom all the same.

Probes of clients and of those who watch over the router need no key. What is for this machine's own commands needs the
router's own one, as soon as keys are needed.
"""

from __future__ import annotations

from ..access.door import Door, Passed, cors
from ..errors import Forbidden, Unauthorized
from .asgi import Message, Scope, Send

MANAGEMENT = "/api/"
"""Paths that begin so are for the commands and programs of this machine's user."""
OPEN = Passed()


def knock(door: Door | None, scope: Scope) -> Passed:
    """What the door says. Never raises: a name or page that may not ask is a fault like a wrong key."""
    if door is None:
        return OPEN
    try:
        return door.enter(scope["headers"], scope["query_string"])
    except Forbidden as fault:
        return Passed(fault=fault)


def check(passed: Passed, path: str, *, open: bool) -> None:
    """Raise where it may not come in. `open`: what is served there needs no key."""
    if passed.fault is not None and not (open and isinstance(passed.fault, Unauthorized)):
        raise passed.fault
    grant = passed.grant
    if grant is not None and not grant.owner and path.startswith(MANAGEMENT):
        raise Forbidden(
            f"The key '{grant.name}' is for models.", remedy="Ask where landbridge runs, with its own commands."
        )


def readable(send: Send, origin: bytes) -> Send:
    """`send`, whose answers a page of `origin` may read."""
    added = cors(origin)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks on behalf of a page what that may send."""
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def answer_preflight(door: Door, scope: Scope, send: Send) -> None:
    """Say what the page may send. Raises `Forbidden` for one that may nothing."""
    headers = door.preflight(scope["headers"])
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
