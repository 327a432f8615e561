"""Settings of local models and of the engine that runs them. Their texts are the manual, like those of `schema.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from .limits import CacheType, Count, CountOrNone, Seconds, Thinking


class ModelSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Engine settings for one local model."""

    source: str = ""
    """Where the model comes from (`pypi:...`, `hf:org/repo[:quant]`, `https://...`, a path); empty: the catalogue."""
    context: Count | Literal["auto"] = "auto"
    """Tokens of context; `auto` takes what model and memory allow."""
    gpu_layers: CountOrNone | Literal["auto"] = "auto"
    """Layers on the graphics card; `auto` takes as many as its memory holds."""
    threads: Count | Literal["auto"] = "auto"
    """CPU threads; `auto` leaves one core to everything else."""
    slots: Count | Literal["auto"] = "auto"
    """Requests it answers at once. Each slot has a context of its own and keeps a conversation warm; `auto` takes up to
    4, from a third of the memory that is free beside one."""
    batch: Count | Literal["auto"] = "auto"
    """Prompt tokens per batch; also how finely a prompt can be cancelled. `auto`: 512, less where a CPU needs longer
    than half a second for them, 2048 on a graphics card."""
    ubatch: Count | Literal["auto"] = "auto"
    """Prompt tokens computed at once (at most `batch`); `auto`: 512. Larger ones take more memory."""
    flash_attention: Literal["auto", "on", "off"] = "auto"
    """Attention that needs no memory for the scores of all tokens; a quantised `cache_type_v` needs it. `auto`: not
    where a CPU computes fewer than 64 tokens at once, which it does faster without."""
    cache_type_k: CacheType = "f16"
    """Type of the keys in the cache. `q8_0` halves it and slows prompts down on a CPU."""
    cache_type_v: CacheType = "f16"
    """Type of the values in the cache."""
    swa_full: bool | Literal["auto"] = "auto"
    """Whether layers with a sliding window keep everything, so that any prefix is found again; `auto`: where memory
    allows. Else checkpoints are kept to go back to."""
    cache_ram: CountOrNone | Literal["auto"] = "auto"
    """Bytes of memory for prompts that no slot holds; `auto`: none where they are kept on the disk."""
    rope_scaling: Literal["", "none", "linear", "yarn"] = ""
    """How positions are stretched for a `context` beyond what it was trained for; empty: as its file says. Costs
    quality, also of short prompts."""
    rope_factor: Annotated[float, Meta(ge=1, le=1000)] | None = None
    """How many times it is stretched; left out: as many times as `context` needs."""
    rope_original_context: Count | None = None
    """Tokens it was trained for, where its file does not say so."""
    draft: str = ""
    """A small model of the same family that guesses ahead, by name or path; the large one checks its guesses."""
    lora: dict[str, float] = field(default_factory=dict)
    """Adapters (LoRA) by path, each with its scale (1.0)."""
    projector: str = ""
    """Path of a multimodal projector (mmproj), for models that see; empty: the one that came with the model."""
    idle_unload: str = "15m"
    """Unload after this long without a request (`30s`, `15m`, `2h`, `never`)."""
    pin: bool = False
    """Stays in memory once loaded: neither unloaded when idle, nor to make room for another model."""
    background: bool = False
    """Only for small calls in the background: never pushes out a model that others have used lately."""
    command: list[str] | None = None
    """A server of its own for this model instead of llama.cpp: vLLM, SGLang, MLX, whatever speaks OpenAI's API.
    `{port}` stands for `port`, `{key}` for a key that landbridge makes and sends."""
    health: str = "/health"
    """With `command`: path that answers 200 once the server is ready (`/v1/models` where there is no other)."""
    port: Annotated[int, Meta(ge=1, le=65535)] | Literal["auto"] = "auto"
    """With `command`: where the server listens on this machine; `auto` takes a free one."""
    serves: str = ""
    """With `command`: the model's name for the server; empty: the only one that it lists, else the name here."""
    memory: Count | None = None
    """With `command`: bytes of memory that the server takes."""
    max_output: Count | None = None
    """Most tokens of one answer."""
    template: str = ""
    """Path of a chat template (Jinja); empty: the catalogue's for the family, else the file's own."""
    embeddings: bool | None = None
    """Whether it makes embeddings instead of chatting; left out: as its file says."""
    repair: bool = True
    """Put right what it gets wrong in tool calls. Off: answers as they come (for diagnosis)."""
    thinking: Thinking = ""
    """How much it thinks, whatever the client wishes; empty: as it wishes."""
    show_progress: bool | None = None
    """As `server.show_progress`, for this model; left out: as that says."""
    extra: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Further engine parameters by the engine's own names."""


class EngineSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The local engine."""

    command: list[str] | None = None
    """A system's own `llama-server` to use instead of the built-in engine."""
    start_timeout: Seconds = 300.0
    """Seconds a model may take to load."""
    max_restarts: CountOrNone = 3
    """Crashes in a row after which a model is not restarted by itself."""
    max_queue: CountOrNone = 32
    """Requests that may wait for one model; more are refused with 429."""
    memory_limit: Count | None = None
    """Bytes all engines together may use; default: what the machine has, less a reserve."""
    prompt_cache: CountOrNone = 8 * 1024**3
    """Bytes on the disk for prompts that models have read, so that none is read twice, after a restart neither
    ([how](prompt-cache.md)). They hold your conversations, readable by you alone; 0 keeps none."""
