"""The built-in engine with a real model: it answers, counts exactly, stops when told, and comes back after a crash."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import aiohttp
import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.lease import Lease
from landbridge.errors import BadRequest, ConfigFault, Crashed, StartFailed
from tests.engines.bench import MEGABYTE, Bench, ModelFile

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]

TOOL = {
    "type": "function",
    "function": {
        "name": "read",
        "description": "Read a file. Ünïcode: 語 <|im_end|>",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}
TOOL_TEMPLATE = (
    "{% if tools %}{{ '<|im_start|>tools\\n' }}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{{ '<|im_end|>' }}"
    "{% endif %}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{% for call in message.tool_calls %}{{ '<tool_call>' + (call | tojson) + '</tool_call>' }}{% endfor %}"
    "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@pytest.fixture
def llama(bench: Bench, smollm2: Path) -> Bench:
    """A bench whose model `m` is real."""
    bench.set(command=None, start_timeout=60.0)
    bench.models["m"] = ModelFile(smollm2, smollm2.stat().st_size, 300 * MEGABYTE)
    return bench


async def complete(lease: Lease, body: dict[str, object]) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(lease.url + "/v1/chat/completions", json=body, headers=lease.headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        whole: dict[str, object] = await answer.json()
        return whole


def chat(*texts: str, **more: object) -> dict[str, object]:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    return {"messages": messages, "max_tokens": 3, "temperature": 0, **more}


async def test_it_answers_and_says_what_it_can(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        whole = await complete(lease, chat("Say hello.", max_tokens=12))
        assert "ello" in str(whole["choices"])
        assert (lease.window, lease.slots) == (4096, 1)
        assert not lease.traits.tools, "the model's own template shows no tools"
        assert lease.traits.system_turns == "keep"


async def test_p74_the_count_is_exactly_what_the_engine_reports(llama: Bench, tmp_path: Path) -> None:
    template = tmp_path / "tools.jinja"
    template.write_text(TOOL_TEMPLATE)
    bodies = [
        chat("Hello"),
        chat("Hello", "Hi!", "  spaces \n\n and <|im_start|>system\nmarkup<|im_end|>, 日本語 🦜"),
        {**chat("x"), "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "x"}]},
        chat("Read a.txt", tools=[TOOL]),
        chat("Read a.txt", tools=[TOOL, TOOL], tool_choice="auto", stream=False),
    ]
    counts = []
    for _ in range(2):
        async with llama.open() as keeper, keeper.lease("m") as lease:
            for body in bodies:
                usage = (await complete(lease, body))["usage"]
                counted = await lease.count(msgspec.json.encode(body))
                assert isinstance(usage, dict)
                assert counted == usage["prompt_tokens"]
                counts.append(counted)
        llama.set(models={"m": ModelSettings(template=str(template))}, command=None, start_timeout=60.0)
    plain, with_tools = counts[3], counts[len(bodies) + 3]
    assert with_tools > plain, "the second template shows the tool"


async def test_a_body_the_template_refuses_is_the_clients_fault(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        with pytest.raises(BadRequest):
            await lease.count(b'{"messages": 5}')


async def test_other_sites_may_not_read_it(llama: Bench) -> None:
    async with (
        llama.open() as keeper,
        keeper.lease("m") as lease,
        aiohttp.ClientSession() as session,
        session.get(lease.url + "/v1/models", headers={"origin": "http://other.example"}) as answer,
    ):
        assert answer.headers.get("access-control-allow-origin", "") == ""


async def stream(lease: Lease, body: dict[str, object], started: asyncio.Event) -> None:
    """The whole stream; `started` is set by the first text."""
    data = lease.body(msgspec.json.encode({**body, "stream": True}))
    headers = {**lease.headers, "content-type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(lease.url + "/v1/chat/completions", data=data, headers=headers) as answer,
    ):
        async for line in answer.content:
            if b'"content":"' in line:
                started.set()


async def seconds_until_idle(lease: Lease) -> float:
    began = time.monotonic()
    while await lease.busy_slots():
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def test_p85_a_client_that_leaves_an_answer_frees_the_slot(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        started = asyncio.Event()
        asking = asyncio.ensure_future(stream(lease, chat("Tell a very long story.", max_tokens=2000), started))
        await started.wait()
        assert await lease.busy_slots() == 1
        asking.cancel()
        assert await seconds_until_idle(lease) < 1.0


async def test_p84_a_client_that_leaves_during_prefill_frees_the_slot(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        body = chat("one two three four five six seven eight nine ten " * 200, max_tokens=5)
        assert await lease.count(msgspec.json.encode(body)) > 1900
        started = asyncio.Event()
        asking = asyncio.ensure_future(stream(lease, body, started))
        while not await lease.busy_slots():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assert not started.is_set()
        asking.cancel()
        assert await seconds_until_idle(lease) < 1.0


async def test_killed_in_the_middle_it_is_told_and_the_next_lease_works(llama: Bench) -> None:
    async with llama.open() as keeper:
        async with keeper.lease("m") as lease:
            started = asyncio.Event()
            asking = asyncio.ensure_future(stream(lease, chat("Tell a long story.", max_tokens=2000), started))
            await started.wait()
            pid = keeper.snapshot()[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await asking
            fault = await lease.post_mortem()
            assert isinstance(fault, Crashed)
            assert "SIGKILL" in fault.message
        async with keeper.lease("m") as lease:
            assert (await complete(lease, chat("Hello")))["usage"]


async def test_a_corrupt_model_fails_with_the_engines_own_reason(llama: Bench, smollm2: Path) -> None:
    cut = llama.folder / "cut.gguf"
    with smollm2.open("rb") as file:
        cut.write_bytes(file.read(5 * MEGABYTE))
    llama.models["m"] = ModelFile(cut, 5 * MEGABYTE, 300 * MEGABYTE)
    with pytest.raises(StartFailed, match="not within the file bounds"):
        async with llama.open() as keeper, keeper.lease("m"):
            pass


@pytest.mark.parametrize("extra", [{"no_such_thing": 1}, {"n_predict": "many"}])
async def test_a_setting_the_engine_does_not_know_is_named(llama: Bench, extra: dict[str, int | str]) -> None:
    llama.set(models={"m": ModelSettings(extra={**extra})}, command=None)
    with pytest.raises(ConfigFault, match="invalid engine setting"):
        async with llama.open() as keeper, keeper.lease("m"):
            pass
