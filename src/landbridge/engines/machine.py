"""Looks at the machine: cores, and graphics cards by NVIDIA's own library. No driver, no card; nothing here raises.

The built-in engine of most platforms is made for processors alone. So a card counts only if the engine can use it,
which is asked once, of a process of its own, and only where there is a card.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from .hardware import Gpu, Machine

CPUS = Path("/sys/devices/system/cpu")
CGROUP = Path("/sys/fs/cgroup")
ASK = "import xllamacpp as x; print(any('GPU' in each['type'].name for each in x.get_device_info()))"
ASK_SECONDS = 60.0


def look(command: bool = False) -> Machine:
    """The machine as it is now. `command`: a program of the system's runs the models, and can use what there is."""
    unified = sys.platform == "darwin" and platform.machine() == "arm64"
    gpus = () if unified else tuple(nvidia())
    if gpus and not command and not accelerated():
        gpus = ()
    return Machine(cores=cores(), fast_cores=fast_cores(CPUS), gpus=gpus, unified=unified, memory=memory())


def cores() -> int:
    """Physical cores; fewer, where a container may use fewer."""
    import psutil  # only here: a router that runs no engine does not need it

    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(physical, *_allowed(CGROUP)))


def _allowed(group: Path) -> Iterator[int]:
    """What the process and its container may use."""
    yield len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        quota, period = (group / "cpu.max").read_text().split()
        yield max(1, int(quota) // int(period))


def fast_cores(cpus: Path) -> int:
    """Physical cores of the fast kind, on Linux; 0 where all are alike, or nobody says."""
    fastest: dict[str, int] = {}
    for each in cpus.glob("cpu[0-9]*"):
        with suppress(OSError, ValueError):
            core = (each / "topology" / "core_cpus_list").read_text().strip()
            fastest[core] = int((each / "cpufreq" / "cpuinfo_max_freq").read_text())
    most = max(fastest.values(), default=0)
    fast = sum(speed >= 0.8 * most for speed in fastest.values())  # a favoured core is a few per cent faster
    return fast if 0 < fast < len(fastest) else 0


def memory() -> int:
    """Bytes of memory it has, or the container may use."""
    import psutil

    total = int(psutil.virtual_memory().total)
    with suppress(OSError, ValueError):
        total = min(total, int((CGROUP / "memory.max").read_text()))
    return total


def nvidia(library: Callable[[], Any] | None = None) -> Iterator[Gpu]:
    """NVIDIA's cards, with what is free of their memory now."""
    try:
        nvml = (library or _nvml)()
        nvml.nvmlInit()
    except Exception:  # the library is not there, finds no driver, or not one it knows: no card
        return
    try:
        for number in range(nvml.nvmlDeviceGetCount()):
            with suppress(nvml.NVMLError):
                card = nvml.nvmlDeviceGetHandleByIndex(number)
                said, name = nvml.nvmlDeviceGetMemoryInfo(card), nvml.nvmlDeviceGetName(card)
                yield Gpu(name if isinstance(name, str) else name.decode(), int(said.total), int(said.free))
    finally:
        with suppress(nvml.NVMLError):
            nvml.nvmlShutdown()


def _nvml() -> Any:
    from importlib import import_module

    return import_module("pynvml")


@cache
def accelerated() -> bool:
    """Whether the built-in engine can use a graphics card."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - our own line
            [sys.executable, "-c", ASK], capture_output=True, timeout=ASK_SECONDS, check=True
        )
        return done.stdout.strip().endswith(b"True")
    return False
