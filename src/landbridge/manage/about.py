"""What this program is made of: its version, the engine's build, and what its files take."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec import Struct

from .. import __version__
from ..config import Config
from ..config.secret import showable
from ..engines.fingerprint import build_of
from ..engines.hardware import Gpu
from ..engines.machine import accelerated, cores, nvidia

LICENCE = "Apache-2.0"
ASK = (
    "import json, xllamacpp as x; print(json.dumps([x.BUILD_INFO, x.get_system_info(), "
    "[[d['name'], d['description'], d['type'].name] for d in x.get_device_info()]]))"
)
"""Asked of a process of its own: the engine is a large library, which the router does not load."""
ASK_SECONDS = 60.0
MANY = 200_000
"""Files that are counted in one folder; more are no reason to keep somebody waiting."""


class Device(Struct):
    """Something the engine can compute on."""

    name: str
    description: str
    kind: str
    """`cpu`, `gpu`, `igpu`, `accel`."""


class EngineBuild(Struct, kw_only=True):
    """The engine of local models."""

    name: str
    version: str = ""
    target: str = ""
    """System and processor it was built for."""
    compiler: str = ""
    instructions: list[str] = []
    """Of the processor, that it uses: `AVX2`, `NEON`."""
    devices: list[Device] = []
    gpu: bool = False
    """Whether it can use a graphics card of this machine."""
    fault: str = ""
    """Why there is none."""


class Place(Struct):
    """A file or folder of the data."""

    name: str
    path: str
    bytes: int
    files: int


class About(Struct, kw_only=True):
    """The whole."""

    version: str
    licence: str
    python: str
    system: str
    settings_file: str
    data_folder: str
    places: list[Place]
    """What is in the data folder, the largest first."""
    free: int
    """Bytes free on its disk."""
    ledger: str
    """Where the ledger is, without a password."""
    engine: EngineBuild
    cores: int
    gpus: list[Gpu]


def about(config: Config, config_path: Path, data_dir: Path) -> About:
    """Look at everything. Takes a second the first time."""
    url = config.store.url
    return About(
        version=__version__,
        licence=LICENCE,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} ({platform.machine()})",
        settings_file=str(config_path),
        data_folder=str(data_dir),
        places=places(data_dir),
        free=_free(data_dir),
        ledger=str(showable(("store", "url"), url)) if url else str(data_dir / "landbridge.db"),
        engine=engine_build(config.engine.command),
        cores=cores(),
        gpus=list(nvidia()),
    )


def places(data_dir: Path) -> list[Place]:
    """What is in the data folder, the largest first."""
    found = []
    with suppress(OSError):
        for each in data_dir.iterdir():
            size, files = _size(each)
            found.append(Place(each.name, str(each), size, files))
    return sorted(found, key=lambda place: (-place.bytes, place.name))


def _size(path: Path) -> tuple[int, int]:
    """Bytes and files at and below `path`; links within are not followed."""
    size = files = 0
    with suppress(OSError):
        if not path.is_dir():
            return path.lstat().st_size, 1
        for folder, _, names in os.walk(path):
            for name in names:
                with suppress(OSError):
                    size += Path(folder, name).lstat().st_size
                    files += 1
            if files > MANY:
                break
    return size, files


def _free(folder: Path) -> int:
    import shutil

    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return 0


def engine_build(command: list[str] | None) -> EngineBuild:
    """The engine that runs local models: the built-in one, or the system's own."""
    return EngineBuild(name=command[0], version=_version(command), gpu=True) if command else built_in()


@cache
def built_in() -> EngineBuild:
    """The built-in engine; asked once."""
    try:
        done = subprocess.run(  # noqa: S603 - our own line
            [sys.executable, "-c", ASK], capture_output=True, timeout=ASK_SECONDS, check=True
        )
        build, system, devices = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        return EngineBuild(name="llama.cpp", fault=f"it cannot be asked ({type(error).__name__})")
    found = [Device(name, description, kind.rpartition("_")[2].lower()) for name, description, kind in devices]
    return EngineBuild(
        name="llama.cpp (xllamacpp)",
        version=build_of(None),
        target=str(build.get("build_target", "")),
        compiler=str(build.get("compiler", "")),
        instructions=instructions(system),
        devices=found,
        gpu=any("gpu" in device.kind for device in found) or (sys.platform == "darwin" and accelerated()),
    )


def instructions(said: str) -> list[str]:
    """`CPU : SSE3 = 1 | AVX2 = 1 | OPENMP = 1 |` to the names of what is used."""
    named = (part.rpartition(":")[2].partition("=") for part in said.split("|"))
    return [name.strip() for name, _, value in named if value.strip() not in ("", "0")]


def _version(command: list[str]) -> str:
    """What a system's own `llama-server` says it is."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - the program of the settings
            [command[0], "--version"], capture_output=True, timeout=5, text=True, check=False
        )
        for line in (done.stderr + done.stdout).splitlines():
            if line.startswith("version:"):
                return line.removeprefix("version:").strip()
    return ""
