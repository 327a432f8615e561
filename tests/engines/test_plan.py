"""Plans fit: the context is what the model and the memory allow, never more, and every decision leaves a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.config import ModelSettings
from landbridge.engines.facts import Facts
from landbridge.engines.plan import FLOOR, STEP, plan
from landbridge.errors import NoMemory

MB, GIB = 10**6, 1024**3

QWEN_05B = Facts(
    architecture="qwen2", name="Qwen2.5 Coder 0.5B", parameters=630 * MB, quantization="Q4_K_M", context_length=32768,
    embedding_length=896, layers=24, heads=14, kv_heads=2, key_length=64, value_length=64, sliding_window=0,
    vocabulary=151936, chat_template="", file_size=491_400_064,
)  # fmt: skip
QWEN_15B = replace(QWEN_05B, layers=28, heads=12, key_length=128, value_length=128, file_size=1_117_320_768)
SMOLLM2 = replace(QWEN_05B, layers=30, heads=9, kv_heads=3, context_length=8192, file_size=98_362_432)
LLAMA_7B = replace(
    QWEN_05B, layers=32, heads=32, kv_heads=32, key_length=128, value_length=128, context_length=4096,
    file_size=4 * GIB,
)  # fmt: skip
LLAMA_8B = replace(LLAMA_7B, kv_heads=8, context_length=131_072, file_size=5 * GIB)
SHAPES = {"0.5B": QWEN_05B, "1.5B": QWEN_15B, "135M": SMOLLM2, "7B": LLAMA_7B, "8B": LLAMA_8B}


@pytest.mark.parametrize(
    ("shape", "free", "context"),
    [
        ("135M", 2 * GIB, 8192),
        ("135M", GIB, 8192),
        ("0.5B", 4 * GIB, 32768),
        ("0.5B", 1100 * MB, 10240),
        ("1.5B", 4 * GIB, 32768),
        ("1.5B", 2 * GIB, 8192),
        ("7B", 9 * GIB, 4096),
        ("7B", 7.3 * GIB, 2048),
        ("8B", 24 * GIB, 131_072),
        ("8B", 12 * GIB, 35_072),
        ("8B", 8 * GIB, 2304),
    ],
)
def test_context_is_as_large_as_model_and_memory_allow(shape: str, free: float, context: int) -> None:
    planned = plan(SHAPES[shape], ModelSettings(), int(free), 4)
    assert planned.context == context
    assert planned.memory <= free
    one_more = planned.memory + STEP * planned.kv_bytes_per_token
    assert planned.context == SHAPES[shape].context_length or one_more > free


@pytest.mark.parametrize(
    ("facts", "tokens", "measured"),
    [
        (SMOLLM2, 4096, 288 * MB),
        (QWEN_05B, 4096, 694 * MB),
        (QWEN_05B, 24576, 940 * MB),
        (QWEN_15B, 4096, 1981 * MB),
        (QWEN_15B, 24576, 2600 * MB),
    ],
)
def test_engines_were_never_measured_to_take_more_than_planned(facts: Facts, tokens: int, measured: int) -> None:
    assert measured <= plan(facts, ModelSettings(context=min(tokens, facts.context_length)), 64 * GIB, 2).memory


@given(
    free=st.integers(0, 64 * GIB),
    threads=st.integers(1, 64),
    slots=st.integers(1, 8),
    asked=st.one_of(st.just("auto"), st.integers(1, 1 << 20)),
    shape=st.sampled_from(sorted(SHAPES)),
)
def test_a_plan_fits_or_there_is_none(free: int, threads: int, slots: int, asked: int | str, shape: str) -> None:
    settings = ModelSettings(context=asked, slots=slots)  # type: ignore[arg-type]  # a number or "auto"
    facts = SHAPES[shape]
    try:
        planned = plan(facts, settings, free, threads)
    except NoMemory as fault:
        assert "GiB" in fault.message
        assert fault.remedy
        return
    assert planned.memory <= free
    assert planned.context % slots == 0
    assert planned.context // slots <= facts.context_length
    assert planned.context // slots >= (FLOOR if asked == "auto" else min(int(asked), facts.context_length))
    assert planned.slots == slots
    assert 1 <= planned.threads <= threads
    assert planned.why


@given(free=st.integers(GIB, 32 * GIB), more=st.integers(0, 8 * GIB), shape=st.sampled_from(sorted(SHAPES)))
def test_more_memory_never_gives_less_context(free: int, more: int, shape: str) -> None:
    try:
        small = plan(SHAPES[shape], ModelSettings(), free, 2).context
    except NoMemory:
        return
    assert plan(SHAPES[shape], ModelSettings(), free + more, 2).context >= small


def test_a_context_no_agent_can_use_is_not_planned() -> None:
    """Less than the floor is refused, with both numbers, unless somebody asks for it."""
    smallest = plan(QWEN_15B, ModelSettings(context=FLOOR), 64 * GIB, 2).memory
    assert plan(QWEN_15B, ModelSettings(), smallest, 2).context == FLOOR
    with pytest.raises(NoMemory) as caught:
        plan(QWEN_15B, ModelSettings(), smallest - 1, 2)
    assert caught.value.message == ("The model needs 1.9 GiB for a context of 2048 tokens, but 1.8 GiB are free.")
    assert "smaller model" in caught.value.remedy
    assert plan(QWEN_15B, ModelSettings(context=512), smallest - 1, 2).context == 512


def test_a_model_trained_for_less_than_the_floor_may_run() -> None:
    assert plan(replace(SMOLLM2, context_length=512), ModelSettings(), GIB, 2).context == 512


def test_without_a_trained_length_something_usual_is_taken() -> None:
    assert plan(replace(SMOLLM2, context_length=0), ModelSettings(), GIB, 2).context == 4096


def test_never_more_than_it_was_trained_for() -> None:
    planned = plan(SMOLLM2, ModelSettings(context=100_000), 64 * GIB, 2)
    assert planned.context == 8192
    assert planned.why[0] == "context 8192: the model was trained for no more (asked: 100000)"


@pytest.mark.parametrize(
    ("settings", "free", "first"),
    [
        (ModelSettings(), 4 * GIB, "context 32768: what the model was trained for"),
        (ModelSettings(), 1100 * MB, "context 10240: memory allows no more (the model was trained for 32768)"),
        (ModelSettings(context=4096), 4 * GIB, "context 4096: as the settings say"),
    ],
)
def test_reasons(settings: ModelSettings, free: int, first: str) -> None:
    planned = plan(QWEN_05B, settings, free, 8)
    assert planned.why == (first, "7 of 8 cores: one is left for everything else")


def test_a_context_that_is_asked_for_and_does_not_fit_says_what_would() -> None:
    with pytest.raises(NoMemory) as caught:
        plan(QWEN_05B, ModelSettings(context=20_000), 1100 * MB, 2)
    assert "20000 tokens" in caught.value.message
    assert caught.value.remedy == "Set its context to 10240 or less, or free memory."
    assert plan(QWEN_05B, ModelSettings(context=10_240), 1100 * MB, 2).context == 10_240


@pytest.mark.parametrize("free", [0, -5])
def test_no_memory_at_all(free: int) -> None:
    with pytest.raises(NoMemory, match=r"0\.0 GiB are free"):
        plan(SMOLLM2, ModelSettings(), free, 2)


def test_slots_share_the_memory() -> None:
    free = plan(QWEN_05B, ModelSettings(context=8192), 64 * GIB, 2).memory
    planned = plan(QWEN_05B, ModelSettings(slots=4), free, 2)
    assert (planned.context, planned.slots) == (8192, 4)
    assert planned.why[0].startswith("context 2048: ")


@pytest.mark.parametrize(
    ("threads", "cores", "used"), [("auto", 8, 7), ("auto", 2, 1), ("auto", 1, 1), (6, 2, 6), (1, 8, 1)]
)
def test_threads(threads: int | str, cores: int, used: int) -> None:
    planned = plan(SMOLLM2, ModelSettings(threads=threads), GIB, cores)  # type: ignore[arg-type]  # number or "auto"
    assert planned.threads == used
    assert any("cores" in reason for reason in planned.why) == (threads == "auto")


def test_what_is_set_is_passed_on() -> None:
    planned = plan(SMOLLM2, ModelSettings(batch=64, gpu_layers=99), GIB, 2)
    assert (planned.batch, planned.gpu_layers) == (64, 99)
    assert plan(SMOLLM2, ModelSettings(), GIB, 2).gpu_layers == 0


def test_a_model_without_attention_takes_the_memory_of_its_weights() -> None:
    planned = plan(replace(SMOLLM2, kv_heads=0, context_length=1 << 20), ModelSettings(), GIB, 2)
    assert planned.context == 1 << 20
    assert planned.kv_bytes_per_token == 0


# -- embeddings --------------------------------------------------------------------------------------------------------

MINILM = replace(
    QWEN_05B, architecture="bert", layers=6, heads=12, kv_heads=12, key_length=32, value_length=32, context_length=512,
    embedding_length=384, vocabulary=30522, file_size=25_282_080, pooling="mean",
)  # fmt: skip
BGE_M3 = replace(MINILM, layers=24, heads=16, embedding_length=1024, context_length=8192, file_size=600 * MB)
QWEN_EMBEDDING = replace(QWEN_05B, architecture="qwen3", pooling="last")


@pytest.mark.parametrize(
    ("facts", "settings", "pooling", "context"),
    [
        (MINILM, ModelSettings(), "mean", 512),
        (replace(MINILM, pooling=""), ModelSettings(), "mean", 512),
        (BGE_M3, ModelSettings(), "mean", 8192),
        (replace(BGE_M3, pooling="cls", context_length=32768), ModelSettings(), "cls", 8192),
        (QWEN_EMBEDDING, ModelSettings(), "last", 2048),
        (QWEN_EMBEDDING, ModelSettings(context=16384), "last", 16384),
        (QWEN_EMBEDDING, ModelSettings(embeddings=False), "", 32768),
        (SMOLLM2, ModelSettings(embeddings=True), "mean", 2048),
        (SMOLLM2, ModelSettings(), "", 8192),
    ],
)
def test_a_text_to_embed_fits_into_one_batch(facts: Facts, settings: ModelSettings, pooling: str, context: int) -> None:
    planned = plan(facts, settings, 64 * GIB, 4)
    assert (planned.pooling, planned.context) == (pooling, context)
    assert planned.batch == (context if pooling else settings.batch)
    assert any(why.startswith("embeddings") for why in planned.why) is bool(pooling)


@pytest.mark.parametrize(
    ("facts", "tokens", "measured"),
    [(MINILM, 512, 127 * MB), (SMOLLM2, 2048, 98 * MB + 461 * MB), (SMOLLM2, 8192, 98 * MB + 1935 * MB)],
)
def test_embedding_engines_take_no_more_than_planned(facts: Facts, tokens: int, measured: int) -> None:
    smaller = replace(facts, vocabulary=min(facts.vocabulary, 49152))
    assert measured <= plan(smaller, ModelSettings(context=tokens, embeddings=True), 64 * GIB, 2).memory


def test_where_memory_is_short_texts_to_embed_are_shorter() -> None:
    planned = plan(QWEN_EMBEDDING, ModelSettings(context="auto"), 3 * GIB, 4)
    assert planned.context == 2048
    with pytest.raises(NoMemory, match="2048 tokens"):
        plan(QWEN_EMBEDDING, ModelSettings(), GIB, 4)
    assert plan(BGE_M3, ModelSettings(), 1300 * MB, 4).context < 8192
