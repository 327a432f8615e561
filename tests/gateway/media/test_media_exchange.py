"""PDFs and pictures through the whole gateway: what the upstream got, what the client was told, what was counted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import papers
from tests.fakes.local import local
from tests.fakes.provider import Answer, Provider, Received, Reply, anthropic_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
clients = pytest.mark.parametrize("client", list(PATHS))
streams = pytest.mark.parametrize("stream", [True, False])
COUNT = "/anthropic/v1/messages/count_tokens"
PDF = papers.b64(papers.paper(["Alpha words of the first page", "Omega words of the last page"]))
PNG = papers.b64(papers.png())
IMAGE_BLOCK: dict[str, Any] = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": PNG},
}


def pdf_block(data: str = PDF, **more: object) -> dict[str, Any]:
    return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}, **more}


def settings(provider: Provider, dialect: str = "openai_chat", quirks: str = "", more: str = "") -> str:
    """A blind model, and one that sees."""
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret"
        models = ["m", "vision"]
        quirks = ["no_images", "no_documents"{quirks}]
        model_quirks = {{ "vision" = ["images"] }}
        {more}
    """


def ask(client: str, file: str = PDF, **more: Any) -> dict[str, Any]:
    """A request with a PDF, in the client's dialect."""
    content: list[dict[str, Any]] = [{"type": "text", "text": "Summarize."}]
    if client == "anthropic":
        content.append(pdf_block(file, title="report.pdf"))
    else:
        named = {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{file}"}
        content.append({"type": "file", "file": named})
    return {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": content}], **more}


@clients
@streams
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_p58_the_words_of_a_pdf_reach_a_model_that_reads_none(
    tmp_path: Path, client: str, stream: bool, dialect: str
) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(PATHS[client], ask(client, stream=stream))
        sent = provider.requests[0].body.decode()
        record = gateway.journal.latest[-1]
    assert reply.status == 200
    assert "Alpha words of the first page" in sent and "Omega words of the last page" in sent
    assert "report.pdf" in sent and "[Page 2 of 2]" in sent
    assert PDF not in sent and '"document"' not in sent
    assert reply.headers["x-landbridge-losses"] == "1"
    assert reply.headers["x-landbridge-path"] == "converted", "also where both sides speak the same dialect"
    assert "it got the text of 2 pages" in record.losses[0]


OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "openai_responses": (
        "/v1/responses",
        {
            "model": "lab/m",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "Summarize."},
                        {
                            "type": "input_file",
                            "filename": "report.pdf",
                            "file_data": f"data:application/pdf;base64,{PDF}",
                        },
                    ],
                }
            ],
        },
    ),
    "gemini": (
        "/v1beta/models/lab/m:generateContent",
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "Summarize."},
                        {"inlineData": {"mimeType": "application/pdf", "data": PDF}},
                    ],
                }
            ]
        },
    ),
}


@pytest.mark.parametrize("client", OTHERS)
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_p58_whatever_the_client_speaks(tmp_path: Path, client: str, dialect: str) -> None:
    path, body = OTHERS[client]
    async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
        reply = await gateway.post(path, body)
        assert reply.status == 200, reply.body
        sent = provider.requests[0].body.decode()
    assert "Alpha words of the first page" in sent and "Omega words of the last page" in sent and PDF not in sent
    assert reply.headers["x-landbridge-losses"] == "1"


async def test_p58_who_reads_pdfs_gets_them_as_they_are(tmp_path: Path) -> None:
    async with Provider() as provider:
        async with Running(tmp_path, settings(provider, quirks=', "documents"')) as gateway:
            reply = await gateway.post("/v1/messages", ask("anthropic"))
        assert reply.headers["x-landbridge-losses"] == "0"
        part = provider.requests[0].json["messages"][0]["content"][1]
        assert part["file"]["file_data"] == f"data:application/pdf;base64,{PDF}"


async def test_p58_nobody_knows_what_a_server_reads_but_its_own_client(tmp_path: Path) -> None:
    """A server without quirks: a client of its dialect passes through, others' PDFs become text."""
    async with Provider() as provider:
        plain = settings(provider).replace('quirks = ["no_images", "no_documents"]', "")
        async with Running(tmp_path, plain) as gateway:
            for client in PATHS:
                await gateway.post(PATHS[client], ask(client))
        anthropic, chat = (request.body.decode() for request in provider.requests)
        assert "Alpha words" in anthropic and PDF not in anthropic
        assert PDF in chat


async def test_p58_a_pdf_in_a_tool_result(tmp_path: Path) -> None:
    """Inside the result and beside it, as two versions of Claude Code send it (CLIENTS.md 7)."""
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "PDF read"}]}
    inside = {**result, "content": [*result["content"], pdf_block()]}
    call = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "/a.pdf"}}
    tool = {"name": "Read", "input_schema": {"type": "object"}}
    for content in ([inside], [result, pdf_block()]):
        messages = [
            {"role": "user", "content": "Read a.pdf"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": content},
        ]
        async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
            reply = await gateway.post("/v1/messages", ask("anthropic", messages=messages, tools=[tool]))
            sent = provider.requests[0].json["messages"]
        assert reply.status == 200
        assert [message["role"] for message in sent[:3]] == ["user", "assistant", "tool"]
        where = sent[2]["content"] if content == [inside] else sent[3]["content"]
        assert "Alpha words" in where and "Omega words" in where


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (papers.locked("x"), "it is encrypted"),
        (b"%PDF-1.4 garbage", "it is damaged"),
        (papers.scan(1), "Page 1 of 1 has no text: it is a picture, probably a scan"),
        (papers.bomb(), "its reader ended for lack of memory"),
    ],
    ids=["locked", "garbage", "scan", "bomb"],
)
async def test_p58_a_pdf_without_words_is_said_to_be_one(tmp_path: Path, data: bytes, said: str) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.post("/v1/messages", ask("anthropic", papers.b64(data)))
        assert reply.status == 200 and reply.headers["x-landbridge-losses"] == "1"
        assert said in provider.requests[0].body.decode()
        assert (await gateway.post("/v1/messages", {**ask("anthropic"), "stream": False})).status == 200


async def test_p67_a_pdf_of_five_hundred_pages_is_all_there_or_says_what_is_missing(tmp_path: Path) -> None:
    data = papers.b64(papers.paper([f"words of page number {number}" for number in range(1, 501)]))
    async with Provider() as provider:
        async with Running(tmp_path, settings(provider)) as gateway:
            assert (await gateway.post("/v1/messages", ask("anthropic", data))).status == 200
        async with Running(tmp_path, settings(provider, more="[media]\npdf_pages = 20")) as gateway:
            assert (await gateway.post("/v1/messages", ask("anthropic", data))).status == 200
        whole, cut = (request.body.decode() for request in provider.requests)
    assert all(f"words of page number {number}\\n" in whole for number in range(1, 500))
    assert "words of page number 20\\n" in cut and "words of page number 21" not in cut
    assert "[The PDF is cut here: 20 of its 500 pages are above; the limit is media.pdf_pages = 20.]" in cut


async def test_p57_a_picture_a_blind_model_gets_is_said_to_be_one(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "Look"}, IMAGE_BLOCK]}]
    for dialect in PATHS:
        async with Provider() as provider, Running(tmp_path, settings(provider, dialect)) as gateway:
            reply = await gateway.post("/v1/messages", ask("anthropic", messages=messages))
            sent = provider.requests[0].body.decode()
        assert reply.headers["x-landbridge-losses"] == "1"
        assert "see" in sent and "image" in sent and PNG not in sent


def eye(request: Received) -> Reply | Answer:
    """Two models at one provider: one sees."""
    if request.json["model"] == "vision":
        assert PNG in request.body.decode()
        return Reply(text="A red square with the word STOP.")
    return Reply(text="done")


@clients
@streams
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_p57_a_picture_is_described_by_the_model_that_sees(
    tmp_path: Path, client: str, stream: bool, dialect: str
) -> None:
    shown = (
        IMAGE_BLOCK
        if client == "anthropic"
        else {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    )
    messages = [{"role": "user", "content": [{"type": "text", "text": "Look"}, shown, shown]}]
    more = '[media]\ncaptions = "lab/vision"'
    async with Provider(eye) as provider, Running(tmp_path, settings(provider, dialect, more=more)) as gateway:
        for _ in range(2):
            reply = await gateway.post(PATHS[client], ask(client, messages=messages, stream=stream))
            assert reply.status == 200 and reply.headers["x-landbridge-losses"] == "2"
        models = [request.json["model"] for request in provider.requests]
        sent = provider.requests[1].body
        assert provider.requests[2].body == sent, "the same words in every turn"
        records = [(record.model, record.outcome) for record in gateway.journal.latest]
    assert models == ["vision", "m", "m"], "described once"
    assert sent.decode().count("lab/vision describes it so:]\\nA red square with the word STOP.") == 2
    assert records == [("lab/vision", "ok"), ("lab/m", "ok"), ("lab/m", "ok")], "and that is in the log"


@pytest.mark.parametrize(
    ("captions", "script", "why"),
    [
        ("lab/vision", error(*anthropic_error(529, "overloaded_error", "busy now")), "busy now"),
        ("nobody/x", Reply(), "nobody/x"),
        ("lab/m", Reply(), "It cannot see images itself"),
    ],
    ids=["failing", "unknown", "blind"],
)
async def test_p57_when_nobody_can_describe_it_the_reason_is_said(
    tmp_path: Path, captions: str, script: Any, why: str
) -> None:
    def answer(request: Received) -> Any:
        return script if request.json["model"] == "vision" else Reply(text="done")

    messages = [{"role": "user", "content": [IMAGE_BLOCK]}]
    more = f'[media]\ncaptions = "{captions}"'
    async with Provider(answer) as provider, Running(tmp_path, settings(provider, "anthropic", more=more)) as gateway:
        reply = await gateway.post("/v1/messages", ask("anthropic", messages=messages))
        assert reply.status == 200 and reply.headers["x-landbridge-losses"] == "1"
        (sent,) = [request for request in provider.requests if request.json["model"] == "m"]
    words = sent.json["messages"][0]["content"][0]["text"]
    assert words.startswith("[An image stood here. This model cannot see images, and") and why in words


async def test_leaving_ends_the_describing_too(tmp_path: Path) -> None:
    more = '[media]\ncaptions = "lab/vision"'
    messages = [{"role": "user", "content": [IMAGE_BLOCK]}]
    async with (
        Provider(Answer(wait=3600)) as provider,
        Running(tmp_path, settings(provider, more=more)) as gateway,
    ):
        body = json.dumps(ask("anthropic", messages=messages, stream=True))
        asking = asyncio.ensure_future(gateway.post("/v1/messages", body.encode()))
        describing = await provider.received()
        assert describing.json["model"] == "vision"
        asking.cancel()
        await describing.left()
        async with asyncio.timeout(5):
            while len(gateway.journal.latest) < 2:
                await asyncio.sleep(0.01)
        assert [record.outcome for record in gateway.journal.latest] == ["cancelled", "cancelled"]


async def test_p80_the_prompt_of_a_turn_is_a_prefix_of_the_next(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": [pdf_block(), {"type": "text", "text": "Summarize."}]},
        {"role": "assistant", "content": "It is about words."},
        {"role": "user", "content": [{"type": "text", "text": "And this?"}, pdf_block(title="again.pdf")]},
    ]
    async with Provider() as provider:
        for count in (1, 3):
            async with Running(tmp_path, settings(provider)) as gateway:  # also after a restart
                await gateway.post("/v1/messages", ask("anthropic", messages=turns[:count]))
        first, later = (request.json["messages"] for request in provider.requests)
    assert later[: len(first)] == first and len(later) == 3


# -- local models ------------------------------------------------------------------------------------------------------


async def heard_by(tmp_path: Path, flags: str, body: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """(the answer, the count, what the engine got)."""
    file = tmp_path / "heard"
    async with local(tmp_path, m=f"--heard {file} {flags}") as gateway:
        counted = await gateway.post(COUNT, {**body, "model": "m"})
        reply = await gateway.post("/v1/messages", {**body, "model": "m", "max_tokens": 2})
        assert (reply.status, counted.status) == (200, 200), (reply.body, counted.body)
        assert counted.headers["x-landbridge-count"] == "exact"
    return reply, counted.json, json.loads(file.read_text().splitlines()[-1])


async def test_p58_p74_a_local_model_gets_the_words_and_counts_them(tmp_path: Path) -> None:
    reply, counted, heard = await heard_by(tmp_path, "", ask("anthropic"))
    assert "Alpha words" in heard["messages"][0]["content"] and "Omega words" in heard["messages"][0]["content"]
    usage = reply.json["usage"]
    assert counted == {"input_tokens": usage["input_tokens"] + (usage["cache_read_input_tokens"] or 0)}
    assert counted["input_tokens"] > 20, "its words were counted"


async def test_p57_a_local_model_with_a_projector_gets_pictures_as_they_are(tmp_path: Path) -> None:
    scan = papers.b64(papers.scan(1))
    content = [IMAGE_BLOCK, pdf_block(scan), {"type": "text", "text": "Look"}]
    messages = [{"role": "user", "content": content}]
    reply, _, heard = await heard_by(tmp_path, "--vision", ask("anthropic", messages=messages))
    picture, mark, page, _ = heard["messages"][0]["content"]
    assert picture["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    assert "[Page 1 of 1, which is a picture:]" in mark["text"]
    assert page["image_url"]["url"].startswith("data:image/png;base64,iVBOR"), "a scan is shown to who sees"
    assert reply.headers["x-landbridge-losses"] == "1"


async def test_p57_one_local_model_describes_for_another(tmp_path: Path) -> None:
    """Both engines are used in turn: none is held while the other may need its memory."""
    file = tmp_path / "heard"
    messages = [{"role": "user", "content": [IMAGE_BLOCK]}]
    flags = {"m": f"--heard {file}", "eye": f"--vision --heard {file} --answer-tokens 3"}
    async with local(tmp_path, '[media]\ncaptions = "eye"\n', **flags) as gateway:
        reply = await gateway.post("/v1/messages", ask("anthropic", messages=messages) | {"model": "m"})
        assert reply.status == 200, reply.body
        itself = await gateway.post("/v1/messages", ask("anthropic", messages=messages) | {"model": "eye"})
        assert itself.headers["x-landbridge-losses"] == "0"
    described, asked, seen = (json.loads(line) for line in file.read_text().splitlines())
    assert described["messages"][0]["content"][0]["type"] == "image_url"
    assert "eye describes it so:]\none two three" in asked["messages"][0]["content"]
    assert seen["messages"][0]["content"][0]["type"] == "image_url"


async def test_p65_a_pdf_that_does_not_fit_the_window_is_refused_and_not_cut(tmp_path: Path) -> None:
    data = papers.b64(papers.paper(["many words on a page " * 40] * 20))
    async with local(tmp_path, m="--window 2000") as gateway:
        reply = await gateway.post("/v1/messages", ask("anthropic", data) | {"model": "m"})
    assert reply.status == 400
    assert "prompt is too long" in reply.json["error"]["message"]


# -- counting ----------------------------------------------------------------------------------------------------------


async def test_p74_what_is_counted_is_what_is_sent(tmp_path: Path) -> None:
    """For a model that reads no PDFs its text is counted, by landbridge: the provider would count the file."""
    long = papers.b64(papers.paper(["many words on a page " * 40] * 20))
    async with Provider() as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        words = await gateway.post(COUNT, ask("anthropic", long))
        none = await gateway.post(COUNT, ask("anthropic", papers.b64(papers.scan(1))))
        text = await gateway.post(COUNT, {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}]})
    assert words.headers["x-landbridge-count"] == none.headers["x-landbridge-count"] == "estimated"
    assert words.json["input_tokens"] > 3000 > 200 > none.json["input_tokens"]
    assert text.headers["x-landbridge-count"] == "provider"


async def test_p75_estimates_learn_from_the_text_that_was_sent(tmp_path: Path) -> None:
    """Else a PDF's size would teach that texts are small."""
    long = papers.b64(papers.paper(["many words on a page " * 40] * 20))
    async with Provider() as provider, Running(tmp_path, settings(provider)) as gateway:
        reply = await gateway.post("/v1/messages", ask("anthropic", long))
        assert reply.status == 200
        guessed = gateway.gateway.parts.calibration.apply("lab/m", 1000)
    assert guessed < 1000, "the upstream said 11 tokens of about five thousand"
