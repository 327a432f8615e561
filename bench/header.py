"""Reading a model's facts: our reader beside the gguf package, each in a fresh process: `python -m bench.header`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from . import table
from .engine import model_file

READ = """
import json, resource, sys, time
began = time.perf_counter()
{code}
print(json.dumps([time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3]))
"""
WAYS = {
    "engines/gguf.py": "from pathlib import Path\nfrom landbridge.engines.gguf import read_facts\n"
    "read_facts(Path(sys.argv[1]))",
    "the gguf package": "from gguf import GGUFReader\nGGUFReader(sys.argv[1]).fields",
}


def measure(code: str, path: str) -> tuple[float, float]:
    """Seconds with imports, and the largest memory in MB."""
    command = [sys.executable, "-c", READ.format(code=code), path]
    seconds, memory = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return float(seconds), float(memory)


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    path = str(model_file().path)
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _ in range(asked.rounds):
        for name, code in WAYS.items():
            figures[name].append(measure(code, path))
    rows = [
        {
            "reader": name,
            "s, imports included": table.spread([seconds for seconds, _ in pairs]),
            "largest memory, MB": f"{statistics.median(memory for _, memory in pairs):.0f}",
        }
        for name, pairs in figures.items()
    ]
    table.show("header", "python -m bench.header", rows, asked)


if __name__ == "__main__":
    main()
