"""Who comes in by which name, from which page and with which key; and what is remembered is never out of date."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from landbridge.access.book import Book
from landbridge.access.clock import Clock
from landbridge.access.door import REMEMBERED, Door, Passed, cors
from landbridge.access.grant import Grant
from landbridge.access.known import Known
from landbridge.access.secret import digest, make_key
from landbridge.config import AccessSettings
from landbridge.errors import Forbidden

HERE = (b"host", b"127.0.0.1:38080")


class House:
    """A door, the keys behind it, and what may change."""

    def __init__(self, host: str = "127.0.0.1", **settings: Any) -> None:
        self.settings, self.host, self.now = AccessSettings(**settings), host, 1000.0
        self.clock = Clock(lambda: self.now, lambda: self.now)
        self.book = Book(Path("/nowhere"), self.clock)
        self.door = Door(self.book, lambda: self.settings, lambda: self.host)
        self.known: list[Known] = []

    def key(self, id: str, **more: Any) -> bytes:
        """Give out a key."""
        key = make_key(id)
        self.known = [each for each in self.known if each.grant.id != id]
        self.known.append(Known(Grant(id=id, name=id, **more), digest(key)))
        self.book._take(self.known)
        return key.encode()

    def enter(self, *headers: tuple[bytes, bytes], query: bytes = b"") -> Passed:
        return self.door.enter((HERE, *headers), query)


def bearer(key: bytes) -> tuple[bytes, bytes]:
    return (b"authorization", b"Bearer " + key)


def fault(passed: Passed) -> str:
    assert passed.grant is None
    assert passed.fault is not None
    assert passed.fault.status == 401
    return passed.fault.text


@pytest.mark.parametrize("headers", [(), (bearer(b""),), (bearer(b"landbridge"),), ((b"x-api-key", b"sk-ant-1"),)])
def test_without_keys_any_token_or_none_is_taken_on_loopback(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert House().enter(*headers) == Passed()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "llm.lan"])
def test_beyond_loopback_a_key_is_needed_and_it_is_said_how_to_make_one(host: str) -> None:
    text = fault(House(host).enter(bearer(b"landbridge")))
    assert text.startswith("This listener can be reached by others, and landbridge has no keys yet.")
    assert "landbridge keys create --name NAME" in text


def test_as_soon_as_there_is_a_key_one_is_needed() -> None:
    house = House()
    assert house.enter() == Passed()
    key = house.key("ann")
    assert "needs a key here, and the request has none" in fault(house.enter())
    assert "no key of landbridge's: they begin with lb-" in fault(house.enter(bearer(b"landbridge")))
    assert "does not know this key" in fault(house.enter(bearer(make_key("ann").encode())))
    passed = house.enter(bearer(key))
    assert passed.grant is not None
    assert passed.grant.name == "ann"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([b"authorization", b"Bearer %b"], b""),
        ([b"authorization", b"bearer  %b "], b""),
        ([b"x-api-key", b"%b"], b""),
        ([b"x-goog-api-key", b"%b"], b""),
        ([b"x", b"y"], b"alt=sse&key=%b"),
        ([b"x-api-key", b"sk-ant-left-over", b"authorization", b"Bearer %b"], b""),
        ([b"x-api-key", b"%b", b"authorization", b"Bearer landbridge"], b""),
        ([b"x-api-key", b"lb-old-" + b"x" * 40, b"authorization", b"Bearer %b"], b""),
    ],
)
def test_where_a_key_may_stand(headers: list[bytes], query: bytes) -> None:
    house = House()
    key = house.key("ann")
    pairs = [(name, value.replace(b"%b", key)) for name, value in zip(headers[::2], headers[1::2], strict=True)]
    passed = house.enter(*pairs, query=query.replace(b"%b", key))
    assert passed.grant is not None
    assert passed.fault is None


def test_changes_count_at_once_also_for_what_is_remembered() -> None:
    house = House()
    key = house.key("ann")
    for _ in range(2):
        assert house.enter(bearer(key)).grant is not None
    again = house.key("ann")  # rotated
    assert "does not know" in fault(house.enter(bearer(key)))
    assert house.enter(bearer(again)).grant is not None
    house.known = [Known(Grant(id="ann", name="ann", revoked=999.0), digest(again))]
    house.book._take(house.known)
    assert "was revoked" in fault(house.enter(bearer(again)))


def test_a_key_that_ended_is_refused_also_where_it_is_remembered_and_the_clock_is_set_back() -> None:
    house = House()
    key = house.key("ann", expires=1500.0)
    wall = [1000.0]
    house.book.clock = Clock(lambda: wall[0], lambda: house.now)
    assert house.enter(bearer(key)).grant is not None
    wall[0] = house.now = 1500.0
    assert "has expired" in fault(house.enter(bearer(key)))
    wall[0] = 1200.0
    assert "has expired" in fault(house.enter(bearer(key)))
    wall[0] = 9e9
    assert "has expired" in fault(house.enter(bearer(key)))


def test_a_clock_that_was_wrong_for_a_while_locks_nobody_out() -> None:
    house = House()
    key = house.key("ann", expires=1500.0)
    house.book.clock = Clock(lambda: house.now, lambda: 0.0)
    house.now = 9e9
    assert "has expired" in fault(house.enter(bearer(key)))
    house.now = 1001.0
    assert house.enter(bearer(key)).grant is not None


def test_revoking_the_last_key_opens_nothing() -> None:
    house = House()
    house.key("ann", revoked=5.0)
    assert "needs a key" in fault(house.enter())
    house.book._take([])
    assert house.enter() == Passed()


def test_the_settings_have_the_last_word_and_count_at_once() -> None:
    house = House("0.0.0.0", required="never")
    assert house.enter() == Passed()
    key = house.key("ann", expires=900.0)
    assert house.enter(bearer(key)) == Passed()
    live = house.key("bob")
    assert house.enter(bearer(live)).grant is not None  # its limits hold, where it shows itself
    house.settings = AccessSettings(required="always")
    house.host = "127.0.0.1"
    assert "needs a key" in fault(house.enter())
    house.settings = AccessSettings()
    house.book._take([])
    assert house.enter() == Passed()
    house.host = "0.0.0.0"
    assert "can be reached by others" in fault(house.enter())


def test_names_that_a_page_made_up() -> None:
    house = House()
    for host in (b"evil.example", b"evil.example:38080", b"127.0.0.1.evil.example"):
        with pytest.raises(Forbidden, match=r"not asked by the name '[0-9a-z.]*evil\.example'") as caught:
            house.door.enter([(b"host", host)], b"")
        assert "access.hosts" in caught.value.remedy
    house.settings = AccessSettings(hosts=["evil.example"])
    assert house.door.enter([(b"host", b"evil.example")], b"") == Passed()
    with pytest.raises(Forbidden) as long:
        house.door.enter([(b"host", b"x" * 5000)], b"")
    assert len(long.value.text) < 300


def test_pages_of_others_may_not_ask() -> None:
    house = House()
    key = house.key("ann")
    with pytest.raises(Forbidden, match="may not ask here") as caught:
        house.enter(bearer(key), (b"origin", b"https://evil.example"))
    assert "access.origins" in caught.value.remedy
    assert house.enter(bearer(key), (b"origin", b"http://localhost:3000")).origin == b""
    assert house.enter(bearer(key), (b"origin", b"http://127.0.0.1:38080")).origin == b""
    house.settings = AccessSettings(origins=["https://evil.example"])
    passed = house.enter(bearer(key), (b"origin", b"https://evil.example"))
    assert (passed.origin, passed.grant is not None) == (b"https://evil.example", True)
    assert "needs a key" in fault(house.enter((b"origin", b"https://evil.example")))


def test_a_page_of_the_listener_itself_may_ask() -> None:
    house = House("0.0.0.0", required="never", hosts=["llm.lan"])
    headers = [(b"host", b"llm.lan:38080"), (b"origin", b"http://llm.lan:38080")]
    assert house.door.enter(headers, b"") == Passed()
    with pytest.raises(Forbidden):
        house.door.enter([headers[0], (b"origin", b"http://llm.lan:1")], b"")


def test_browsers_are_told_beforehand() -> None:
    house = House(origins=["https://chat.example"])
    asked = [HERE, (b"origin", b"https://chat.example"), (b"access-control-request-headers", b"x-api-key")]
    told = dict(house.door.preflight([*asked, (b"access-control-request-private-network", b"true")]))
    assert told[b"access-control-allow-origin"] == b"https://chat.example"
    assert told[b"access-control-allow-headers"] == b"x-api-key"
    assert told[b"access-control-allow-private-network"] == b"true"
    assert set(dict(cors(b"https://chat.example"))) <= set(told)
    for origin in (b"https://evil.example", b"http://localhost:3000"):
        with pytest.raises(Forbidden):
            house.door.preflight([HERE, (b"origin", origin)])
    with pytest.raises(Forbidden):
        house.door.preflight([HERE])


def test_what_is_remembered_is_bounded_and_no_fault_is() -> None:
    house = House()
    for number in range(REMEMBERED + 5):
        house.enter((b"x-api-key", b"%d" % number))
    assert len(house.door._passed) <= REMEMBERED
    house.key("ann")
    for number in range(5):
        house.enter((b"x-api-key", b"%d" % number))
    assert house.door._passed == {}


def test_it_costs_little() -> None:
    house = House()
    key = house.key("ann")
    headers = [HERE, *((b"x-stainless-%d" % number, b"value") for number in range(16)), bearer(key)]
    house.door.enter(headers, b"beta=true")
    began = time.perf_counter()
    for _ in range(1000):
        house.door.enter(headers, b"beta=true")
    assert time.perf_counter() - began < 0.5  # measured: 3 ms; this is a guard against tens of times more
