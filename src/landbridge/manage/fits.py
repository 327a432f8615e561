"""Whether a model runs on this machine, in a word and with the numbers: as the planner has it, with the memory that is
free now.

Of a model that is not here only its size is known, and roughly what its kind takes for each token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.facts import Facts

BITS = 4.85
"""Of one weight in the usual quantisation, to guess how many there are in a file."""


class Verdict(Struct, frozen=True):
    """Whether a model runs here."""

    fits: str
    """`yes`, `8192 tokens` (less context than an agent needs), `not now`, `no`."""
    why: str = ""
    """What is in the way, in the planner's words; empty where nothing is."""
    planned_context: int = 0
    """Tokens that each slot would have."""
    planned_slots: int = 0
    planned_memory: int = 0
    """Bytes of memory it would take."""
    planned_vram: int = 0


Judge = Callable[[str, "Facts", int], Verdict]
"""Of a name, facts and bytes of a projector."""


def judge(config: Config, free: int | None = None) -> Judge:
    """A function that says whether models run with these settings, and with `free` bytes where that is known."""
    from ..engines.fit import Around
    from ..engines.machine import look, memory
    from ..engines.plan import AGENT, plan
    from ..engines.room import Room
    from ..errors import GatewayError

    machine = look(command=config.engine.command is not None)
    limit = config.engine.memory_limit
    available, most = Room(lambda: limit).free() if free is None else free, limit or memory()

    def verdict(name: str, facts: Facts, beside: int) -> Verdict:
        settings, around = config.model(name), Around(files=beside)
        if config.engine.prompt_cache > 0 and settings.cache_ram == "auto":
            settings = replace(settings, cache_ram=0)
        try:
            planned = plan(facts, settings, available, machine, around)
        except GatewayError as fault:
            try:
                plan(facts, settings, most, machine, around)
            except GatewayError as never:
                return Verdict("no", never.text)
            return Verdict("not now", fault.text)
        slots = max(1, planned.slots)
        context = planned.context // slots
        enough = planned.pooling or context >= min(AGENT, facts.context_length or AGENT)
        said = "yes" if enough else f"{context} tokens"
        return Verdict(said, planned.warning, context, slots, planned.memory, planned.vram)

    return verdict


def fitter(config: Config) -> Callable[[str, Facts, int], str]:
    """As `judge`, in a word."""
    verdict = judge(config)
    return lambda name, facts, beside: verdict(name, facts, beside).fits


def guessed(size: int, parameters: int = 0, architecture: str = "", context: int = 0) -> Facts:
    """The facts of a model of which little is known: a common shape for its number of weights.

    Most take less for a token; a few (Phi-3 mini, OLMo 2) take four times as much.
    """
    from ..engines.facts import Facts

    weights = parameters or int(size * 8 / BITS)
    layers = max(8, round(32 * (weights / 8e9) ** 0.5))  # with 8 heads of 128: 128 KiB a token for 8 billion weights
    return Facts(
        architecture=architecture or "llama",
        name="",
        parameters=weights,
        quantization="",
        context_length=context or 32_768,
        embedding_length=4096,
        layers=layers,
        heads=32,
        kv_heads=8,
        key_length=128,
        value_length=128,
        sliding_window=0,
        vocabulary=128_000,
        chat_template="",
        file_size=size,
    )
