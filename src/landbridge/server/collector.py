"""The cycle collector, told what stays: the modules are there until the program ends.

A full collection looks at every object of every module, and nothing is answered while it does. Exchanges leave no
cycles behind (`tests/gateway/test_exchange_garbage.py`), so there is little to be found among what is new, either.
"""

from __future__ import annotations

import gc

YOUNG = 10_000
"""New objects after which the young ones are looked at; Python's own number is 700, less than a few exchanges hold."""


def leave_alone_what_stays() -> None:
    """Call once, when the modules are loaded."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
