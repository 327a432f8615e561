"""What a router that has just started does beside: it loads what its first request would wait for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ..engines.library import Library
from ..engines.machine import look
from ..errors import GatewayError
from ..wire.dialects import dialect

USUAL = ("anthropic", "openai_chat")
"""Claude Code's dialect and the engines'."""
PAUSE = 0.05
"""Seconds between two models: requests go before."""

log = logging.getLogger("landbridge")


def limber(library: Library, over: Callable[[], bool]) -> None:
    """Load the usual dialects and, where there are local models, what they are planned from. For a thread of its own;
    it ends early when it is `over`.
    """
    for name in USUAL:
        dialect(name)
    names = library.names()
    if names:
        look()
    for name in names:
        if over():
            return
        try:
            library.find(name)
        except GatewayError as fault:  # whoever asks for it is told
            log.debug("%s: %s", name, fault.message)
        time.sleep(PAUSE)
