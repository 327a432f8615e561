"""What flash attention and small batches cost a processor: `python -m bench.attention`.

The engine alone reads a prompt with one thread, with flash attention and without, in batches as landbridge chooses them
and in llama.cpp's own. CPU is that of the whole process by the operating system's accounting.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from landbridge.config import ModelSettings

from . import table
from .engine import model_file, params, start_bare
from .runtime import Door, prompt

CONTEXT, TOKENS = 4096, 2000
WAYS = ((False, 16), (False, 512), (True, 16), (True, 64), (True, 512))
"""Flash attention, and tokens of a batch. The first is landbridge's own with one thread, the last llama.cpp's."""
FLASH = {False: 0, True: 1}


def cost(folder: Path, flash: bool, batch: int) -> float:
    """Seconds of CPU that an engine needs to read the prompt."""
    given = params(ModelSettings(context=CONTEXT, threads=1, slots=1), model_file())
    given |= {"flash_attn_type": FLASH[flash], "n_batch": batch, "n_ubatch": batch}
    engine = start_bare(folder, given)
    try:
        before = engine.cpu_seconds()
        Door("bare engine", engine.port, "m", {"authorization": "Bearer bench"}).times(prompt(TOKENS), 1)
        return engine.cpu_seconds() - before
    finally:
        engine.stop()


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    spent: dict[tuple[bool, int], list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.rounds):
            for flash, batch in WAYS:
                seconds = cost(Path(folder) / f"{number}-{flash}-{batch}", flash, batch)
                spent[flash, batch].append(seconds)
                table.tell(f"flash attention {'on' if flash else 'off'}, batch {batch}: {seconds:.1f} s")
    rows = [
        {
            f"a prompt of {TOKENS:,} tokens": f"flash attention {'on' if flash else 'off'}, batch {batch}",
            "CPU, s": table.spread(found, ".1f"),
            "ratio": f"{statistics.median(a / b for a, b in zip(found, spent[WAYS[0]], strict=True)):.2f}",
        }
        for (flash, batch), found in spent.items()
    ]
    table.show("attention", "python -m bench.attention", rows, asked)


if __name__ == "__main__":
    main()
