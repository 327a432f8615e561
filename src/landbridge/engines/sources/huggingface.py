"""A model of a Hugging Face repository: one quantisation, all its pieces, and the projector beside it.

`hub.py` asks which file is meant and where it lies; the bytes come by `url.py`, because its downloads go on where they
stopped, from whatever place and after whatever end.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from . import Fetched, Piece, Progress, Report, parts
from .hub import Repository, locate, look
from .url import download
from .variants import HubFile, choose, projector, variants


def fetch(source: str, folder: Path, size: int | None, report: Report) -> Fetched:
    """The downloaded files in `folder`, with the hashes the hub has for them."""
    name, quantisation, revision = parts(source)
    repository = look(name, revision)
    chosen = choose(variants(repository.files), name, quantisation)
    eyes = projector(repository.files)
    files = (*chosen.files, eyes) if eyes is not None else chosen.files
    _forget_others(folder, files)
    total = sum(file.size for file in files) or size
    report(Progress(sum(_come(folder, file) for file in files), total, chosen.label))
    pieces: list[Piece] = []
    done = 0
    for number, file in enumerate(files, start=1):
        note = _plain(file) if len(files) == 1 else f"{chosen.label}, file {number} of {len(files)}"
        pieces.append(_one(repository, file, folder, _behind(report, done, total, note)))
        done += pieces[-1].path.stat().st_size
    at = f"@{revision}" if revision else ""
    return Fetched(
        tuple(pieces[: len(chosen.files)]),
        projector=pieces[-1] if eyes is not None else None,
        source=f"hf:{name}:{quantisation or chosen.label}{at}",
    )


def _one(repository: Repository, file: HubFile, folder: Path, report: Report) -> Piece:
    target = folder / _plain(file)
    if target.exists():
        return Piece(target, file.sha256)
    place = locate(repository, file)  # only now: such addresses are good for an hour
    return Piece(download(place.address, target, report, place.authorization, place.sha256), place.sha256)


def _behind(report: Report, before: int, total: int | None, note: str) -> Report:
    """Progress of one file as progress of all."""

    def tell(progress: Progress) -> None:
        whole = total if total else progress.total
        report(Progress(before + progress.done, whole, note))

    return tell


def _forget_others(folder: Path, files: tuple[HubFile, ...]) -> None:
    """What has come of files that are no longer what the repository has under their names is of no use."""
    record = folder / "files.json"
    try:
        known = msgspec.json.decode(record.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        known = {}
    wanted = {_plain(file): file.sha256 for file in files}
    for name, sha256 in wanted.items():
        if sha256 and known.get(name, sha256) != sha256:
            for left in (folder / name, folder / f"{name}.partial"):
                left.unlink(missing_ok=True)
    record.write_bytes(msgspec.json.encode(wanted))


def _come(folder: Path, file: HubFile) -> int:
    """Bytes of it that are there."""
    for path in (folder / _plain(file), folder / f"{_plain(file)}.partial"):
        if path.exists():
            return path.stat().st_size
    return 0


def _plain(file: HubFile) -> str:
    """Its name without the folders of the repository; pieces of a model lie in the same one."""
    return file.name.rsplit("/", 1)[-1]
