"""The allocator keeps what is freed: seen by the faults of a process that copies as a request does."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from landbridge.server import allocator

PROGRAM = """
import resource, sys
from landbridge.server.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    copies = [bytearray(1_000_000) for _ in range(3)]
    del copies
before = faults()
for _ in range(100):
    copies = [bytearray(1_000_000) for _ in range(3)]
    del copies
print(faults() - before)
"""


@pytest.mark.io
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the call")
def test_memory_that_was_freed_is_used_again_without_faults() -> None:
    found = {
        name: int(subprocess.run([sys.executable, "-c", PROGRAM, name], capture_output=True, check=True).stdout)
        for name in ("kept", "returned")
    }
    assert found["kept"] < 1000 < found["returned"], found


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocator.keep_freed_memory()


def test_a_c_library_without_the_call_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    monkeypatch.setattr(sys, "platform", "linux")
    assert not allocator.keep_freed_memory()
