"""One model that is to be run: what there is to plan from, the plan for so much memory, and what its engine is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..config import ModelSettings
from ..errors import GatewayError, NoMemory
from .companions import Companions
from .fit import NOTHING_AROUND, Around
from .hardware import Machine
from .llamacpp import Run
from .plan import AGENT, FLOOR, Plan

TOO_MUCH = ("insufficient memory", "failed to allocate", "out of memory", "cannot allocate memory", "bad_alloc")
"""How engines say that memory was not enough."""
KILLED = "SIGKILL"
"""How the system says it."""


class Order(Struct, frozen=True):
    """What a model is run from."""

    name: str
    path: Path
    facts: Any
    template: str
    settings: ModelSettings
    saves_prompts: bool
    """Prompts that were read are kept on the disk, and need no memory."""
    machine: Machine
    companions: Companions
    around: Around
    plan: Callable[..., Plan]

    def fit(self, free: int) -> Plan:
        """How to run it with so many bytes. Raises `NoMemory`."""
        settings = self.settings
        if self.saves_prompts and settings.cache_ram == "auto":
            settings = replace(settings, cache_ram=0)
        beside = () if self.around == NOTHING_AROUND else (self.around,)
        try:
            made = self.plan(self.facts, settings, free, self.machine, *beside)
        except NoMemory as fault:
            raise no_memory(self.name, fault.message, fault.remedy) from None
        if made.memory > free:
            said = f"It needs {made.memory // 10**6} MB of memory, {free // 10**6} MB are free for it."
            raise no_memory(self.name, said, "Choose a smaller `context` or a smaller model.")
        return made

    def smaller(self, failed: Plan) -> Plan | None:
        """How to run it after memory was not enough for a plan, if that still serves: half of what is not weights, and
        no context that agents could work with becomes one that they could not.
        """
        if failed.parts is None or self.settings.context != "auto":
            return None
        needed = failed.parts.weights + failed.parts.buffers + failed.parts.companions
        try:
            made = self.fit(failed.memory - max(0, failed.memory - needed) // 2)
        except NoMemory:
            return None
        context, before = made.context // made.slots, failed.context // failed.slots
        serves = context >= (AGENT if before >= AGENT else FLOOR)
        return made if serves and made.memory < failed.memory else None

    def run(self, planned: Plan) -> Run:
        """What the engine is told."""
        return Run(
            path=self.path,
            context=planned.context,
            threads=planned.threads,
            batch=planned.batch,
            gpu_layers=planned.gpu_layers,
            template=self.template,
            settings=self.settings,
            pooling=planned.pooling,
            slots=planned.slots,
            ubatch=planned.ubatch,
            flash=planned.flash,
            cache_k=planned.cache_k,
            cache_v=planned.cache_v,
            swa_full=planned.swa_full,
            checkpoints=planned.checkpoints,
            cache_ram=planned.cache_ram,
            rope=planned.rope,
            companions=self.companions,
            companion_layers=planned.gpu_layers if planned.companions_on_gpu else 0,
        )


def out_of_memory(fault: GatewayError) -> bool:
    """Whether an engine did not start for want of memory."""
    said = fault.message
    return KILLED in said or any(words in said.lower() for words in TOO_MUCH)


def no_memory(name: str, said: str, remedy: str) -> NoMemory:
    """With both numbers, and what would fit."""
    return NoMemory(f"Model '{name}': {said}", remedy=remedy, origin=f"engine:{name}", retry_after=30.0)
