"""The C library's allocator keeps what a request freed for the next one, where it would give it back to the system.

An agent's request is copied a few times on its way, each copy of 50 KB to some MB. By default glibc returns memory of
that size as soon as it is free, and asks for it again with the next request: every page is a fault
(`tests/server/test_allocator.py` counts them).
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
"""Names of `mallopt(3)`."""
KEPT = 16 * 1024 * 1024
"""Bytes that may lie free at the top of the heap."""
MAPPED = 4 * 1024 * 1024
"""Larger pieces are still mapped, and given back when they are free."""


def keep_freed_memory() -> bool:
    """Tell glibc; whether there was one to tell. Other C libraries have no such call, or decide well by themselves."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, MAPPED)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT))
