"""What is remembered of a model beside its file: `smollm2.json`. Read and written here, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from ..errors import ConfigFault, ModelUnusable

LONGEST_NAME = 100


class Manifest(Struct, omit_defaults=True):
    """What is remembered of a model."""

    source: str
    size: int
    """Bytes of all its pieces."""
    sha256: str = ""
    """Of the file, or of the sums of its pieces; empty where nobody knows it."""
    path: str = ""
    """Where it is, if not in the library."""
    files: tuple[str, ...] = ()
    """Its pieces in the folder of its name, if it is more than one file."""
    projector: str = ""
    """The file with which it sees pictures: in the folder of its name, or where it is."""
    tool: str = ""
    """The program whose file it is."""
    licence: str = ""

    def model_path(self, name: str, library: Path) -> Path:
        """The file the engine is given."""
        if self.path:
            return Path(self.path)
        return library / name / self.files[0] if self.files else library / f"{name}.gguf"

    def projector_path(self, name: str, library: Path) -> Path | None:
        """The projector's file."""
        return library / name / self.projector if self.projector else None  # a whole path stays as it is


def read(path: Path) -> Manifest | None:
    """The manifest in `path`; None if there is none. Raises `ModelUnusable` for a damaged one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        raise ModelUnusable(
            f"The manifest of '{path.stem}' is damaged ({error}).",
            remedy=f"Run: landbridge models rm {path.stem}, then pull.",
        ) from error


def write(manifest: Manifest, path: Path, draft: Path) -> None:
    """Put it into `path`, whole or not at all, by way of `draft`: a file only we can read, on the disk by then."""
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def check_name(name: str) -> None:
    """Raise `ConfigFault` for what cannot be a model's name: it is also the name of its files."""
    if not is_name(name):
        raise ConfigFault(
            f"'{name}' cannot be a model's name.",
            remedy="Use letters, digits, dots and dashes, without .gguf or .json at the end (--name).",
        )


def is_name(name: str) -> bool:
    """Whether a model may be called so."""
    plain = all(letter.isalnum() or letter in "._-" for letter in name)
    file = name.lower().endswith((".gguf", ".json"))  # a folder of that name would be taken for another model's file
    return plain and not file and not name.startswith((".", "-")) and 0 < len(name) <= LONGEST_NAME
