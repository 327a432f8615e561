"""What goes from one try of a request to the next, and how often one target is asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import Unreachable
from landbridge.gateway.again import clear, tell
from landbridge.gateway.journal import Record
from landbridge.neutral.events import Usage
from tests.fakes.provider import Provider, Reply, chat_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
BUSY = error(*chat_error(503, "loading"))


def settings(provider: Provider, most: int, more: str = "") -> str:
    lab = f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{provider.base_url("openai_chat")}"\nauth = "none"'
    return f'{lab}\nmodels = ["m"]\n[retries]\nmax = {most}\nfirst_pause = 0.01\n{more}'


@pytest.mark.parametrize(("most", "asked", "status"), [(0, 1, 529), (1, 2, 529), (2, 3, 529), (3, 4, 200), (9, 4, 200)])
async def test_as_often_as_the_settings_say(tmp_path: Path, most: int, asked: int, status: int) -> None:
    async with (
        Provider([BUSY, BUSY, BUSY, Reply(text="ok")]) as provider,
        Running(tmp_path, settings(provider, most)) as gateway,
    ):
        reply = await gateway.post("/v1/messages", ASK)
        assert (reply.status, len(provider.requests)) == (status, asked)
        record = gateway.journal.latest[-1]
        assert (record.attempts, record.status) == (asked, status)


async def test_it_ends_at_an_error_that_does_not_pass(tmp_path: Path) -> None:
    async with (
        Provider([BUSY, error(*chat_error(400, "no")), Reply(text="ok")]) as provider,
        Running(tmp_path, settings(provider, 5)) as gateway,
    ):
        assert (await gateway.post("/v1/messages", ASK)).status == 400
        assert len(provider.requests) == 2


async def test_a_stream_that_has_begun_goes_on_with_the_next_answer(tmp_path: Path) -> None:
    late = error(*chat_error(503, "loading"))
    slow = type(late)(status=503, headers=late.headers, body=late.body, wait=0.15)
    early = "[server]\nearly_after = 0.02\n"
    async with (
        Provider([slow, Reply(text="ok")]) as provider,
        Running(tmp_path, settings(provider, 1, early)) as gateway,
    ):
        reply = await gateway.post("/v1/messages", {**ASK, "stream": True})
        assert reply.body.count(b"message_start") == 2, "its name stands twice in one event"
        assert b'"ok"' in reply.body and b"event: error" not in reply.body
        assert (gateway.journal.latest[-1].status, gateway.journal.latest[-1].outcome) == (200, "ok")


def test_nothing_of_an_earlier_try_stays() -> None:
    record = Record(id="r", dialect="x", model="m", target="t", route="why", attempts=2)
    fresh = Record(id="r", dialect="x", model="m", target="t", route="why", attempts=2)
    record.first, record.losses, record.usage, record.repairs = 1.0, ("a",), Usage(1, 2), {"b": 1}
    record.outcome, record.message = "cut", "x"
    clear(record)
    assert record == fresh


async def test_where_no_stream_has_begun_the_error_is_raised() -> None:
    with pytest.raises(Unreachable):
        await tell(Unreachable("x"), None)
