"""From an order to a plan and a run, and what is tried when memory was not enough after all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.config import ModelSettings
from landbridge.engines.companions import Companions
from landbridge.engines.fit import NOTHING_AROUND, Around
from landbridge.engines.hardware import Machine
from landbridge.engines.order import Order, out_of_memory
from landbridge.engines.plan import AGENT, FLOOR, Plan, plan
from landbridge.errors import NoMemory, StartFailed
from tests.engines.shapes import PUBLISHED, facts

GIB = 1024**3


def order(name: str = "Llama 3.1 8B", *, saves_prompts: bool = True, **settings: Any) -> Order:
    return Order(
        name="m", path=Path("/m.gguf"), facts=facts(name), template="T", settings=ModelSettings(**settings),
        saves_prompts=saves_prompts, machine=Machine(cores=4), companions=Companions(draft=Path("/d")),
        around=NOTHING_AROUND, plan=plan,
    )  # fmt: skip


def test_prompts_that_are_kept_on_the_disk_need_no_memory() -> None:
    small = "SmolLM2 135M"
    assert order(small).fit(64 * GIB).cache_ram == 0
    assert order(small, saves_prompts=False).fit(64 * GIB).cache_ram > 0
    assert order(small, cache_ram=GIB).fit(64 * GIB).cache_ram == GIB, "unless the settings say so"


def test_the_engine_is_told_the_plan() -> None:
    made = order("Gemma 3 4B", cache_type_k="q8_0", context=32_768, slots=2, swa_full=False)
    planned = made.fit(32 * GIB)
    run = made.run(planned)
    assert (run.path, run.template, run.settings, run.companions) == (
        made.path, "T", made.settings, made.companions,
    )  # fmt: skip
    same = set(run.__struct_fields__) & set(Plan.__struct_fields__)
    assert {"context", "slots", "batch", "ubatch", "cache_k", "checkpoints", "swa_full", "rope"} <= same
    assert {name: getattr(run, name) for name in same} == {name: getattr(planned, name) for name in same}
    assert run.companion_layers == 0


def test_a_refusal_names_the_model_and_may_be_tried_again() -> None:
    with pytest.raises(NoMemory, match=r"Model 'm': The model needs 5\.\d GiB") as caught:
        order().fit(GIB)
    assert (caught.value.origin, caught.value.retry_after) == ("engine:m", 30.0)


def test_a_planner_that_takes_too_much_is_not_believed() -> None:
    greedy = replace(order(), plan=lambda *_: Plan(context=1, threads=1, batch=1, gpu_layers=0, memory=9 * 10**6))
    with pytest.raises(NoMemory, match="needs 9 MB of memory, 8 MB are free"):
        greedy.fit(8 * 10**6)


def test_what_runs_beside_it_is_planned_for() -> None:
    alone, both = order(context=8192, slots=1), replace(order(context=8192, slots=1), around=Around(files=GIB))
    assert both.fit(32 * GIB).memory == alone.fit(32 * GIB).memory + GIB


# -- when memory was not enough ----------------------------------------------------------------------------------------


@given(name=st.sampled_from(sorted(PUBLISHED)), memory=st.integers(1, 64))
def test_a_smaller_plan_is_smaller_and_still_serves(name: str, memory: int) -> None:
    made = order(name)
    try:
        failed = made.fit(memory * GIB)
    except NoMemory:
        return
    smaller = made.smaller(failed)
    if smaller is None:
        return
    assert smaller.memory < failed.memory
    before, context = failed.context // failed.slots, smaller.context // smaller.slots
    assert context >= (AGENT if before >= AGENT else min(before, FLOOR))


def test_what_agents_can_work_with_stays_so() -> None:
    assert (smaller := order().smaller(order().fit(64 * GIB))) is not None
    assert smaller.context // smaller.slots >= AGENT
    tight = order().fit(9 * GIB)
    assert tight.context // tight.slots < 2 * AGENT
    assert order().smaller(tight) is None, "half of it would be too little"


def test_a_context_that_was_asked_for_is_not_made_smaller() -> None:
    made = order(context=65_536)
    assert made.smaller(made.fit(64 * GIB)) is None
    assert order().smaller(Plan(context=4096, threads=1, batch=1, gpu_layers=0, memory=GIB)) is None


@pytest.mark.parametrize(
    ("said", "memory"),
    [
        (
            "did not start (exit code 1): ggml_backend_cpu: insufficient memory (attempted to allocate 11520.00 MB)",
            True,
        ),
        ("did not start (SIGKILL): it gave no reason", True),
        ("did not start (exit code 1): CUDA error: out of memory", True),
        ("did not start (exit code 1): tensor 'x' data is not within the file bounds", False),
        ("was not ready after 300 s.", False),
    ],
)
def test_which_failures_are_for_want_of_memory(said: str, memory: bool) -> None:
    assert out_of_memory(StartFailed(f"The engine of 'm' {said}")) is memory
