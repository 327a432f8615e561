"""What llama.cpp is told: parameters for our worker, or the command line of a system's own llama-server. Pure.

Both say the same from one list, so that one can stand in for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ..config import ModelSettings
from ..errors import ConfigFault
from .companions import Companions
from .needs import MIB
from .stretch import Rope

HOST = "127.0.0.1"
POOLINGS = {"mean": 1, "cls": 2, "last": 3}
"""llama.cpp's numbers for how the vectors of tokens become one."""
CACHE_TYPES = {
    "f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8, "iq4_nl": 20, "bf16": 30,
}  # fmt: skip
FLASH = {"auto": -1, "off": 0, "on": 1}
ROPES = {"none": 0, "linear": 1, "yarn": 2}
DRAFT_SIMPLE = 1
"""llama.cpp's numbers for the same words."""
CHECKPOINT_STEP = 256
"""Fewest tokens between two checkpoints."""
CONTROL_THREADS = 4
"""HTTP threads beside one per slot, for health and counting while all slots are busy."""

OURS = frozenset({"model.path", "hostnames", "port", "api_keys", "cors_origins", "cors_credentials", "ssl_file_key"})
"""Parameters no setting may change: they keep the engine private."""
OUR_FLAGS = frozenset({"m", "model", "host", "port", "api-key", "api-key-file", "cors-origins"})


class Run(Struct, frozen=True):
    """What one engine process is to run: the outcome of planning."""

    path: Path
    """The model file."""
    context: int
    """Tokens, all slots together."""
    threads: int
    batch: int
    gpu_layers: int
    template: str
    """Text of a chat template; empty: the file's own."""
    settings: ModelSettings
    pooling: str = ""
    """How it makes embeddings; empty: it chats."""
    prompts: Path | None = None
    """Folder of saved prompts; None where none are saved."""
    slots: int = 1
    ubatch: int = 512
    flash: str = "auto"
    cache_k: str = "f16"
    cache_v: str = "f16"
    swa_full: bool = False
    checkpoints: int = 0
    """Of each slot; 0 where the model can be wound back without."""
    cache_ram: int = 0
    """Bytes of memory for prompts that no slot holds."""
    rope: Rope = Rope()
    companions: Companions = Companions()
    companion_layers: int = 0
    """Layers of the draft model on the graphics card, and whether the projector goes there."""

    @property
    def checkpoint_step(self) -> int:
        """Tokens between two checkpoints: all of them reach over the whole context."""
        return max(CHECKPOINT_STEP, self.context // self.slots // max(1, self.checkpoints))

    @property
    def whole_batch(self) -> int:
        """The batch, with room for a token of each slot: llama.cpp ends itself where there is none."""
        return max(self.batch, self.slots)

    @property
    def physical_batch(self) -> int:
        """Tokens computed at once. A text to embed must fit into it."""
        return self.whole_batch if self.pooling else min(self.whole_batch, max(self.ubatch, min(self.slots, 512)))


def write_params(run: Run, key: str) -> dict[str, object]:
    """Parameters by llama.cpp's own names, for `xllamacpp.CommonParams`. Raises `ConfigFault` for a forbidden one."""
    _forbid(run.settings.extra, OURS)
    params: dict[str, object] = {param: value for param, value, _ in _told(run)}
    params |= {
        "fit_params": False,  # the plan has decided what fits
        "kv_unified": False,  # a slot's context is its own: no conversation pushes out another
        "n_threads_http": run.slots + CONTROL_THREADS,
        "hostnames": [HOST],
        "port": 0,
        "api_keys": [key],
        "cors_origins": "",
        "cors_credentials": False,
    }
    if run.template:
        params["chat_template"] = run.template
    return {**params, **run.settings.extra}


def write_argv(command: Sequence[str], run: Run, key_file: Path, template_file: Path | None) -> tuple[str, ...]:
    """A llama-server's command line. The key stands in a file: other users can read command lines."""
    _forbid(run.settings.extra, OUR_FLAGS)
    argv = [*command, *(str(word) for _, _, words in _told(run) for word in words)]
    argv += ["--host", HOST, "--port", "0", "--api-key-file", str(key_file), "--jinja"]
    if template_file is not None:
        argv += ["--chat-template-file", str(template_file)]
    for name, value in run.settings.extra.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return tuple(argv)


Told = Iterator[tuple[str, object, tuple[object, ...]]]
"""A parameter, its value, and the words that say the same on a command line. There are none for what is llama-server's
own default: older ones do not know all of it.
"""


def _told(run: Run) -> Told:
    """What both are told."""
    yield "model.path", str(run.path), ("-m", run.path)
    yield "n_ctx", run.context, ("-c", run.context)
    yield "n_parallel", run.slots, ("-np", run.slots)
    yield "n_batch", run.whole_batch, ("-b", run.whole_batch)
    yield "n_ubatch", run.physical_batch, ("-ub", run.physical_batch)
    yield "cpuparams.n_threads", run.threads, ("-t", run.threads)
    yield "cpuparams_batch.n_threads", run.threads, ()
    yield "n_gpu_layers", run.gpu_layers, ("-ngl", run.gpu_layers)
    yield "endpoint_slots", True, ("--slots",)
    yield "ui", False, ("--no-webui",)
    yield from _caches(run)
    yield from _stretched(run.rope)
    yield from _beside(run.companions, run.companion_layers, run.threads)
    if run.pooling:
        yield "embedding", True, ("--embeddings",)
        yield "pooling_type", POOLINGS[run.pooling], ("--pooling", run.pooling)


def _caches(run: Run) -> Told:
    """How the cache is kept, and how a prompt is found again in it."""
    yield "cache_ram_mib", run.cache_ram // MIB, ("--cache-ram", run.cache_ram // MIB)
    yield "flash_attn_type", FLASH[run.flash], ("-fa", run.flash) if run.flash != "auto" else ()
    yield "cache_type_k", CACHE_TYPES[run.cache_k], ("-ctk", run.cache_k) if run.cache_k != "f16" else ()
    yield "cache_type_v", CACHE_TYPES[run.cache_v], ("-ctv", run.cache_v) if run.cache_v != "f16" else ()
    yield "swa_full", run.swa_full, ("--swa-full",) if run.swa_full else ()
    yield "n_ctx_checkpoints", run.checkpoints, ("--ctx-checkpoints", run.checkpoints) if run.checkpoints else ()
    if run.checkpoints:
        yield "checkpoint_min_step", run.checkpoint_step, ()
    if run.prompts is not None:
        yield "slot_save_path", f"{run.prompts}/", ("--slot-save-path", f"{run.prompts}/")


def _stretched(rope: Rope) -> Told:
    if rope.kind:
        yield "rope_scaling_type", ROPES[rope.kind], ("--rope-scaling", rope.kind)
        yield "rope_freq_scale", 1 / rope.factor, ("--rope-scale", f"{rope.factor:g}")
    if rope.original:
        yield "yarn_orig_ctx", rope.original, ("--yarn-orig-ctx", rope.original)


def _beside(beside: Companions, layers: int, threads: int) -> Told:
    """Draft model, projector and adapters."""
    if beside.draft is not None:
        draft = "speculative.draft"
        yield "speculative.types", [DRAFT_SIMPLE], ()
        yield f"{draft}.mparams.path", str(beside.draft), ("-md", beside.draft)
        yield f"{draft}.n_gpu_layers", layers, ("-ngld", layers)
        yield f"{draft}.cpuparams.n_threads", threads, ()
        yield f"{draft}.cpuparams_batch.n_threads", threads, ()
    if beside.projector is not None:
        yield "mmproj.path", str(beside.projector), ("--mmproj", beside.projector)
        yield "mmproj_use_gpu", layers > 0, () if layers else ("--no-mmproj-offload",)
    if beside.adapters:
        words = [
            word
            for path, scale in beside.adapters
            for word in (("--lora", path) if scale == 1 else ("--lora-scaled", f"{path}:{scale:g}"))
        ]
        yield "lora_adapters", [[str(path), scale] for path, scale in beside.adapters], tuple(words)


def _forbid(extra: Mapping[str, object], ours: frozenset[str]) -> None:
    if taken := sorted(ours & extra.keys()):
        raise ConfigFault(
            f"The engine setting '{taken[0]}' cannot be changed under `extra`.",
            remedy="Remove it: landbridge sets it itself, so that only landbridge can reach the engine.",
        )
