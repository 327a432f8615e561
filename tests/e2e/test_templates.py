"""Chat templates in an agent's run (P37): tools, a call and its result are shown, and the next call is read.

`templates/` has the manners of some families in short templates of our own, and beside each the prompt that the engine
renders of the same run: a golden text. Whoever changes a template, the engine or how requests are shaped for templates
sees the difference there: delete the text, run this test and review what it has written.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from landbridge.config import ModelSettings
from landbridge.engines import keeper as engines
from landbridge.engines.lease import Lease
from landbridge.wire.dialects import dialect
from tests.engines.bench import MEGABYTE, Bench, ModelFile
from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

FOLDER = Path(__file__).with_name("templates")
SHIPPED = Path(engines.__file__).with_name("templates")
TEMPLATES: dict[str, Path | None] = {
    "smollm2": None,
    **{path.stem: path for path in [*SHIPPED.glob("*.jinja"), *sorted(FOLDER.glob("*.jinja"))]},
}
"""By name: the model's own, those that landbridge ships, and the families'."""
WITHOUT_TOOLS = ("smollm2", "gemma")

READ = {
    "name": "Read",
    "description": "Read a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}


def said(*texts: str, **call: str) -> dict[str, Any]:
    """A turn of the assistant's: text, and a call of `Read` by its id."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": text} for text in texts]
    parts += [{"type": "tool_use", "id": id, "name": "Read", "input": {"path": path}} for id, path in call.items()]
    return {"role": "assistant", "content": parts}


def result(id: str, text: str, more: str = "") -> dict[str, Any]:
    """A turn of the user's: what a call gave, and what the user says to it."""
    parts: list[dict[str, Any]] = [{"type": "tool_result", "tool_use_id": id, "content": text}]
    return {"role": "user", "content": [*parts, {"type": "text", "text": more}] if more else parts}


def asked(*messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": "smollm2",
        "max_tokens": 60,
        "temperature": 0,
        "system": "Answer in one line.",
        "tools": [READ],
        "messages": list(messages),
    }


RUN = asked(
    {"role": "user", "content": "What does a.txt say?"},
    said("I will look.", toolu_01A09q90qw90lq917835lq9="a.txt"),
    result("toolu_01A09q90qw90lq917835lq9", "The sky is blue.", "Only its colour, please."),
)
"""What the golden texts show: ids, words beside a call and behind a result are as Claude Code has them."""
SHOWN = ("Answer in one line.", "What does a.txt say?", "I will look.", "The sky is blue.", "Only its colour, please.")


PARALLEL = asked(
    {"role": "user", "content": "What do both say?"},
    said("Let me see.", toolu_1="a.txt", toolu_2="b.txt"),
    {
        "role": "user",
        "content": [*result("toolu_2", "Grass is green.")["content"], *result("toolu_1", "Blue.")["content"]],
    },
)
"""Two calls at once, answered in another order. Llama 3's template refuses them."""
SHOWN_OF_BOTH = ("What do both say?", "Let me see.", "a.txt", "b.txt", "Blue.", "Grass is green.")


@asynccontextmanager
async def leased(bench: Bench, models: Path, template: Path | None) -> AsyncIterator[Lease]:
    """The real model with a template."""
    file = models / "smollm2.gguf"
    bench.models["m"] = ModelFile(file, file.stat().st_size, 300 * MEGABYTE)
    bench.set(models={"m": ModelSettings(threads=1, template=str(template or ""))}, command=None, start_timeout=60.0)
    async with bench.open() as keeper, keeper.lease("m") as lease:
        yield lease


async def rendered(lease: Lease, run: dict[str, Any]) -> str:
    """The prompt the engine makes of a client's request."""
    request = dialect("anthropic").read_request(json.dumps(run).encode())
    body = dialect("openai_chat").write_request(request, "m", lease.traits).body
    async with aiohttp.ClientSession(lease.url, headers=lease.headers) as session:
        answer = await session.post("/apply-template", data=body, headers={"content-type": "application/json"})
        heard = await answer.json()
    assert answer.status == 200, heard
    assert await lease.count(body) > 20
    return str(heard["prompt"])


@pytest.mark.parametrize("name", TEMPLATES)
async def test_p37_p62_a_template_shows_the_whole_run(tmp_path: Path, models: Path, name: str) -> None:
    async with leased(Bench(tmp_path), models, TEMPLATES[name]) as lease:
        prompt, both = await rendered(lease, RUN), await rendered(lease, PARALLEL)
        assert lease.traits.tools is (name not in WITHOUT_TOOLS)
        assert lease.traits.parallel_history is (name not in ("llama3", *WITHOUT_TOOLS))
    for words in SHOWN_OF_BOTH:
        assert words in both, both
    for words in (*SHOWN, "a.txt"):
        assert words in prompt, prompt
    places = [prompt.index(words) for words in SHOWN[1:]]
    assert places == sorted(places), "in the order it was said"
    assert ("Read a file." in prompt) is (name not in WITHOUT_TOOLS)
    golden = FOLDER / f"{name}.txt"
    if not await asyncio.to_thread(golden.exists):
        golden.write_text(prompt)
        pytest.fail(f"{golden.name} was written: review it")
    assert prompt == golden.read_text()


EXAMPLES = [
    {"role": "user", "content": "Read a.txt."},
    said(toolu_1="a.txt"),
    result("toolu_1", "The sky is blue."),
    said("a.txt says: The sky is blue."),
    {"role": "user", "content": "Read b.txt."},
    said(toolu_2="b.txt"),
    result("toolu_2", "Grass is green."),
    said("b.txt says: Grass is green."),
]
"""So small a model does what it has seen done."""


def settings(template: Path | None) -> str:
    return f'[models.smollm2]\nthreads = 1\ncontext = 2048\ntemplate = "{template or ""}"\n'


async def test_p37_the_model_calls_and_then_answers(tmp_path: Path, models: Path) -> None:
    async with Served(tmp_path, settings(TEMPLATES["qwen2.5-coder"]), models=models) as served:
        begun = [*EXAMPLES, {"role": "user", "content": "Read c.txt."}]
        status, first = await served.post("/v1/messages", asked(*begun))
        assert (status, first["stop_reason"]) == (200, "tool_use"), first
        call = first["content"][-1]
        assert (call["type"], call["name"], call["input"]) == ("tool_use", "Read", {"path": "c.txt"})
        gone_on = [*begun, {"role": "assistant", "content": first["content"]}, result(call["id"], "Snow is white.")]
        status, second = await served.post("/v1/messages", asked(*gone_on))
        assert (status, second["stop_reason"]) == (200, "end_turn"), second
        assert "Snow is white" in second["content"][-1]["text"]
        assert second["usage"]["cache_read_input_tokens"] > 100, "the first turn's prompt was not read again"


async def test_p37_a_model_without_tools_answers_from_the_history(tmp_path: Path, models: Path) -> None:
    async with Served(tmp_path, settings(None), models=models) as served:
        begun = [*EXAMPLES, {"role": "user", "content": "Read c.txt."}, said(toolu_3="c.txt")]
        status, heard = await served.post("/v1/messages", asked(*begun, result("toolu_3", "Snow is white.")))
        assert status == 200, heard
        assert "Snow is white" in heard["content"][-1]["text"]
