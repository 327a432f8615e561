"""Prints the fastest Python of this machine that can make a virtual environment; run by the first one there is.

Builds of the same version differ (pyenv's are made without optimisation unless told otherwise), and a router is as fast
as its interpreter. Another one than ours must be clearly faster to be worth a surprise.
"""

import subprocess
import sys
from collections.abc import Callable

NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
PLACES = ("/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3")
ROUNDS = 4
CLEARLY = 1.25

WHERE = """
import sys
if sys.version_info < (3, 11): sys.exit(1)
import ensurepip, os, venv
print(os.path.realpath(sys.executable))
"""
PACE = """
import time
class Counter:
    __slots__ = ("count",)
    def __init__(self, count): self.count = count
    def more(self): return self.count + 1
def work():
    seen, total = {}, 0
    for number in range(4_000):
        seen[number % 100] = text = str(number)
        total += Counter(number).more() + text.startswith("1")
def took():
    began = time.process_time()
    work()
    return time.process_time() - began
print(min(took() for _ in range(20)))
"""


def said(python: str, program: str) -> str:
    """What `program` prints there; empty if it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - Pythons of this machine
            [python, "-c", program], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def fastest(pythons: list[str], pace: Callable[[str], float]) -> str:
    """The one with the least `pace`; the first, where none is clearly faster. In turns: machines change their speed."""
    least = dict.fromkeys(pythons, float("inf"))
    for _ in range(ROUNDS if len(pythons) > 1 else 0):
        for python in pythons:
            least[python] = min(least[python], pace(python))
    best = min(pythons, key=least.__getitem__)
    return best if least[best] * CLEARLY < least[pythons[0]] else pythons[0]


def main() -> None:
    """Ours comes first, if it can do it."""
    found = (said(python, WHERE) for python in (sys.executable, *NAMES, *PLACES))
    pythons = list(dict.fromkeys(place for place in found if place))
    if not pythons:
        sys.exit(1)
    print(fastest(pythons, lambda python: float(said(python, PACE) or "inf")))


if __name__ == "__main__":
    main()
