"""`/api/v1/dashboard`: where the dashboard is, links that sign in to it, and the sessions that it asks about."""

from __future__ import annotations

from msgspec import Struct

from ..errors import ConfigFault, Unauthorized
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .signin import IDLE_SECONDS, LINK_SECONDS
from .works import Works

DASHBOARD = "/api/v1/dashboard"
LINKS = f"{DASHBOARD}/links"
SESSIONS = f"{DASHBOARD}/sessions"


class Dashboard(Struct):
    """Where it is."""

    url: str
    """Empty while it is closed."""
    sign_in: bool
    """Whether a link is needed: others than this machine reach it."""
    fault: str = ""
    """Why it is closed, where it should be open."""


class Link(Struct):
    """Opens the dashboard."""

    url: str
    seconds: float | None = None
    """It signs in once, within so many seconds; null: none is needed."""


class Proof(Struct):
    """What somebody has shown: the token of a link, or a session."""

    token: str = ""
    session: str = ""


class Session(Struct):
    """A session that has begun or goes on."""

    session: str
    seconds: float
    """It ends when it is not used for so long."""


class Ended(Struct):
    """How many sessions have ended."""

    sessions: int


DESCRIBED: Described = {
    ("GET", "", DASHBOARD): Endpoint(summary="Say where the dashboard is", gives=(Dashboard,)),
    ("POST", "", LINKS): Endpoint(summary="Make a link that signs in to the dashboard, once", gives=(Link,)),
    ("POST", "", SESSIONS): Endpoint(
        summary="Begin a session by a link's token, or ask whether one goes on", takes=Proof, gives=(Session,)
    ),
    ("DELETE", "", SESSIONS): Endpoint(summary="End all sessions of the dashboard", gives=(Ended,)),
}


def table(works: Works) -> Table:
    """The endpoints."""
    signin = works.signin

    async def show(asked: Asked) -> Dashboard:
        asked.query()
        part = works.health.listeners().get("dashboard")
        fault = "" if part is None or part.status in ("ok", "off") else part.detail
        return Dashboard(signin.url(), signin.needed, fault)

    async def link(asked: Asked) -> Link:
        if not (url := signin.link()):
            raise ConfigFault("The dashboard is closed.", remedy="Set listeners.dashboard.enabled to true.")
        return Link(url, LINK_SECONDS if signin.needed else None)

    async def session(asked: Asked) -> Session:
        proof = asked.body(Proof)
        if proof.session:
            known = signin.knows(proof.session)
            found = proof.session if known else None
        else:
            found = signin.redeem(proof.token)
        if found is None:
            raise Unauthorized("Nobody is signed in so.", remedy="'landbridge dashboard' prints a new link.")
        return Session("" if proof.session else found, IDLE_SECONDS)

    async def end(asked: Asked) -> Ended:
        return Ended(signin.end())

    rows = (("GET", DASHBOARD, show), ("POST", LINKS, link), ("POST", SESSIONS, session), ("DELETE", SESSIONS, end))
    return Table(works.book, [Row(*row) for row in rows])
