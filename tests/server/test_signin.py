"""Links open once and not for long; sessions end; neither can be guessed or found in what is kept."""

from __future__ import annotations

import hmac

import pytest

from landbridge.server.signin import IDLE_SECONDS, LINK_SECONDS, MOST_SESSIONS, SESSION_SECONDS, SignIn, url_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def there(clock: Clock) -> SignIn:
    found = SignIn(clock)
    found.address = lambda: ("192.0.2.7", 38090)
    return found


def token(there: SignIn) -> str:
    url = there.link()
    assert url.startswith("http://192.0.2.7:38090/sign-in?token=")
    return url.partition("token=")[2]


def session(there: SignIn) -> str:
    found = there.redeem(token(there))
    assert found is not None
    return found


def test_a_link_opens_once(there: SignIn) -> None:
    link = token(there)
    assert len(link) >= 43, "256 bits"
    found = there.redeem(link)
    assert found is not None and found != link and there.knows(found)
    assert there.redeem(link) is None
    assert there.redeem(found) is None and not there.knows(link), "a session is no link"


def test_a_link_opens_not_for_long(there: SignIn, clock: Clock) -> None:
    early, late = token(there), token(there)
    clock.now += LINK_SECONDS - 1
    assert there.redeem(early)
    clock.now += 1
    assert there.redeem(late) is None


def test_a_session_ends_when_nobody_uses_it_and_in_the_end(there: SignIn, clock: Clock) -> None:
    used, unused = session(there), session(there)
    began = clock.now
    while clock.now - began < SESSION_SECONDS - IDLE_SECONDS / 2:
        assert there.knows(used)
        clock.now += IDLE_SECONDS / 2
    assert not there.knows(unused)
    clock.now = began + SESSION_SECONDS
    assert not there.knows(used)


@pytest.mark.parametrize("wrong", ["", "x", "\ud800", "a" * 10_000])
def test_what_nobody_made(there: SignIn, wrong: str) -> None:
    session(there)
    assert there.redeem(wrong) is None and not there.knows(wrong)


def test_all_can_be_ended(there: SignIn) -> None:
    first, link = session(there), token(there)
    assert there.end() == 1
    assert not there.knows(first) and there.redeem(link) is None


def test_only_hashes_are_kept(there: SignIn) -> None:
    link = token(there)
    kept = repr(vars(there))
    found = session(there)
    assert link not in kept and found not in repr(vars(there))


def test_there_are_not_too_many(there: SignIn) -> None:
    first = session(there)
    for _ in range(MOST_SESSIONS):
        session(there)
    assert not there.knows(first) and there.end() == MOST_SESSIONS


def test_each_is_compared_in_the_same_time(there: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    first = session(there)
    session(there)
    compared: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert there.knows(first) and len(compared) == 2


def test_on_this_machine_none_is_needed() -> None:
    here = SignIn()
    assert here.link() == "" and not here.needed, "closed"
    here.address = lambda: ("127.0.0.1", 38090)
    assert not here.needed and here.link() == "http://127.0.0.1:38090"


@pytest.mark.io
def test_addresses_that_others_can_use() -> None:
    assert url_of(("::1", 1)) == "http://[::1]:1"
    everywhere = url_of(("0.0.0.0", 38090))
    assert "0.0.0.0" not in everywhere and everywhere.endswith(":38090")
    assert "[::]" not in url_of(("::", 1))
