"""What llama.cpp is told: parameters for our worker, or the command line of a system's own llama-server. Pure.

Both say the same, so that one can stand in for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ..config import ModelSettings
from ..errors import ConfigFault

HOST = "127.0.0.1"
PROMPT_CACHE_MIB = 1024
"""Memory for the prefixes of other conversations (llama.cpp's own default is 8 GiB)."""
CANCEL_SECONDS = 0.4
"""How long a batch of the prompt may take: the engine notices a client that left after the current one and stops after
the next (measured; two of 512 tokens take 9 s on one core)."""
PACE = 12e9
"""Tokens per second of one CPU core, times bytes of the model; the least measured (ENGINE.md has 12 to 23)."""
POOLINGS = {"mean": 1, "cls": 2, "last": 3}
"""llama.cpp's numbers for how the vectors of tokens become one."""
FINEST_BATCH = 32
"""Below this, prompts become noticeably slower; 48 or 64 tokens cost less than 5 % against 512."""
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

    @property
    def whole_batch(self) -> int:
        """The batch, with room for a token of each slot: llama.cpp ends itself where there is none."""
        return max(self.batch, self.settings.slots)

    @property
    def physical_batch(self) -> int:
        """Tokens computed at once. A text to embed must fit into it."""
        return self.whole_batch if self.pooling else min(self.whole_batch, 512)


def cancellable_batch(batch: int, size: int, threads: int) -> int:
    """At most `batch` prompt tokens, and so few that a CPU reads two batches of them within a second (P84)."""
    quick = int(CANCEL_SECONDS * PACE * threads / max(1, size)) // 16 * 16
    return min(batch, max(FINEST_BATCH, quick))


def with_progress(chat_body: bytes) -> bytes:
    """The body with a request for progress events: only by writing them does the engine notice a client that left."""
    return chat_body.rstrip().removesuffix(b"}") + b',"return_progress":true}'


def in_slot(body: bytes, slot: int) -> bytes:
    """The body for one slot, which reuses what it knows of the prompt."""
    return body.removesuffix(b"}") + b',"id_slot":%d,"cache_prompt":true}' % slot


def only_read(tokens: Sequence[int], slot: int) -> bytes:
    """A body for `/completion` that has a slot read tokens and write none."""
    asked = {"prompt": tokens, "n_predict": 0, "id_slot": slot, "cache_prompt": True, "stream": True}
    return msgspec.json.encode({**asked, "return_progress": True})


def write_params(run: Run, key: str) -> dict[str, object]:
    """Parameters by llama.cpp's own names, for `xllamacpp.CommonParams`. Raises `ConfigFault` for a forbidden one."""
    _forbid(run.settings.extra, OURS)
    slots = run.settings.slots
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
        "cache_ram_mib": 0 if run.prompts is not None else PROMPT_CACHE_MIB,  # one who moves prompts is enough
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
        params |= {"embedding": True, "pooling_type": POOLINGS[run.pooling], "cache_ram_mib": 0}
    return {**params, **run.settings.extra}


def write_argv(command: Sequence[str], run: Run, key_file: Path, template_file: Path | None) -> tuple[str, ...]:
    """A llama-server's command line. The key stands in a file: other users can read command lines."""
    _forbid(run.settings.extra, OUR_FLAGS)
    options: dict[str, object] = {
        "-m": run.path,
        "-c": run.context,
        "-np": run.settings.slots,
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
    argv = [*command, *(str(word) for pair in options.items() for word in pair), "--jinja", "--slots", "--no-webui"]
    if run.pooling:
        argv += ["--embeddings", "--pooling", run.pooling]
    for name, value in run.settings.extra.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return tuple(argv)


def _forbid(extra: Mapping[str, object], ours: frozenset[str]) -> None:
    if taken := sorted(ours & extra.keys()):
        raise ConfigFault(
            f"The engine setting '{taken[0]}' cannot be changed under `extra`.",
            remedy="Remove it: landbridge sets it itself, so that only landbridge can reach the engine.",
        )
