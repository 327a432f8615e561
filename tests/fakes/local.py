"""A gateway in this process whose local models are pretend engines (`engine.py`), each behaving as its flags say.

async with local(tmp_path, m="--prefill-seconds 2") as gateway: ...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.engines.bench import FAKE, Bench, plan

from .running import Running


def local(folder: Path, more: str = "", **flags: str) -> Running:
    """A gateway with one local model for each name in `flags`."""
    bench = Bench(folder)
    for name, said in flags.items():
        bench.put(name, said)
    if "[engine]" not in more:
        more += "\n[engine]\n"
    settings = more.replace("[engine]\n", f"[engine]\ncommand = {json.dumps([sys.executable, str(FAKE)])}\n")
    return Running(folder, settings, library=bench, planner=plan, local=tuple(flags))
