"""`/v1/responses/{id}`: looked up, listed, deleted, cancelled; here, or where a provider keeps it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import HTML_ERROR, JSON, SSE, Answer, Provider, Received, Reply, error
from tests.fakes.running import Reply as Heard
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATH = "/v1/responses"
HELLO = Reply(text="Hello.")


@asynccontextmanager
async def running(tmp_path: Path, script: Any = HELLO, *dialects: str) -> AsyncIterator[tuple[Running, Provider]]:
    async with Lookup(script) as provider:
        text = "".join(
            f"""
            [providers.{name}]
            dialect = "{name}"
            base_url = "{provider.base_url(name)}"
            api_key = "secret-key"
            models = ["m"]
            """
            for name in dialects or ("openai_chat",)
        )
        async with Running(tmp_path, text) as gateway:
            yield gateway, provider


class Lookup(Provider):
    """A provider that answers whatever is asked of a response in the words of `said`."""

    said = Answer(headers=JSON, body=b'{"id": "resp_theirs", "object": "response", "theirs": 1}')

    def answer(self, request: Received) -> Answer:
        if "/responses/" in request.path:
            self.others.append(request)
            return self.said
        return super().answer(request)


async def delete(gateway: Running, path: str) -> Heard:
    async with gateway.session.delete(gateway.url + path) as answer:
        return Heard(answer.status, dict(answer.headers), await answer.read())


async def asked(gateway: Running, text: str, previous: str | None = None, **more: object) -> dict[str, Any]:
    body = {"model": "openai_chat/m", "input": text, "previous_response_id": previous, **more}
    heard = await gateway.post(PATH, body)
    assert heard.status == 200, heard.body
    found: dict[str, Any] = heard.json
    return found


@pytest.mark.parametrize("stream", [False, True])
async def test_a_response_is_looked_up_as_the_client_got_it(tmp_path: Path, stream: bool) -> None:
    async with running(tmp_path) as (gateway, _):
        heard = await gateway.post(PATH, {"model": "openai_chat/m", "input": "Hi", "stream": stream})
        body = heard.body.partition(b"event: response.completed\ndata: ")[2] if stream else heard.body
        said = json.loads(body)["response"] if stream else json.loads(body)
        for base in (gateway.url, gateway.openai):
            found = await gateway.get(f"{PATH}/{said['id']}", base=base)
            assert (found.status, found.json) == (200, said)
        assert said["store"] is True
        head = gateway.session.head(f"{gateway.url}{PATH}/{said['id']}")
        async with head as answer:
            assert (answer.status, answer.headers["content-length"]) == (200, str(len(found.body)))


async def test_a_response_cannot_be_streamed_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (gateway, _):
        said = await asked(gateway, "Hi")
        heard = await gateway.get(f"{PATH}/{said['id']}?stream=true")
        assert heard.status == 400
        assert "stream: only a response made in the background" in heard.json["error"]["message"]
        assert (await gateway.get(f"{PATH}/{said['id']}?stream=false&include=x")).status == 200


async def test_its_input_is_listed_in_pages_with_earlier_turns(tmp_path: Path) -> None:
    async with running(tmp_path) as (gateway, _):
        first = await asked(gateway, "one")
        second = await asked(gateway, "two", first["id"])
        path = f"{PATH}/{second['id']}/input_items"
        whole = (await gateway.get(f"{path}?order=asc")).json
        assert [item["role"] for item in whole["data"]] == ["user", "assistant", "user"]
        assert whole["data"][1] == first["output"][0]
        assert whole["data"][2]["content"] == [{"type": "input_text", "text": "two"}]
        ids = [item["id"] for item in whole["data"]]
        assert (whole["object"], whole["first_id"], whole["last_id"], whole["has_more"]) == (
            "list",
            ids[0],
            ids[2],
            False,
        )
        newest = (await gateway.get(f"{path}?limit=2")).json
        assert [item["id"] for item in newest["data"]] == ids[:0:-1]
        assert newest["has_more"]
        rest = (await gateway.get(f"{path}?limit=2&after={newest['last_id']}")).json
        assert ([item["id"] for item in rest["data"]], rest["has_more"]) == ([ids[0]], False)
        end = (await gateway.get(f"{path}?after={ids[0]}")).json
        assert (end["data"], end["first_id"], end["last_id"]) == ([], None, None)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("order=sideways", "order: 'sideways' is none"),
        ("limit=0", "limit: '0' is no number from 1 to 100"),
        ("limit=101", "limit"),
        ("limit=many", "limit: 'many'"),
        ("limit=-1", "limit"),
        ("after=msg_nobody", "after: there is no item 'msg_nobody'"),
    ],
)
async def test_pages_that_are_none(tmp_path: Path, query: str, words: str) -> None:
    async with running(tmp_path) as (gateway, _):
        said = await asked(gateway, "Hi")
        heard = await gateway.get(f"{PATH}/{said['id']}/input_items?{query}")
    assert heard.status == 400
    assert words in heard.json["error"]["message"]


async def test_what_is_deleted_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path) as (gateway, _):
        said = await asked(gateway, "Hi")
        heard = await delete(gateway, f"{PATH}/{said['id']}")
        assert (heard.status, heard.json) == (200, {"id": said["id"], "object": "response", "deleted": True})
        for path in (f"{PATH}/{said['id']}", f"{PATH}/{said['id']}/input_items"):
            assert (await gateway.get(path)).status == 404
        assert (await delete(gateway, f"{PATH}/{said['id']}")).status == 404
        refused = await gateway.post(PATH, {"model": "openai_chat/m", "input": "a", "previous_response_id": said["id"]})
        assert (refused.status, refused.json["error"]["code"]) == (400, "previous_response_not_found")


async def test_what_was_not_made_in_the_background_cannot_be_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path) as (gateway, _):
        said = await asked(gateway, "Hi")
        heard = await gateway.post(f"{PATH}/{said['id']}/cancel", b"")
        assert heard.status == 400
        assert heard.json["error"]["message"].startswith("Cannot cancel a synchronous response.")
        assert heard.json["error"]["type"] == "invalid_request_error"
        assert (await gateway.get(f"{PATH}/{said['id']}")).status == 200


@pytest.mark.parametrize("store", [False, None, True])
async def test_a_client_may_say_that_nothing_is_to_be_kept(tmp_path: Path, store: bool | None) -> None:
    async with running(tmp_path) as (gateway, _):
        said = await asked(gateway, "Hi", store=store)
        assert said["store"] is (store is not False)
        assert (await gateway.get(f"{PATH}/{said['id']}")).status == (404 if store is False else 200)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("id", ["resp_nobody", "x" * 5000, "%E2%80%A6", "a%20b"])
async def test_an_id_nobody_knows(tmp_path: Path, method: str, id: str) -> None:
    path = f"{PATH}/{id}" + ("/cancel" if method == "POST" else "")
    async with running(tmp_path) as (gateway, _), gateway.session.request(method, gateway.url + path) as answer:
        assert answer.status == 404
        said = (await answer.json())["error"]
    assert said["message"].startswith("Response with id '") and said["message"].endswith("' not found.")
    assert (said["type"], len(said["message"]) < 400) == ("invalid_request_error", True)


@pytest.mark.parametrize("path", ["resp_1/unknown", "resp_1/cancel/more", "", "/cancel"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_paths_that_are_none(tmp_path: Path, path: str, method: str) -> None:
    async with (
        running(tmp_path) as (gateway, _),
        gateway.session.request(method, f"{gateway.url}{PATH}/{path}") as answer,
    ):
        assert answer.status == 404
        assert "There is no" in (await answer.json())["error"]["message"]


# -- kept by a provider ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
async def test_what_a_provider_keeps_is_asked_of_it(tmp_path: Path, stream: bool) -> None:
    async with running(tmp_path, Reply(text="Hi"), "openai_responses", "openai_chat") as (gateway, provider):
        await gateway.post(PATH, {"model": "openai_responses/m", "input": "Hi", "stream": stream})
        id = "resp_1"
        assert gateway.gateway.parts.stored.provider_of(id) == "openai_responses"
        found = await gateway.get(f"{PATH}/{id}?include=x")
        listed = await gateway.get(f"{PATH}/{id}/input_items?limit=2")
        gone = await delete(gateway, f"{PATH}/{id}")
        cancelled = await gateway.post(f"{PATH}/{id}/cancel", b"")
        asked = [(each.method, each.path, each.headers["authorization"]) for each in provider.others]
    assert [each.status for each in (found, listed, gone, cancelled)] == [200] * 4
    assert found.json["theirs"] == 1
    key = "Bearer secret-key"
    assert asked == [
        ("GET", "/v1/responses/resp_1?include=x", key),
        ("GET", "/v1/responses/resp_1/input_items?limit=2", key),
        ("DELETE", "/v1/responses/resp_1", key),
        ("POST", "/v1/responses/resp_1/cancel", key),
    ]


async def test_what_nobody_remembers_is_asked_of_the_only_one_that_could_have_it(tmp_path: Path) -> None:
    async with running(tmp_path, Reply(), "openai_responses") as (gateway, provider):
        assert (await gateway.get(f"{PATH}/resp_old")).json["theirs"] == 1
        assert provider.others[0].path == "/v1/responses/resp_old"


async def test_an_id_of_ours_is_nobody_else_s(tmp_path: Path) -> None:
    async with running(tmp_path, Reply(text="Hi"), "openai_responses", "openai_chat") as (gateway, provider):
        said = await asked(gateway, "Hi")
        assert (await delete(gateway, f"{PATH}/{said['id']}")).status == 200
        assert (await gateway.get(f"{PATH}/{said['id']}")).status == 404
        assert provider.others == []


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (error(404, b'{"error": {"message": "Response with id \'resp_x\' not found."}}'), 404, "resp_x"),
        (error(401, b'{"error": {"message": "bad key"}}'), 403, "bad key"),
        (HTML_ERROR, 403, "Attention Required!"),
        (Answer(headers=JSON, body=b"{"), 502, "provider:openai_responses"),
        (Answer(body=b"{}", until=1, ending="reset"), 502, ""),
    ],
)
async def test_what_the_provider_says_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Answer, status: int, words: str
) -> None:
    monkeypatch.setattr(Lookup, "said", said)
    async with running(tmp_path, Reply(), "openai_responses") as (gateway, _):
        heard = await gateway.get(f"{PATH}/resp_x")
    assert heard.status == status
    assert words in heard.json["error"]["message"]


async def test_a_provider_may_stream_what_it_made_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"event: response.created\ndata: {}\n\nevent: response.completed\ndata: {}\n\n"
    monkeypatch.setattr(Lookup, "said", Answer(headers=SSE, body=body, stream=True))
    async with running(tmp_path, Reply(), "openai_responses") as (gateway, _):
        heard = await gateway.get(f"{PATH}/resp_x?stream=true")
    assert heard.headers["content-type"].startswith("text/event-stream")
    assert heard.body == body
