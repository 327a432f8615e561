"""Plans fit: the context is what the model and the memory allow, never more, and every decision leaves a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.config import ModelSettings
from landbridge.engines.facts import Facts
from landbridge.engines.fit import STEP, Around
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.plan import AGENT, CHECKPOINTS, FLOOR, LEAST_CHECKPOINTS, Plan, plan
from landbridge.errors import NoMemory
from tests.engines.shapes import PUBLISHED, facts

MB, GIB = 10**6, 1024**3
FOUR = Machine(cores=4)
ONE = ModelSettings(slots=1, cache_ram=0)
CARD = Machine(cores=8, gpus=(Gpu("a card", 24 * GIB, 23 * GIB),))
SMOLLM2, QWEN, LLAMA, GEMMA = (
    facts(name) for name in ("SmolLM2 135M", "Qwen2.5 Coder 0.5B", "Llama 3.1 8B", "Gemma 3 4B")
)


def slot(planned: Plan) -> int:
    return planned.context // planned.slots


# -- the machines people have ------------------------------------------------------------------------------------------

MACHINES = [Machine(cores=8), CARD]
RAM = (8, 16, 32, 64)
CHOSEN = {
    # Tokens of a slot x slots; with 8, 16, 32 and 64 GB (1.5 of them taken), without and with a card of 24 GB.
    "Command R 35B": "- - 39680x1 131072x1 | 25088x1 25088x1 25088x1 25088x1",
    "Command R7B": "10240x1 121856x1 131072x2 131072x1 | 131072x1 131072x1 131072x1 131072x1",
    "DeepSeek V2 Lite": "- 74496x1 163840x2 163840x4 | 163840x1 163840x1 163840x1 163840x1",
    "DeepSeek V3": "- - - - | - - - -",
    "Falcon H1 7B": "27904x1 129024x1 262144x1 262144x2 | 262144x1 262144x1 262144x1 262144x1",
    "GLM 4 9B": "3328x1 32768x2 32768x4 32768x4 | 32768x4 32768x4 32768x4 32768x4",
    "GLM 4.5 Air": "- - - - | - - - 24576x1",
    "Gemma 2 9B": "- 8192x1 8192x3 8192x4 | 8192x2 8192x2 8192x2 8192x2",
    "Gemma 3 27B": "- - 78336x1 131072x1 | 81152x1 81152x1 81152x1 81152x1",
    "Gemma 3 4B": "89088x1 131072x1 131072x3 131072x1 | 131072x2 131072x2 131072x2 131072x2",
    "Gemma 3n E4B": "32768x2 32768x3 32768x4 32768x4 | 32768x4 32768x4 32768x4 32768x4",
    "Granite 4 H Tiny": "121344x1 131072x3 131072x4 131072x4 | 131072x4 131072x4 131072x4 131072x4",
    "Jamba mini": "- - - 262144x3 | - 24576x2 24576x2 24576x2",
    "LFM2 1.2B": "128000x1 128000x3 128000x4 128000x4 | 128000x4 128000x4 128000x4 128000x4",
    "Llama 3.1 8B": "11264x1 45312x1 122624x1 131072x1 | 131072x1 131072x1 131072x1 131072x1",
    "Llama 3.2 1B": "102400x1 131072x1 131072x3 131072x4 | 131072x2 131072x2 131072x2 131072x2",
    "Llama 3.3 70B": "- - - 37376x1 | - - 24576x1 24576x1",
    "Llama 4 Scout": "- - - - | - - - 24576x1",
    "Mamba 2.8B": "1048576x4 1048576x4 1048576x4 1048576x4 | 1048576x4 1048576x4 1048576x4 1048576x4",
    "Mistral 7B": "15616x1 32768x1 32768x2 32768x4 | 32768x2 32768x2 32768x2 32768x2",
    "Mistral Small 24B": "- - 61440x1 131072x1 | 58368x1 58368x1 58368x1 58368x1",
    "Mixtral 8x7B": "- - 27904x1 32768x3 | 24064x1 24576x1 24576x1 24576x1",
    "OLMo 2 7B": "3584x1 4096x2 4096x4 4096x4 | 4096x3 4096x3 4096x3 4096x3",
    "OLMo 3 7B": "- 27904x1 65536x1 65536x2 | 65536x1 65536x1 65536x1 65536x1",
    "Phi-3 mini": "10496x1 32256x1 45312x1 97536x1 | 55040x1 55040x1 55040x1 55040x1",
    "Phi-4": "- 16384x1 16384x2 16384x4 | 16384x2 16384x2 16384x2 16384x2",
    "Qwen2.5 Coder 0.5B": "32768x4 32768x4 32768x4 32768x4 | 32768x4 32768x4 32768x4 32768x4",
    "Qwen2.5 Coder 32B": "- - 32768x1 32768x2 | 24576x1 24576x1 24576x1 24576x1",
    "Qwen2.5 Coder 7B": "29696x1 32768x2 32768x4 32768x4 | 32768x4 32768x4 32768x4 32768x4",
    "Qwen3 14B": "- 32768x1 40960x1 40960x3 | 40960x1 40960x1 40960x1 40960x1",
    "Qwen3 30B A3B": "- - 72448x1 262144x1 | 56576x1 56576x1 56576x1 56576x1",
    "Qwen3 4B": "27648x1 40960x1 40960x2 40960x4 | 40960x1 40960x1 40960x1 40960x1",
    "Qwen3 Next 80B": "- - - 262144x1 | - - 24576x2 24576x3",
    "RWKV7 2.9B": "1048576x4 1048576x4 1048576x4 1048576x4 | 1048576x4 1048576x4 1048576x4 1048576x4",
    "SmolLM2 135M": "8192x4 8192x4 8192x4 8192x4 | 8192x4 8192x4 8192x4 8192x4",
    "SmolLM3 3B": "38144x1 65536x1 65536x2 65536x4 | 65536x2 65536x2 65536x2 65536x2",
    "bge-m3": "8192x1 8192x1 8192x1 8192x1 | 8192x1 8192x1 8192x1 8192x1",
    "gpt-oss 120b": "- - - - | - - - 24576x2",
    "gpt-oss 20b": "- 40192x1 131072x1 131072x3 | 131072x1 131072x1 131072x1 131072x1",
}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_what_is_chosen_on_the_machines_people_have(name: str) -> None:
    rows = (" ".join(chosen(name, ram, machine) for ram in RAM) for machine in MACHINES)
    assert " | ".join(rows) == CHOSEN[name]


def chosen(name: str, ram: int, machine: Machine) -> str:
    try:
        planned = plan(facts(name), ModelSettings(), ram * GIB - 3 * GIB // 2, machine)
    except NoMemory:
        return "-"
    return f"{slot(planned)}x{planned.slots}"


# -- laws --------------------------------------------------------------------------------------------------------------

names = st.sampled_from(sorted(PUBLISHED))
memories = st.integers(0, 96 * GIB)
machines = st.builds(
    Machine,
    cores=st.integers(1, 32),
    gpus=st.lists(st.integers(1, 48), max_size=2).map(lambda sizes: tuple(Gpu("g", n * GIB, n * GIB) for n in sizes)),
)
wishes = st.builds(
    ModelSettings,
    context=st.one_of(st.just("auto"), st.integers(1, 1 << 20)),
    slots=st.one_of(st.just("auto"), st.integers(1, 8)),
    gpu_layers=st.one_of(st.just("auto"), st.integers(0, 100)),
    cache_type_k=st.sampled_from(["f16", "q8_0", "q4_0"]),
    cache_type_v=st.sampled_from(["f16", "q8_0"]),
    flash_attention=st.sampled_from(["auto", "on"]),
    swa_full=st.sampled_from(["auto", True, False]),
    ubatch=st.one_of(st.just("auto"), st.integers(1, 4096)),
    cache_ram=st.one_of(st.just("auto"), st.integers(0, 4 * GIB)),
)


@given(name=names, memory=memories, machine=machines, settings=wishes)
def test_a_plan_fits_or_there_is_none(name: str, memory: int, machine: Machine, settings: ModelSettings) -> None:
    known = facts(name)
    try:
        planned = plan(known, settings, memory, machine)
    except NoMemory as fault:
        assert "GiB" in fault.message
        assert fault.remedy
        return
    assert planned.memory <= memory
    assert planned.vram <= machine.vram
    assert planned.context % planned.slots == 0
    assert slot(planned) <= known.context_length
    asked = settings.context
    longest = planned.batch if planned.pooling else known.context_length
    assert slot(planned) >= (min(FLOOR, longest) if asked == "auto" else min(asked, known.context_length))
    assert planned.slots == (settings.slots if settings.slots != "auto" else planned.slots)
    assert 1 <= planned.slots <= 8
    assert 0 <= planned.gpu_layers <= max(known.layers + 1, 100)
    assert 1 <= planned.threads <= machine.cores
    assert planned.parts is not None
    assert planned.memory + planned.vram >= planned.parts.total - planned.parts.weights
    assert all(planned.why)


@given(name=names, memory=memories, more=st.integers(0, 16 * GIB), machine=machines)
def test_more_memory_never_gives_less_context(name: str, memory: int, more: int, machine: Machine) -> None:
    try:
        small = plan(facts(name), ModelSettings(), memory, machine)
    except NoMemory:
        return
    assert slot(plan(facts(name), ModelSettings(), memory + more, machine)) >= slot(small)


@given(name=names, memory=memories, context=st.integers(FLOOR, 1 << 17))
def test_smaller_caches_fit_wherever_larger_ones_do(name: str, memory: int, context: int) -> None:
    try:
        large = plan(facts(name), ModelSettings(context=context, slots=1, cache_ram=0, swa_full=False), memory, FOUR)
    except NoMemory:
        return
    small = plan(
        facts(name),
        ModelSettings(context=context, slots=1, cache_ram=0, swa_full=False, cache_type_k="q8_0", cache_type_v="q8_0"),
        memory, FOUR,
    )  # fmt: skip
    assert large.parts is not None
    assert small.parts is not None
    assert small.parts.cache <= large.parts.cache


@given(memory=memories, name=names)
def test_a_remedy_that_names_a_context_is_true(memory: int, name: str) -> None:
    try:
        plan(facts(name), ModelSettings(context=1 << 17), memory, FOUR)
    except NoMemory as fault:
        words = fault.remedy.split()
        if "context" in words:
            named = int(words[words.index("to") + 1])
            assert plan(facts(name), ModelSettings(context=named), memory, FOUR).memory <= memory


# -- context -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "tokens", "slots", "measured"),
    [
        (SMOLLM2, 4096, 1, 127 * MB),  # of its own, beside the mapped file
        (SMOLLM2, 8192, 1, 217 * MB),
        (SMOLLM2, 8192, 4, 757 * MB),
        (QWEN, 4096, 1, 694 * MB - QWEN.file_size),
        (QWEN, 24_576, 1, 940 * MB - QWEN.file_size),
    ],
)
def test_engines_were_never_measured_to_take_more_than_planned(
    known: Facts, tokens: int, slots: int, measured: int
) -> None:
    planned = plan(known, ModelSettings(context=tokens, slots=slots, cache_ram=0), 64 * GIB, FOUR)
    assert measured + known.file_size <= planned.memory


def test_a_context_no_agent_can_use_is_not_planned() -> None:
    """Less than the floor is refused, with both numbers, unless somebody asks for it."""
    smallest = plan(LLAMA, replace(ONE, context=FLOOR), 64 * GIB, FOUR).memory
    assert plan(LLAMA, ONE, smallest, FOUR).context == FLOOR
    with pytest.raises(NoMemory) as caught:
        plan(LLAMA, ONE, smallest - 1, FOUR)
    assert caught.value.message == "The model needs 5.4 GiB for a context of 2048 tokens, but 5.3 GiB are free."
    assert caught.value.remedy == 'Set its cache_type_k and cache_type_v to "q8_0", or free memory.'
    with pytest.raises(NoMemory, match=r"0\.0 GiB are free"):
        plan(LLAMA, ONE, -5, FOUR)
    assert plan(LLAMA, replace(ONE, context=512), smallest - 1, FOUR).context == 512


def test_a_model_trained_for_less_than_the_floor_may_run() -> None:
    assert slot(plan(replace(SMOLLM2, context_length=512), ModelSettings(), GIB, FOUR)) == 512


def test_without_a_trained_length_something_usual_is_taken() -> None:
    assert slot(plan(replace(SMOLLM2, context_length=0), ModelSettings(), GIB, FOUR)) == 4096


def test_never_more_than_it_was_trained_for_unless_stretched() -> None:
    planned = plan(SMOLLM2, ModelSettings(context=24_576), 64 * GIB, FOUR)
    assert slot(planned) == 8192
    assert planned.why[0].startswith("context 8192: the model was trained for no more (asked: 24576); rope_scaling")
    stretched = plan(SMOLLM2, ModelSettings(context=24_576, rope_scaling="yarn"), 64 * GIB, FOUR)
    assert (slot(stretched), stretched.rope.factor, stretched.rope.original) == (24_576, 3.0, 8192)
    assert stretched.why[0] == "context 24576: as the settings say, stretched 3 times"
    by_factor = plan(SMOLLM2, ModelSettings(rope_scaling="linear", rope_factor=2), 64 * GIB, FOUR)
    assert slot(by_factor) == 16_384


@pytest.mark.parametrize(
    ("known", "settings", "free", "first"),
    [
        (QWEN, ModelSettings(), 4 * GIB, "context 32768: what the model was trained for"),
        (QWEN, ModelSettings(), 900 * MB, "context 17664: memory allows no more (the model was trained for 32768)"),
        (QWEN, ModelSettings(context=4096), 4 * GIB, "context 4096: as the settings say"),
        (LLAMA, ModelSettings(), 15 * GIB,
         "context 47872: what is longer would leave no memory to other conversations and models (the model was trained "
         "for 131072)"),
    ],
)  # fmt: skip
def test_reasons(known: Facts, settings: ModelSettings, free: int, first: str) -> None:
    assert plan(known, settings, free, FOUR).why[0] == first


def test_a_context_that_is_asked_for_and_does_not_fit_says_what_would() -> None:
    with pytest.raises(NoMemory) as caught:
        plan(QWEN, ModelSettings(context=30_000), 900 * MB, FOUR)
    assert "30000 tokens" in caught.value.message
    assert caught.value.remedy == "Set its context to 17664 or less, or free memory."


@pytest.mark.parametrize(("context", "warned"), [(AGENT, False), (AGENT - 1, True)])
def test_too_little_for_claude_code_is_said_before_it_starts(context: int, warned: bool) -> None:
    planned = plan(LLAMA, ModelSettings(context=context), 64 * GIB, FOUR)
    assert ("Claude Code" in planned.warning) is warned


# -- slots -------------------------------------------------------------------------------------------------------------


def test_slots_are_given_from_a_third_of_what_is_free() -> None:
    one = plan(QWEN, ONE, 64 * GIB, FOUR)
    assert one.parts is not None
    each = one.parts.cache
    for count, free in ((1, 3 * each - MB), (2, 3 * each + 30 * MB), (4, 9 * each + 90 * MB), (4, 60 * GIB)):
        planned = plan(QWEN, ModelSettings(cache_ram=0), one.memory + free, FOUR)
        assert (planned.slots, slot(planned)) == (count, 32_768)


def test_slots_that_are_asked_for_share_the_memory() -> None:
    free = plan(QWEN, replace(ONE, context=32_768), 64 * GIB, FOUR).memory
    planned = plan(QWEN, ModelSettings(slots=4), free, FOUR)
    assert planned.slots == 4
    assert 8000 < slot(planned) < 8704, "the buffers are shared"
    with pytest.raises(NoMemory, match="in each of 4 slots") as caught:
        plan(QWEN, ModelSettings(slots=4, context=32_768), free, FOUR)
    assert f"{slot(planned)} or less" in caught.value.remedy


def test_memory_for_prompts_is_part_of_the_plan() -> None:
    without, with_it = (
        plan(LLAMA, ModelSettings(slots=1, context=8192, cache_ram=size), 64 * GIB, FOUR) for size in (0, GIB)
    )
    assert with_it.memory == without.memory + GIB
    auto = plan(LLAMA, ModelSettings(slots=1, context=8192), 64 * GIB, FOUR)
    assert (auto.cache_ram, auto.memory) == (2 * GIB, without.memory + 2 * GIB)
    tight = plan(LLAMA, ModelSettings(slots=1, context=8192), without.memory + GIB, FOUR)
    assert (tight.cache_ram, tight.memory) == (0, without.memory), "not even one prompt would fit"


# -- P78: what keeps prompts reusable ----------------------------------------------------------------------------------


def test_p78_windowed_layers_keep_everything_where_memory_allows() -> None:
    planned = plan(facts("Gemma 2 9B"), ModelSettings(), 32 * GIB, FOUR)
    assert planned.swa_full
    assert planned.checkpoints == 0
    assert "windowed layers keep everything: a prompt that others share is read once" in planned.why


def test_p78_elsewhere_checkpoints_do() -> None:
    planned = plan(GEMMA, ModelSettings(slots=1), 8 * GIB, FOUR)
    assert not planned.swa_full
    assert LEAST_CHECKPOINTS <= planned.checkpoints <= CHECKPOINTS
    assert any("checkpoints a slot" in why and "windows" in why for why in planned.why)
    assert planned.parts is not None
    assert planned.parts.checkpoints > 0
    assert plan(GEMMA, ModelSettings(swa_full=False), 64 * GIB, FOUR).checkpoints == CHECKPOINTS


@pytest.mark.parametrize(
    "name", ["Mamba 2.8B", "RWKV7 2.9B", "Qwen3 Next 80B", "Falcon H1 7B", "LFM2 1.2B", "Jamba mini"]
)
def test_p78_states_cannot_be_wound_back_without_checkpoints(name: str) -> None:
    planned = plan(facts(name), ModelSettings(), 64 * GIB, FOUR)
    assert planned.checkpoints >= LEAST_CHECKPOINTS
    assert any("its states cannot be wound back" in why for why in planned.why)


def test_p78_other_models_need_neither() -> None:
    planned = plan(LLAMA, ModelSettings(), 64 * GIB, FOUR)
    assert (planned.swa_full, planned.checkpoints) == (False, 0)
    assert not plan(LLAMA, ModelSettings(swa_full=True), 64 * GIB, FOUR).swa_full


# -- the graphics card -------------------------------------------------------------------------------------------------


def test_all_layers_where_they_fit() -> None:
    planned = plan(LLAMA, ONE, 32 * GIB, CARD)
    assert planned.gpu_layers == 33
    assert planned.vram > LLAMA.file_size
    assert planned.memory < GIB
    assert "all layers on the graphics card: they fit" in planned.why
    assert planned.batch > 512


def test_some_layers_where_not_all_fit() -> None:
    planned = plan(facts("Mixtral 8x7B"), ONE, 32 * GIB, CARD)
    assert 20 < planned.gpu_layers < 32
    assert slot(planned) == AGENT, "what an agent needs goes before speed, and no more than that"
    assert f"{planned.gpu_layers} of 32 layers on the graphics card: its memory holds no more" in planned.why


def test_layers_that_are_asked_for() -> None:
    planned = plan(LLAMA, replace(ONE, gpu_layers=10, context=8192), 32 * GIB, CARD)
    assert planned.gpu_layers == 10
    assert any("as the settings say" in why for why in planned.why)
    none = plan(LLAMA, replace(ONE, gpu_layers=0), 32 * GIB, CARD)
    assert (none.gpu_layers, none.vram) == (0, 0)
    small = Machine(cores=8, gpus=(Gpu("a card", 4 * GIB, 4 * GIB),))
    with pytest.raises(NoMemory, match="GiB of graphics memory") as caught:
        plan(LLAMA, replace(ONE, gpu_layers=33, context=2048), 32 * GIB, small)
    assert 'gpu_layers to "auto"' in caught.value.remedy
    unseen = plan(LLAMA, replace(ONE, gpu_layers=99), 32 * GIB, FOUR)
    assert unseen.gpu_layers == 99, "of a card we do not see the settings know more"


def test_apple_silicon_takes_all_layers_from_the_one_memory() -> None:
    mac = Machine(cores=10, fast_cores=8, unified=True, memory=36 * GIB)
    planned = plan(LLAMA, ONE, 30 * GIB, mac)
    assert (planned.gpu_layers, planned.vram, planned.companions_on_gpu) == (33, 0, True)
    assert planned.memory <= 24 * GIB, "the system lets the card have two thirds"
    assert planned.threads == 8


# -- the rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threads", "cores", "used"), [("auto", 8, 7), ("auto", 2, 1), ("auto", 1, 1), (6, 2, 6), (1, 8, 1)]
)
def test_threads(threads: Any, cores: int, used: int) -> None:
    planned = plan(SMOLLM2, ModelSettings(threads=threads), GIB, Machine(cores=cores))
    assert planned.threads == used
    assert any("cores" in reason for reason in planned.why) == (threads == "auto")


def test_p84_batches_can_be_cancelled_also_of_models_with_experts() -> None:
    small, large = (plan(known, ModelSettings(threads=4), 64 * GIB, FOUR).batch for known in (SMOLLM2, LLAMA))
    assert (small, large) == (112, 16)
    experts = facts("Qwen3 30B A3B")
    assert plan(experts, ModelSettings(threads=16), 64 * GIB, FOUR).batch >= 32
    assert plan(SMOLLM2, ModelSettings(batch=16, ubatch=8), GIB, FOUR).ubatch == 8


def test_what_runs_beside_it_takes_memory_as_well() -> None:
    alone = plan(LLAMA, replace(ONE, context=8192), 64 * GIB, FOUR)
    with_both = plan(LLAMA, replace(ONE, context=8192), 64 * GIB, FOUR, Around(SMOLLM2, 500 * MB))
    more = with_both.memory - alone.memory
    assert more > 500 * MB + SMOLLM2.file_size + 8192 * SMOLLM2.kv_bytes_per_token


BGE = facts("bge-m3")
QWEN_EMBEDDING = replace(QWEN, architecture="qwen3", pooling="last")


@pytest.mark.parametrize(
    ("known", "settings", "pooling", "context"),
    [
        (replace(BGE, pooling="mean", context_length=512), ModelSettings(), "mean", 512),
        (replace(BGE, pooling=""), ModelSettings(), "mean", 8192),
        (replace(BGE, context_length=32_768), ModelSettings(), "cls", 8192),
        (QWEN_EMBEDDING, ModelSettings(), "last", 2048),
        (QWEN_EMBEDDING, ModelSettings(context=16_384), "last", 16_384),
        (QWEN_EMBEDDING, ModelSettings(embeddings=False), "", 32_768),
        (SMOLLM2, ModelSettings(embeddings=True), "mean", 2048),
        (SMOLLM2, ModelSettings(), "", 8192),
    ],
)
def test_a_text_to_embed_fits_into_one_batch(known: Facts, settings: ModelSettings, pooling: str, context: int) -> None:
    planned = plan(known, settings, 64 * GIB, FOUR)
    assert (planned.pooling, slot(planned)) == (pooling, context)
    if pooling:
        assert (planned.batch, planned.ubatch, planned.slots, planned.cache_ram) == (context, context, 1, 0)
    assert any(why.startswith("embeddings") for why in planned.why) is bool(pooling)


@pytest.mark.parametrize(
    ("known", "tokens", "measured"), [(SMOLLM2, 2048, 98 * MB + 461 * MB), (SMOLLM2, 8192, 98 * MB + 1935 * MB)]
)
def test_embedding_engines_take_no_more_than_planned(known: Facts, tokens: int, measured: int) -> None:
    assert measured <= plan(known, ModelSettings(context=tokens, embeddings=True), 64 * GIB, FOUR).memory


def test_contexts_are_multiples_of_a_step_where_memory_decides() -> None:
    assert slot(plan(LLAMA, ONE, 12 * GIB, FOUR)) % STEP == 0
