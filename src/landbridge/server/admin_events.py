"""`GET /api/v1/events`: what happens in the router, as a stream of server-sent events, for the dashboard and scripts.

    event: engines
    data: {"engines": [...]}

`?topics=engines,requests` names what is wanted; left out, it is everything. A comment every 15 seconds shows that the
line still stands.
"""

from __future__ import annotations

from ..errors import BadRequest
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .hub import STATES
from .works import Works

EVENTS = "/api/v1/events"
DESCRIBED: Described = {
    ("GET", "", EVENTS): Endpoint(
        summary="Tell what happens, as it does", gives=(), streams=True, parameters=("topics",)
    ),
}
HEADERS = {"content-type": "text/event-stream", "cache-control": "no-store"}


def table(works: Works) -> Table:
    """The endpoints."""
    hub = works.hub

    async def events(asked: Asked) -> None:
        topics = [name for name in asked.query("topics").get("topics", "").split(",") if name] or hub.topics
        if wrong := next((name for name in topics if name not in hub.topics), None):
            raise BadRequest.at("topics", f" has no '{wrong[:40]}'.", remedy=f"There are: {', '.join(hub.topics)}.")
        await asked.sink.start(200, {**HEADERS, STATES: ",".join(hub.states)})
        async for said in hub.listen(topics):
            await asked.sink.write(
                b"".join(b"event: %b\ndata: %b\n\n" % (topic.encode(), value) for topic, value in said) or b":\n\n"
            )
        await asked.sink.end()

    return Table(works.book, [Row("GET", EVENTS, events)])
