"""Endpoints as a table: who may ask, what is read of a request, and what becomes of a fault."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from landbridge.access.book import Book
from landbridge.access.known import OWN_KEY
from landbridge.errors import BadRequest, ConfigFault, Forbidden, Unauthorized
from landbridge.gateway.call import Call
from landbridge.server.admin import CONTROL
from landbridge.server.admin_table import Asked, Row, Table, pattern
from landbridge.store.location import locate
from tests.fakes.sink import ListSink

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Wanted(Struct, forbid_unknown_fields=True):
    count: int = 0


class Given(Struct):
    said: str


async def answer(asked: Asked) -> Given | None:
    """Says what it was asked."""
    if asked.path.get("name") == "quiet":
        await asked.sink.whole(204, {}, b"")
        return None
    if asked.path.get("name") == "broken":
        raise ConfigFault("That cannot be.", remedy="Say something else.")
    words = " ".join(f"{key}={value}" for key, value in asked.query("a", "b").items())
    return Given(f"{asked.path.get('name', '')} {asked.body(Wanted).count} {words}".strip())


ROWS = [
    Row("GET", "/api/v1/things", answer),
    Row("GET", "/api/v1/things/{name}", answer),
    Row("POST", "/api/v1/things/{name}/do", answer),
    Row("POST", "/api/v1/open", answer, guarded=False),
    Row("GET", "/api/v1/secret", answer, guarded=True),
]


@pytest.fixture
async def book(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Book]:
    """Keys of a router, which are its own alone."""
    book = Book(tmp_path)
    await book.start(locate("", tmp_path, {}))
    yield book
    await book.close()


def scope(method: str, path: str, *, control: bool = False, **headers: str) -> dict[str, Any]:
    found = {"host": "127.0.0.1", "content-type": "application/json", **headers}
    pairs = [(name.encode(), value.encode()) for name, value in found.items()]
    return {"method": method, "path": path, "headers": pairs, "client": ("127.0.0.1", 5), CONTROL: control}


def said(sink: ListSink) -> Any:
    return json.loads(sink.body)


async def ask(
    book: Book, method: str, path: str, body: bytes = b"", *, control: bool = False, key: str = "", query: str = ""
) -> ListSink:
    asked = scope(method, path, control=control, **({"authorization": f"Bearer {key}"} if key else {}))
    handler = Table(book, ROWS).find(asked)
    assert handler is not None
    sink = ListSink()
    await handler(Call("", body, asked["headers"], query), sink)
    return sink


async def test_a_path_and_its_parts(book: Book) -> None:
    assert said(await ask(book, "GET", "/api/v1/things")) == {"said": "0"}
    assert said(await ask(book, "GET", "/api/v1/things/lab/m")) == {"said": "lab/m 0"}
    assert said(await ask(book, "HEAD", "/api/v1/things/x")) == {"said": "x 0"}
    assert (await ask(book, "GET", "/api/v1/things/quiet")).status == 204
    table = Table(book, ROWS)
    assert table.find(scope("GET", "/api/v1/others")) is None
    assert table.find(scope("DELETE", "/api/v1/things")) is None
    assert ("POST", "/api/v1/things/{name}/do", "") in table.routes


def test_what_fits_a_path() -> None:
    assert pattern("/a/{x}/b.c").fullmatch("/a/1/2/b.c") is not None
    assert pattern("/a/{x}/b.c").fullmatch("/a/1/bxc") is None
    assert pattern("/a/{x}").fullmatch("/a/") is None


async def test_what_changes_something_wants_the_own_key_over_tcp(book: Book, tmp_path: Path) -> None:
    own = (tmp_path / OWN_KEY).read_text()
    for key in ("", "lb-abcd2345-" + "x" * 40, "nonsense"):
        with pytest.raises(Unauthorized, match="needs its own key"):
            await ask(book, "POST", "/api/v1/things/x/do", key=key)
    assert said(await ask(book, "POST", "/api/v1/things/x/do", key=own)) == {"said": "x 0"}
    assert said(await ask(book, "POST", "/api/v1/things/x/do", control=True)) == {"said": "x 0"}


async def test_a_row_may_say_otherwise(book: Book) -> None:
    assert (await ask(book, "POST", "/api/v1/open")).status == 200
    with pytest.raises(Unauthorized):
        await ask(book, "GET", "/api/v1/secret")
    assert (await ask(book, "GET", "/api/v1/secret", control=True)).status == 200


async def test_pages_and_other_machines_may_not_ask(book: Book) -> None:
    table = Table(book, ROWS)
    stranger = [(b"host", b"127.0.0.1"), (b"origin", b"http://evil.example")]
    for change in ({"client": ("192.0.2.7", 5)}, {"headers": stranger}):
        with pytest.raises(Forbidden):
            table.find({**scope("GET", "/api/v1/things"), **change})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"count": "three"}', r"The body cannot be meant: .*count"),
        (b'{"many": 3}', "The body cannot be meant: .*many"),
        (b'{"count": 3', "The body is not JSON"),
        (b"\xff", "The body is not JSON"),
        (b"[]", "The body cannot be meant"),
    ],
)
async def test_bodies_that_are_wrong(book: Book, body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        await ask(book, "POST", "/api/v1/open", body)


async def test_the_query(book: Book) -> None:
    assert said(await ask(book, "GET", "/api/v1/things", query="a=1&b=")) == {"said": "0 a=1 b="}
    with pytest.raises(BadRequest, match="no parameter 'c'") as raised:
        await ask(book, "GET", "/api/v1/things", query="c=1")
    assert raised.value.remedy == "Known: a, b."


async def test_settings_that_cannot_be_are_the_askers_fault(book: Book) -> None:
    with pytest.raises(BadRequest) as raised:
        await ask(book, "GET", "/api/v1/things/broken")
    assert (raised.value.status, raised.value.text) == (400, "That cannot be. Say something else.")
