"""What is served to whom: nothing of models without a key, nothing of the machine with somebody's, probes to all."""

from __future__ import annotations

import pytest

from landbridge.access.door import Passed
from landbridge.access.grant import Grant
from landbridge.errors import Forbidden, Unauthorized
from landbridge.server.asgi import Message
from landbridge.server.entrance import OPEN, check, is_preflight, knock, readable

ANN = Passed(Grant(id="a", name="ann"))
OWNER = Passed(Grant(id="local", name="this machine", owner=True))
WRONG = Passed(fault=Unauthorized("No."))
STRANGE = Passed(fault=Forbidden("No."))


@pytest.mark.parametrize(
    ("passed", "path", "open", "refused"),
    [
        (OPEN, "/v1/messages", False, None),
        (OPEN, "/api/v1/engines", False, None),
        (ANN, "/v1/messages", False, None),
        (ANN, "/api/v1/engines", False, Forbidden),
        (OWNER, "/api/v1/engines", False, None),
        (WRONG, "/v1/messages", False, Unauthorized),
        (WRONG, "/", True, None),
        (STRANGE, "/", True, Forbidden),
        (STRANGE, "/v1/messages", False, Forbidden),
    ],
)
def test_who_is_let_in_where(passed: Passed, path: str, open: bool, refused: type[Exception] | None) -> None:
    if refused is None:
        check(passed, path, open=open)
    else:
        with pytest.raises(refused):
            check(passed, path, open=open)


def test_where_there_is_no_door_all_come_in() -> None:
    assert knock(None, {"headers": [], "query_string": b""}) is OPEN


def test_only_what_asks_beforehand_is_a_preflight() -> None:
    asks = (b"access-control-request-method", b"POST")
    assert is_preflight({"method": "OPTIONS", "headers": [asks]})
    assert not is_preflight({"method": "OPTIONS", "headers": []})
    assert not is_preflight({"method": "POST", "headers": [asks]})


@pytest.mark.io
@pytest.mark.anyio
async def test_answers_that_a_page_may_read() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    sending = readable(send, b"https://chat.example")
    start = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
    await sending(start)
    await sending({"type": "http.response.body", "body": b"x"})
    assert sent[0]["headers"][0] == (b"a", b"b")
    assert (b"access-control-allow-origin", b"https://chat.example") in sent[0]["headers"]
    assert start["headers"] == [(b"a", b"b")]
    assert sent[1] == {"type": "http.response.body", "body": b"x"}
