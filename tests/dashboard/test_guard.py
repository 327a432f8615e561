"""What the gate asks the router is kept for seconds, and an answer that is none lets nobody in."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.origin import Setting
from landbridge.dashboard.guard import KEPT_SECONDS, Guard
from landbridge.dashboard.router import RouterFault
from landbridge.server.admin_signin import Session
from landbridge.server.settings import InForce

pytestmark = pytest.mark.anyio


class Router:
    """Answers from a list, and counts."""

    def __init__(self) -> None:
        self.sessions = {"s1"}
        self.hosts = ["*.lan"]
        self.fault: RouterFault | None = None
        self.asked = 0

    async def get(self, path: str, type: Any) -> InForce:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return InForce("x", [Setting("access.hosts", self.hosts, "file", "line 1")])

    async def ask(self, method: str, path: str, type: Any, body: dict[str, str]) -> Session:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        if body.get("token") == "good" or body.get("session") in self.sessions:
            return Session("new", 10.0)
        raise RouterFault("Nobody is signed in so.", 401)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(router: Any, clock: Clock) -> Guard:
    return Guard(router, "192.0.2.7", clock)


@pytest.mark.parametrize(("host", "needed"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("::", True)])
def test_where_a_session_is_needed(router: Any, host: str, needed: bool) -> None:
    assert Guard(router, host).needed is needed


async def test_a_session_that_goes_on_is_asked_for_now_and_then(guard: Guard, router: Router, clock: Clock) -> None:
    assert await guard.knows("s1") and await guard.knows("s1")
    assert router.asked == 1
    router.sessions.clear()
    clock.now += KEPT_SECONDS
    assert not await guard.knows("s1") and not await guard.knows("s1")


async def test_one_that_is_none_is_asked_for_each_time(guard: Guard, router: Router) -> None:
    assert not await guard.knows("s2")
    router.sessions.add("s2")
    assert await guard.knows("s2")
    assert not await guard.knows("") and router.asked == 2


async def test_a_link(guard: Guard) -> None:
    begun = await guard.begin("good")
    assert begun is not None and begun.session == "new"
    assert await guard.begin("bad") is None


async def test_a_router_that_does_not_answer(guard: Guard, router: Router) -> None:
    router.fault = RouterFault("gone")
    for asking in (guard.knows("s1"), guard.begin("good")):
        with pytest.raises(RouterFault):
            await asking
    assert await guard.hosts() == ()


async def test_names_are_kept_for_seconds(guard: Guard, router: Router, clock: Clock) -> None:
    assert await guard.hosts() == ["*.lan"]
    router.hosts = []
    assert await guard.hosts() == ["*.lan"] and router.asked == 1
    clock.now += KEPT_SECONDS
    router.fault = RouterFault("gone")
    assert await guard.hosts() == ["*.lan"], "the last that is known"
    router.fault = None
    assert await guard.hosts() == []
