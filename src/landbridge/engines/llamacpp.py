"""What llama.cpp is told: parameters for our worker, or the command line of a system's own llama-server. Pure.

Both say the same, so that one can stand in for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    slots = run.slots
    params: dict[str, object] = {
        "model.path": str(run.path),
        "n_ctx": run.context,
        "n_parallel": slots,
        "n_batch": run.whole_batch,
        "n_ubatch": run.physical_batch,
        "cpuparams.n_threads": run.threads,
        "cpuparams_batch.n_threads": run.threads,
        "n_gpu_layers": run.gpu_layers,
        "fit_params": False,  # the plan has decided what fits
        "kv_unified": False,  # a slot's context is its own: no conversation pushes out another
        "cache_ram_mib": run.cache_ram // MIB,
        "n_threads_http": slots + CONTROL_THREADS,
        "endpoint_slots": True,
        "ui": False,
        "hostnames": [HOST],
        "port": 0,
        "api_keys": [key],
        "cors_origins": "",
        "cors_credentials": False,
    }
    if run.template:
        params["chat_template"] = run.template
    if run.prompts is not None:
        params["slot_save_path"] = f"{run.prompts}/"
    if run.pooling:
        params |= {"embedding": True, "pooling_type": POOLINGS[run.pooling]}
    return {**params, **_caches(run), **_stretched(run), **_beside(run), **run.settings.extra}


def _caches(run: Run) -> dict[str, object]:
    """How the cache is kept, and how a prompt is found again in it."""
    params: dict[str, object] = {
        "flash_attn_type": FLASH[run.flash],
        "cache_type_k": CACHE_TYPES[run.cache_k],
        "cache_type_v": CACHE_TYPES[run.cache_v],
        "swa_full": run.swa_full,
        "n_ctx_checkpoints": run.checkpoints,
    }
    if run.checkpoints:
        params["checkpoint_min_step"] = run.checkpoint_step
    return params


def _stretched(run: Run) -> dict[str, object]:
    if not run.rope.kind:
        return {}
    params: dict[str, object] = {"rope_scaling_type": ROPES[run.rope.kind], "rope_freq_scale": 1 / run.rope.factor}
    if run.rope.original:
        params["yarn_orig_ctx"] = run.rope.original
    return params


def _beside(run: Run) -> dict[str, object]:
    """Draft model, projector and adapters."""
    params: dict[str, object] = {}
    beside, layers = run.companions, run.companion_layers
    if beside.draft is not None:
        params |= {
            "speculative.types": [DRAFT_SIMPLE],
            "speculative.draft.mparams.path": str(beside.draft),
            "speculative.draft.n_gpu_layers": layers,
            "speculative.draft.cpuparams.n_threads": run.threads,
            "speculative.draft.cpuparams_batch.n_threads": run.threads,
        }
    if beside.projector is not None:
        params |= {"mmproj.path": str(beside.projector), "mmproj_use_gpu": layers > 0}
    if beside.adapters:
        params["lora_adapters"] = [[str(path), scale] for path, scale in beside.adapters]
    return params


def write_argv(command: Sequence[str], run: Run, key_file: Path, template_file: Path | None) -> tuple[str, ...]:
    """A llama-server's command line. The key stands in a file: other users can read command lines."""
    _forbid(run.settings.extra, OUR_FLAGS)
    options: dict[str, object] = {
        "-m": run.path,
        "-c": run.context,
        "-np": run.slots,
        "-b": run.whole_batch,
        "-ub": run.physical_batch,
        "-t": run.threads,
        "-ngl": run.gpu_layers,
        "--host": HOST,
        "--port": 0,
        "--api-key-file": key_file,
    }
    if template_file is not None:
        options["--chat-template-file"] = template_file
    if run.prompts is not None:
        options["--slot-save-path"] = f"{run.prompts}/"
    options |= _argv_of_caches(run)
    argv = [*command, *(str(word) for pair in options.items() for word in pair), "--jinja", "--slots", "--no-webui"]
    if run.pooling:
        argv += ["--embeddings", "--pooling", run.pooling]
    argv += _argv_beside(run)
    for name, value in run.settings.extra.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return tuple(argv)


def _argv_of_caches(run: Run) -> dict[str, object]:
    """Only what differs from llama-server's own defaults: older ones do not know all of it."""
    options: dict[str, object] = {"--cache-ram": run.cache_ram // MIB}
    if run.flash != "auto":
        options["-fa"] = run.flash
    if run.cache_k != "f16":
        options["-ctk"] = run.cache_k
    if run.cache_v != "f16":
        options["-ctv"] = run.cache_v
    if run.checkpoints:
        options["--ctx-checkpoints"] = run.checkpoints
    if run.rope.kind:
        options |= {"--rope-scaling": run.rope.kind, "--rope-scale": f"{run.rope.factor:g}"}
    if run.rope.original:
        options["--yarn-orig-ctx"] = run.rope.original
    return options


def _argv_beside(run: Run) -> list[str]:
    argv = ["--swa-full"] if run.swa_full else []
    beside, layers = run.companions, run.companion_layers
    if beside.draft is not None:
        argv += ["-md", str(beside.draft), "-ngld", str(layers)]
    if beside.projector is not None:
        argv += ["--mmproj", str(beside.projector), *([] if layers else ["--no-mmproj-offload"])]
    for path, scale in beside.adapters:
        argv += ["--lora", str(path)] if scale == 1 else ["--lora-scaled", f"{path}:{scale:g}"]
    return argv


def _forbid(extra: Mapping[str, object], ours: frozenset[str]) -> None:
    if taken := sorted(ours & extra.keys()):
        raise ConfigFault(
            f"The engine setting '{taken[0]}' cannot be changed under `extra`.",
            remedy="Remove it: landbridge sets it itself, so that only landbridge can reach the engine.",
        )
