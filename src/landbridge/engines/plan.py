"""How to run a model on this machine: context, slots, layers, threads, caches. Pure: what the machine has comes in.

The order of decisions: context first (as long as the model was trained for, and as memory allows), then whether
windowed layers keep everything, then further slots, then memory for prompts that were read. Each leaves a sentence.
`needs.py` counts the bytes, `offload.py` places them; a plan never takes more than there is.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from ..config.schema import ModelSettings
from .attention import flash_of
from .batch import batch_of
from .facts import Facts
from .fit import NOTHING_AROUND, Around, Fit
from .hardware import Machine
from .needs import MIB, Parts, Setup, checkpoint, slot_cache, states, token_bytes
from .offload import Placement
from .refusal import no_memory, too_short
from .stretch import Rope, stretched

FLOOR = 2048
"""Tokens below which a model is of no use to an agent; less than this is not loaded by itself."""
AGENT = 24_576
"""Tokens that Claude Code's first request and a few turns take; with less it works in its smaller forms only."""
COMFORT = 32_768
"""Tokens of context that come before everything else; what is longer leaves memory to other conversations."""
SHARE = 0.6
"""Of the memory beside the weights, what a context longer than that may take."""
UNKNOWN_CONTEXT = 4096
"""Where the file does not say what it was trained for."""
ENCODER_CONTEXT, DECODER_CONTEXT = 8192, 2048
"""Most tokens of one text to embed, unless the settings say more. The engine reads a text in one batch, and the buffers
of a model with a vocabulary to write in grow with that (SmolLM2: 200 KB a token)."""
SLOTS = 4
"""Most slots that `auto` gives: conversations that stay warm."""
LEAST_CHECKPOINTS, CHECKPOINTS = 3, 16
"""Of one slot. Three are enough to go on after each turn (measured); more find prefixes that others share."""
CACHE_RAM = 2048 * MIB
"""Most memory for prompts that were read."""
UBATCH = 512
"""Tokens computed at once."""


class Plan(Struct, frozen=True):
    """How one model is run."""

    context: int
    """Tokens, all slots together."""
    threads: int
    batch: int
    gpu_layers: int
    memory: int
    """Bytes of the machine's memory it will take."""
    slots: int = 1
    kv_bytes_per_token: int = 0
    why: tuple[str, ...] = ()
    pooling: str = ""
    """How it makes embeddings (`mean`, `cls`, `last`); empty: it chats."""
    ubatch: int = UBATCH
    flash: str = "auto"
    cache_k: str = "f16"
    cache_v: str = "f16"
    swa_full: bool = False
    checkpoints: int = 0
    cache_ram: int = 0
    """Bytes of memory for prompts that were read."""
    vram: int = 0
    """Bytes of graphics cards' own memory."""
    rope: Rope = Rope()
    companions_on_gpu: bool = False
    parts: Parts | None = None
    warning: str = ""
    """What the user should know before an agent meets it."""


def plan(facts: Facts, settings: ModelSettings, memory: int, machine: Machine, around: Around = NOTHING_AROUND) -> Plan:
    """The plan for a model with `memory` bytes. Raises `NoMemory` with the numbers."""
    return _Planner(facts, settings, memory, machine, around).decide()


class _Planner:
    """The decisions, one after another; `why` grows with them."""

    def __init__(self, facts: Facts, settings: ModelSettings, memory: int, machine: Machine, around: Around) -> None:
        self.facts, self.settings, self.machine = facts, settings, machine
        self.why: list[str] = []
        self.rope = stretched(settings, facts.context_length or UNKNOWN_CONTEXT)
        self.pooling = self._pooling()
        self.wanted = settings.gpu_layers if isinstance(settings.gpu_layers, int) else None
        self.fit = Fit(facts, memory, machine, around, self.wanted)
        self.threads = settings.threads if isinstance(settings.threads, int) else machine.threads
        accelerated = bool(self.wanted if self.wanted is not None else machine.gpus or machine.unified)
        self.batch = batch_of(facts, settings, self.threads, accelerated)
        ubatch = min(self.batch, settings.ubatch if isinstance(settings.ubatch, int) else UBATCH)
        self.flash = flash_of(settings, ubatch, accelerated=accelerated, pooling=bool(self.pooling))
        self.blank = Setup(
            context=0,
            slots=settings.slots if isinstance(settings.slots, int) else 1,
            ubatch=ubatch,
            cache_k=settings.cache_type_k,
            cache_v=settings.cache_type_v,
            flash=self.flash != "off",
            swa_full=settings.swa_full is True and facts.windows,
            checkpoints=LEAST_CHECKPOINTS if self._forgets(settings.swa_full is True) else 0,
            embeds=bool(self.pooling),
        )

    def decide(self) -> Plan:
        """All of it."""
        setup = replace(self.blank, context=self._context())
        setup = self._windows(setup)
        setup = self._slots(setup)
        setup = self._checkpoints(setup)
        cache_ram = self._cache_ram(setup)
        placed = self.fit.place(setup)
        self._say_layers(placed)
        if self.flash == "off" and self.settings.flash_attention == "auto":
            self.why.append("no flash attention: in small batches a processor is faster without")
        if self.settings.threads == "auto":
            self.why.append(f"{self.threads} of {self.machine.cores} cores: one is left for everything else")
        return Plan(
            context=setup.context * setup.slots,
            slots=setup.slots,
            threads=max(1, self.threads),
            batch=setup.context if self.pooling else max(self.batch, setup.slots),
            ubatch=setup.context if self.pooling else max(setup.ubatch, min(setup.slots, self.batch)),
            gpu_layers=placed.layers,
            memory=placed.memory + cache_ram,
            vram=placed.vram,
            kv_bytes_per_token=token_bytes(self.facts, setup.cache_k, setup.cache_v),
            why=tuple(self.why),
            pooling=self.pooling,
            flash=self.flash,
            cache_k=setup.cache_k,
            cache_v=setup.cache_v,
            swa_full=setup.swa_full,
            checkpoints=setup.checkpoints,
            cache_ram=cache_ram,
            rope=self.rope,
            companions_on_gpu=self.machine.unified,
            parts=self.fit.parts(setup),
            warning="" if self.pooling or setup.context >= AGENT else too_short(setup.context, AGENT),
        )

    # -- context -------------------------------------------------------------------------------------------------------

    @property
    def trained(self) -> int:
        """Tokens the model was trained for, stretched as the settings say."""
        return int((self.facts.context_length or UNKNOWN_CONTEXT) * self.rope.factor)

    @property
    def longest(self) -> int:
        """Tokens of context it is given where the settings do not say and memory allows."""
        if not self.pooling:
            return self.trained
        return min(self.trained, ENCODER_CONTEXT if self.facts.encoder else DECODER_CONTEXT)

    def _context(self) -> int:
        """Tokens of one slot."""
        if isinstance(self.settings.context, int):
            return self._asked(self.settings.context)
        fits = self._largest(self._holds)
        if fits < min(FLOOR, self.longest):
            raise no_memory(self.fit, replace(self.blank, context=min(FLOOR, self.longest)), fits)
        context = max(min(COMFORT, fits), min(fits, self._largest(self._modest)))
        if self.machine.gpus and self.wanted is None:
            whole = self._largest(self.fit.whole)
            context = max(whole, min(context, AGENT))
        self.why.append(f"context {context}: {self._reason(context, fits)}")
        return context

    def _asked(self, asked: int) -> int:
        wanted = min(asked, self.trained)
        if wanted < asked:
            self.why.append(
                f"context {wanted}: the model was trained for no more (asked: {asked}); "
                'rope_scaling = "yarn" stretches it, at some cost of quality'
            )
        elif self.rope.factor > 1:
            self.why.append(f"context {wanted}: as the settings say, stretched {self.rope.factor:g} times")
        else:
            self.why.append(f"context {wanted}: as the settings say")
        setup = replace(self.blank, context=wanted)
        if not self._holds(setup):
            raise no_memory(self.fit, setup, self._largest(self._holds))
        return wanted

    def _largest(self, holds: Callable[[Setup], bool]) -> int:
        return self.fit.largest(self.blank, self.longest, holds)

    def _holds(self, setup: Setup) -> bool:
        """Whether there is memory for a context, whichever way windowed layers are kept."""
        return self.fit(setup) or ((full := self._keeping_all(setup)) is not None and self.fit(full))

    def _modest(self, setup: Setup) -> bool:
        """Whether a context leaves memory to other conversations."""
        nothing = replace(setup, context=0)
        return self.fit.cost(setup, nothing) <= SHARE * self.fit.spare(nothing)

    def _reason(self, context: int, fits: int) -> str:
        trained = f"(the model was trained for {self.trained})"
        if context == self.trained:
            return "what the model was trained for"
        if context == self.longest:
            return f"enough for one text to embed {trained}"
        if context == fits:
            return f"memory allows no more {trained}"
        if self.machine.gpus:
            return f"so that {'all' if context > AGENT else 'most'} of it is on the graphics card {trained}"
        return f"what is longer would leave no memory to other conversations and models {trained}"

    # -- what keeps prompts reusable -----------------------------------------------------------------------------------

    def _forgets(self, swa_full: bool) -> bool:
        """Whether it cannot be wound back to any earlier token (P78)."""
        return not self.pooling and (self.facts.recurrent or (self.facts.windows and not swa_full))

    def _windows(self, setup: Setup) -> Setup:
        """Windowed layers that keep everything find every prefix again; else checkpoints must do, which may take more
        of the machine's memory where the layers are on a graphics card.
        """
        full = self._keeping_all(setup)
        dear = full and self.fit(setup) and self.fit.cost(full, setup) > self.fit.spare(setup) // 4
        if full is None or dear or not self.fit(full):
            return setup
        self.why.append("windowed layers keep everything: a prompt that others share is read once")
        return full

    def _keeping_all(self, setup: Setup) -> Setup | None:
        """The same with windowed layers that keep everything; None where it is not to be chosen."""
        windowed = self.facts.windows and not self.pooling and setup.context > self.facts.sliding_window
        if not windowed or self.settings.swa_full != "auto":
            return None
        return replace(setup, swa_full=True, checkpoints=LEAST_CHECKPOINTS if self.facts.recurrent else 0)

    def _checkpoints(self, setup: Setup) -> Setup:
        if not setup.checkpoints:
            return setup
        size = checkpoint(self.facts, setup)
        more = self.fit.left(setup) // 4 // (max(1, size) * setup.slots)
        count = min(CHECKPOINTS, LEAST_CHECKPOINTS + more)
        kept = "its states" if self.facts.recurrent else "its windows"
        self.why.append(f"{count} checkpoints a slot, {size / MIB:.1f} MiB each: {kept} cannot be wound back")
        return replace(setup, checkpoints=count)

    def _slots(self, setup: Setup) -> Setup:
        """Further slots, each a conversation that stays warm, from a third of what is free after one."""
        if self.pooling or self.settings.slots != "auto":
            return setup
        spare, layers = self.fit.spare(setup), self.fit.place(setup).layers
        for count in range(SLOTS, 1, -1):
            wider = replace(setup, slots=count)
            if self.fit.cost(wider, setup) * 3 <= spare and self.fit(wider) and self.fit.place(wider).layers >= layers:
                self.why.append(f"{count} slots: so many conversations stay warm, each with a context of its own")
                return wider
        self.why.append("1 slot: a second one would take more than a third of what is free")
        return setup

    def _cache_ram(self, setup: Setup) -> int:
        """Memory for prompts that no slot holds. llama.cpp keeps one whatever its size, so one must fit, or none is."""
        if isinstance(self.settings.cache_ram, int):
            return min(self.settings.cache_ram, self.fit.left(setup))
        if self.pooling:
            return 0
        one = slot_cache(self.facts, setup) + states(self.facts) + setup.checkpoints * checkpoint(self.facts, setup)
        room = min(CACHE_RAM, self.fit.left(setup) // 2) // MIB * MIB
        if room < one:
            return 0
        self.why.append(f"{room // MIB} MiB of memory for prompts that were read")
        return room

    # -- the rest ------------------------------------------------------------------------------------------------------

    def _pooling(self) -> str:
        """How it makes embeddings; empty where it chats."""
        embeds = self.facts.embeds if self.settings.embeddings is None else self.settings.embeddings
        if not embeds:
            return ""
        known = self.facts.pooling in ("mean", "cls", "last")
        said = f"the file says {self.facts.pooling}" if known else "mean, as the file does not say how"
        self.why.append(f"embeddings: {said}")
        return self.facts.pooling if known else "mean"

    def _say_layers(self, placed: Placement) -> None:
        if self.machine.unified and placed.layers:
            self.why.append("all layers on the graphics card, which shares this memory")
        elif self.machine.gpus:
            whole = placed.layers > self.facts.layers
            said = "all layers" if whole else f"{placed.layers} of {self.facts.layers} layers"
            reason = "they fit" if whole else "its memory holds no more"
            self.why.append(f"{said} on the graphics card: {reason if self.wanted is None else 'as the settings say'}")
