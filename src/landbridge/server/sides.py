"""The client's side of one request, for the application: the exchange of our own server, or what ASGI has instead.

By ASGI go other servers, and answers with headers that a page of another origin needs (`entrance.readable`).
"""

from __future__ import annotations

from ..access.door import Passed
from .asgi import ASGISink, Departure, Receive, Scope, Send, read_body
from .entrance import readable
from .exchange import Exchange, own_exchange

Side = ASGISink | Exchange
"""Where the answer goes."""
Leaving = Departure | Exchange
"""What cancels an exchange whose client leaves."""


def sides(scope: Scope, receive: Receive, send: Send, passed: Passed) -> tuple[Side, Leaving]:
    """Both for one request."""
    if (own := own_exchange(scope)) is not None and not passed.origin:
        return own, own
    sink = ASGISink(readable(send, passed.origin) if passed.origin else send, headless=scope["method"] == "HEAD")
    return sink, Departure(receive, sink)


async def body_of(scope: Scope, receive: Receive, sink: Side, limit: int) -> bytes:
    """A request's body; mostly all of it is here already. Raises what `read_body` raises."""
    here = sink.body(limit) if isinstance(sink, Exchange) else None
    return await read_body(scope, receive, limit) if here is None else here
