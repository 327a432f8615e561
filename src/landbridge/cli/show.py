"""What commands print: data on stdout (text or JSON), everything said to the user on stderr, errors as one sentence.

Exit codes: 0 done, 1 failure, 2 usage or settings, 3 could not start.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import msgspec

from ..errors import ConfigFault, GatewayError, StartFailed

FAILURE, USAGE, NOT_STARTED, INTERRUPTED = 1, 2, 3, 130


def say(text: str) -> None:
    """Tell the user something beside the data."""
    print(f"landbridge: {text}", file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def fail(error: BaseException) -> int:
    """Say what went wrong and give the exit code; the traceback only where `LANDBRIDGE_DEBUG=1` asks for it."""
    if os.environ.get("LANDBRIDGE_DEBUG") == "1":
        traceback.print_exception(error)
    if isinstance(error, GatewayError):
        say(error.text)
    else:
        say(f"Unexpected error: {type(error).__name__}: {error}. LANDBRIDGE_DEBUG=1 shows where.")
    return exit_code(error)


def exit_code(error: BaseException) -> int:
    """The exit code of an error."""
    if isinstance(error, ConfigFault):
        return USAGE
    return NOT_STARTED if isinstance(error, StartFailed) else FAILURE
