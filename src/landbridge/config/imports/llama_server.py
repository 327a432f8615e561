"""The command line of `llama-server` as settings of a model: what landbridge sets itself, carries, or leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from .carried import Gathering, number

Meant = Callable[[str], Any]
"""A flag's value -> the setting's; None: as it is without the flag."""


def is_llama_server(words: list[str]) -> bool:
    """Whether a command runs llama.cpp's server, as a program of this machine."""
    return PurePath(words[0]).name.removesuffix(".exe").startswith("llama-server")


def _count(text: str) -> int | None:
    found = number(text)
    return int(found) if found is not None and found > 0 else None


def _layers(text: str) -> int | None:
    found = number(text)
    return int(found) if found is not None and found >= 0 else None


def _switch(text: str) -> str | None:
    return {"on": "on", "1": "on", "true": "on", "": "on", "off": "off", "0": "off", "false": "off"}.get(text.lower())


def _mebibytes(text: str) -> int | None:
    found = number(text)
    return int(found * 1024**2) if found is not None and found >= 0 else None


def _text(text: str) -> str | None:
    return text or None


def _repository(text: str) -> str | None:
    return f"hf:{text}" if text else None


FLAGS: dict[tuple[str, ...], tuple[str, Meant]] = {
    ("-m", "--model"): ("source", _text),
    ("-mu", "--model-url"): ("source", _text),
    ("-hf", "-hfr", "--hf-repo"): ("source", _repository),
    ("-c", "--ctx-size"): ("context", _count),
    ("-np", "--parallel"): ("slots", _count),
    ("-ngl", "--gpu-layers", "--n-gpu-layers"): ("gpu_layers", _layers),
    ("-t", "--threads"): ("threads", _count),
    ("-b", "--batch-size"): ("batch", _count),
    ("-ub", "--ubatch-size"): ("ubatch", _count),
    ("-fa", "--flash-attn"): ("flash_attention", _switch),
    ("-ctk", "--cache-type-k"): ("cache_type_k", _text),
    ("-ctv", "--cache-type-v"): ("cache_type_v", _text),
    ("-cram", "--cache-ram"): ("cache_ram", _mebibytes),
    ("--rope-scaling",): ("rope_scaling", _text),
    ("--rope-scale",): ("rope_factor", number),
    ("--yarn-orig-ctx",): ("rope_original_context", _count),
    ("-md", "--model-draft"): ("draft", _text),
    ("--mmproj", "-mm"): ("projector", _text),
    ("-n", "--predict", "--n-predict"): ("max_output", _count),
    ("--chat-template-file",): ("template", _text),
}
"""Flags that have a setting."""
ALONE = {"--embedding": ("embeddings", True), "--embeddings": ("embeddings", True), "--swa-full": ("swa_full", True)}
"""Flags without a value that have a setting."""
OURS = frozenset(
    {
        *(
            "--port",
            "--host",
            "--jinja",
            "--api-key",
            "-a",
            "--alias",
            "--slots",
            "--metrics",
            "--no-webui",
            "--no-warmup",
        ),
        *(
            "--log-disable",
            "-v",
            "--verbose",
            "--cont-batching",
            "-cb",
            "--props",
            "--reasoning-format",
            "--log-colors",
        ),
    }
)
"""Flags that landbridge sets itself, or that mean nothing for it."""
_NAMES = {name: about for names, about in FLAGS.items() for name in names}


def engine_settings(words: list[str], at: str, into: Gathering) -> dict[str, Any]:
    """The settings of the model that `words` serve."""
    found: dict[str, Any] = {}
    for flag, values in _flags(words[1:]):
        value = values[0] if values else ""
        if flag in _NAMES:
            key, meant = _NAMES[flag]
            carried = meant(value)
            if carried is not None:
                found[key] = carried
        elif flag in ALONE:
            key, carried = ALONE[flag]
            found[key] = carried
        elif flag == "--lora" and values:
            found.setdefault("lora", {})[value] = 1.0
        elif flag == "--lora-scaled" and len(values) > 1:
            found.setdefault("lora", {})[value] = number(values[1]) or 1.0
        elif flag not in OURS:
            into.note(f"{at}.cmd {flag}", "no setting of its own; the engine's own names go under `extra`")
    slots = found.get("slots", 1)
    if "context" in found and slots > 1:
        found["context"] = max(1, found["context"] // slots)
        into.note(f"{at}.cmd -c", f"each of {slots} slots has its share of it: {found['context']}")
    return found


def _flags(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each flag with the values behind it."""
    flag, values = "", list[str]()
    for word in words:
        if word.startswith("-") and number(word) is None:
            if flag:
                yield flag, values
            name, equals, value = word.partition("=")
            flag, values = name, [value] if equals else []
        else:
            values.append(word)
    if flag:
        yield flag, values
