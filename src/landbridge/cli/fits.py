"""Whether a model runs on this machine, in a word: as the planner has it, with the memory that is free now.

Of a model that is not here only its size is known, and roughly what its kind takes for each token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.facts import Facts

BITS = 4.85
"""Of one weight in the usual quantisation, to guess how many there are in a file."""


def fitter(config: Config) -> Callable[[str, Facts, int], str]:
    """A function that says it of a name, facts and bytes of a projector: `yes`, `8192 tokens`, `not now`, `no`."""
    from ..engines.fit import Around
    from ..engines.machine import look, memory
    from ..engines.plan import AGENT, plan
    from ..engines.room import Room
    from ..errors import GatewayError

    machine = look(command=config.engine.command is not None)
    limit = config.engine.memory_limit
    free, most = Room(lambda: limit).free(), limit or memory()

    def fits(name: str, facts: Facts, beside: int) -> str:
        settings, around = config.model(name), Around(files=beside)
        try:
            planned = plan(facts, settings, free, machine, around)
        except GatewayError:
            try:
                plan(facts, settings, most, machine, around)
            except GatewayError:
                return "no"
            return "not now"
        context = planned.context // max(1, planned.slots)
        enough = planned.pooling or context >= min(AGENT, facts.context_length or AGENT)
        return "yes" if enough else f"{context} tokens"

    return fits


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
