"""Names and words of the format that several of its modules use."""

from __future__ import annotations

from ...neutral.events import Reason
from ..openai_chat.types import FINISH_WRITTEN as CHAT_WORDS

DIALECT = "openai_legacy"

FINISH_WRITTEN = {**CHAT_WORDS, Reason.TOOLS: "stop"}
"""Words of `finish_reason`; there are no tools."""
