"""Each layer imports only what stands below it, and the pure core really does no I/O."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.io

ROOT = Path(__file__).parent.parent
PURE = ("errors", "neutral", "wire", "routing", "engines/states.py", "engines/plan.py")
OUTSIDE = {"asyncio", "socket", "ssl", "subprocess", "aiohttp", "starlette", "uvicorn", "logging", "sqlite3", "httpx"}
"""Modules that nothing pure may load, however indirectly."""


def test_layers() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo", "pyproject.toml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def pure_modules() -> list[str]:
    source = ROOT / "src" / "landbridge"
    named = (source / each for each in PURE)
    files = [
        file
        for path in named
        for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path, path.with_suffix(".py")])
    ]
    modules = (file.relative_to(ROOT / "src").with_suffix("") for file in files if file.is_file())
    return [".".join(module.parts).removesuffix(".__init__") for module in modules]


def test_the_pure_core_loads_nothing_that_does_io() -> None:
    modules = pure_modules()
    assert {"landbridge.errors", "landbridge.neutral.blocks", "landbridge.wire.sse"} <= set(modules)
    script = (
        "import sys, importlib\n"
        "import msgspec, typing, functools\n"  # what msgspec itself loads is not ours
        "before = set(sys.modules)\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(*(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert OUTSIDE & {name.partition(".")[0] for name in done.stdout.split()} == set()
