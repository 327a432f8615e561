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
from landbridge.engines.library import Library
from landbridge.engines.plan import plan
from landbridge.errors import BadRequest, ConfigFault, Crashed, NoMemory, StartFailed
from tests.engines.bench import MEGABYTE, Bench, ModelFile, refusal, until_slots_are, use

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


async def test_p51_a_switch_for_thinking_in_the_template_is_found_and_works(llama: Bench, tmp_path: Path) -> None:
    template = tmp_path / "thinks.jinja"
    template.write_text(TOOL_TEMPLATE + "{% if enable_thinking is false %}{{ '<think></think>' }}{% endif %}")
    llama.set(models={"m": ModelSettings(threads=1, template=str(template))}, command=None, start_timeout=60.0)
    async with llama.open() as keeper, keeper.lease("m") as lease:
        assert lease.traits.effort == "chat_template_kwargs"
        quiet = chat("Hello", chat_template_kwargs={"enable_thinking": False})
        counts = [await lease.count(msgspec.json.encode(body)) for body in (chat("Hello"), quiet)]
        assert counts[1] > counts[0], "the prompt ends with a thought that is over"
        await complete(lease, quiet)


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
    """The whole stream, as the gateway asks for it; `started` is set by the first text."""
    data = msgspec.json.encode({**body, "stream": True})
    headers = {**lease.headers, "content-type": "application/json"}
    url = lease.url + "/v1/chat/completions"
    async with (
        lease.turn(data) as turn,
        aiohttp.ClientSession() as session,
        session.post(url, data=lease.body(data, turn), headers=headers) as answer,
    ):
        async for line in answer.content:
            if b'"content":"' in line:
                started.set()


def prompt(tokens: int) -> str:
    """A text of about so many tokens, unlike any other that the engine could have kept."""
    return f"{time.monotonic_ns()} " + "one two three four five six seven eight nine ten " * (tokens // 10)


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
        waits: list[float] = []
        while min(waits, default=9.0) >= 1.0 and len(waits) < 4:  # whatever else the machine does slows a batch down
            body = chat(prompt(2000), max_tokens=5)
            started = asyncio.Event()
            asking = asyncio.ensure_future(stream(lease, body, started))
            await until_slots_are(lease, 1)
            await asyncio.sleep(0.5)
            assert not started.is_set()
            asking.cancel()
            waits.append(await seconds_until_idle(lease))
        assert min(waits) < 1.0, waits


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


async def test_p87_leaving_at_any_moment_never_kills_the_engine(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        for seconds in (0.0, 0.01, 0.1, 0.3, 0.6, 1.2):
            body = chat(prompt(100), max_tokens=2000)
            asking = asyncio.ensure_future(stream(lease, body, asyncio.Event()))
            await asyncio.sleep(seconds)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await until_slots_are(lease, 0, seconds=30.0)
        assert (await complete(lease, chat("Hello")))["usage"]
        assert lease.fault() is None


async def test_p83_reading_a_long_prompt_takes_about_as_long_as_predicted(llama: Bench) -> None:
    async with llama.open() as keeper, keeper.lease("m") as lease:
        lease.learn(*await read_prompt(lease, 260))
        tokens, seconds = await read_prompt(lease, 800)
        predicted = lease.predict(tokens)
        assert tokens >= 800
        assert predicted is not None
        assert seconds / 4 < predicted < seconds * 4, "within what else the machine does"


async def read_prompt(lease: Lease, tokens: int) -> tuple[int, float]:
    """Tokens and seconds, by the engine's own account."""
    timings = (await complete(lease, chat(prompt(tokens), max_tokens=1)))["timings"]
    assert isinstance(timings, dict)
    return timings["prompt_n"], timings["prompt_ms"] / 1000


async def test_planned_by_the_real_planner_it_has_the_window_it_was_trained_for(llama: Bench, smollm2: Path) -> None:
    llama.set(models={"smollm2": ModelSettings(threads=1, slots=1)}, command=None, start_timeout=60.0)
    async with llama.open(Library(smollm2.parent), plan) as keeper:
        async with keeper.lease("smollm2") as lease:
            assert (lease.window, lease.slots, lease.traits.max_output) == (8192, 1, None)
            (info,) = keeper.snapshot()
            assert info.memory < 600 * MEGABYTE
        assert await keeper.unload("smollm2")


# -- models that cannot be run -----------------------------------------------------------------------------------------


async def refused(llama: Bench) -> Exception:
    async with llama.open() as keeper:
        return await refusal(use(keeper))


async def test_a_truncated_model_fails_with_the_engines_own_reason(llama: Bench, smollm2: Path) -> None:
    cut = llama.folder / "cut.gguf"
    with smollm2.open("rb") as file:
        cut.write_bytes(file.read(5 * MEGABYTE))
    llama.models["m"] = ModelFile(cut, 5 * MEGABYTE, 300 * MEGABYTE)
    fault = await refused(llama)
    assert isinstance(fault, StartFailed)
    assert "not within the file bounds" in fault.message


async def test_a_window_larger_than_the_memory_it_may_take_ends_the_engine_and_not_the_machine(llama: Bench) -> None:
    settings = ModelSettings(slots=64, extra={"n_ctx": 64 * 8192})  # 12 GB; the plan knows nothing of it
    llama.set(models={"m": settings}, command=None, start_timeout=60.0)
    fault = await refused(llama)
    assert isinstance(fault, StartFailed)
    assert "insufficient memory (attempted to allocate 11520" in fault.message


async def test_a_window_that_memory_does_not_hold_is_refused_before_anything_starts(
    llama: Bench, smollm2: Path
) -> None:
    llama.set(models={"smollm2": ModelSettings(context=8192)}, command=None, memory_limit=200 * MEGABYTE)
    async with llama.open(Library(smollm2.parent), plan) as keeper:
        fault = await refusal(use(keeper, "smollm2"))
    assert isinstance(fault, NoMemory)


@pytest.mark.parametrize("extra", [{"no_such_thing": 1}, {"n_predict": "many"}])
async def test_a_setting_the_engine_does_not_know_is_named(llama: Bench, extra: dict[str, int | str]) -> None:
    llama.set(models={"m": ModelSettings(extra={**extra})}, command=None)
    fault = await refused(llama)
    assert isinstance(fault, ConfigFault)
    assert f"invalid engine setting '{next(iter(extra))}'" in fault.message
