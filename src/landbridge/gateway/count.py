"""How many tokens a prompt has, where nobody can count exactly: an estimate that learns from reported usage.

A local model counts exactly (its own template and tokenizer, `Lease.count`); this is for targets that have no such
endpoint, for `message_start` before the upstream has spoken, and for upstreams that report no usage (P74-P76).
"""

from __future__ import annotations

import base64
import math
import struct

from ..neutral.events import Usage
from ..neutral.parts import Audio, Document, Image, Part, Text, Thinking, ToolCall, ToolResult
from ..neutral.request import HostedTool, Request, Tool

BYTES_PER_TOKEN = 3.6
"""UTF-8 bytes; English prose and code have 3.5-4.2, CJK text 2.5-3.5 with current tokenizers."""
TOKENS_PER_MESSAGE = 4
TOKENS_PER_IMAGE = 1600
"""What a large picture costs where its size is unknown (Anthropic's vision page: width x height / 750, at most about
1600).
"""
TOKENS_PER_PDF_KB = 12


def estimate(request: Request) -> int:
    """Prompt tokens of `request`: system, tools, every turn, pictures and files."""
    size = sum(_size(part.text) for part in request.system)
    size += sum(_tool_bytes(tool) for tool in request.tools)
    tokens = 0
    for message in request.messages:
        tokens += TOKENS_PER_MESSAGE
        for part in message.parts:
            part_bytes, part_tokens = _weigh(part)
            size, tokens = size + part_bytes, tokens + part_tokens
    return max(1, tokens + math.ceil(size / BYTES_PER_TOKEN))


def _size(text: str) -> int:
    """Bytes of UTF-8. Of plain ASCII Python knows them; copying long texts would cost more than all the rest."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _tool_bytes(tool: Tool | HostedTool) -> int:
    if isinstance(tool, HostedTool):
        return len(bytes(tool.raw))
    return 0 if tool.deferred else len(tool.name) + _size(tool.description) + len(bytes(tool.schema))


def _weigh(part: Part) -> tuple[int, int]:
    """(bytes of text, tokens of anything else)."""
    match part:
        case Text() | Thinking():
            return _size(part.text), 0
        case ToolCall():
            return len(part.name) + len(bytes(part.args)), 0
        case ToolResult():
            weights = [_weigh(inner) for inner in part.parts]
            return sum(size for size, _ in weights), sum(tokens for _, tokens in weights)
        case Image():
            return 0, _image_tokens(part)
        case Document():
            inner = [_weigh(each) for each in part.parts]
            return (
                _size(part.text) + sum(size for size, _ in inner),
                len(part.data) * TOKENS_PER_PDF_KB // 1024 + sum(tokens for _, tokens in inner),
            )
        case Audio():
            return 0, len(part.data) // 1024
        case _:
            return 16, 0


def _image_tokens(image: Image) -> int:
    """From the size in a PNG's header where there is one."""
    try:
        head = base64.b64decode(image.data[:44], validate=True)
    except ValueError:  # no base64, or not even ASCII
        return TOKENS_PER_IMAGE
    if len(head) < 24 or not head.startswith(b"\x89PNG"):
        return TOKENS_PER_IMAGE
    width, height = struct.unpack(">II", head[16:24])
    return min(TOKENS_PER_IMAGE, max(1, int(width) * int(height) // 750))


class Calibration:
    """Learns, per target, how far estimates are off, from the usage the target reports."""

    WEIGHT = 0.2
    """Share of the newest observation."""
    FIRST = 8
    """Exchanges of a target that are all learnt from; after that one in `EVERY`, since an estimate costs time."""
    EVERY = 16

    def __init__(self) -> None:
        self._ratios: dict[str, float] = {}
        self._seen: dict[str, int] = {}

    def due(self, target: str) -> bool:
        """Whether this exchange shall be learnt from."""
        seen = self._seen[target] = self._seen.get(target, 0) + 1
        return seen <= self.FIRST or seen % self.EVERY == 0

    def learn(self, target: str, estimated: int, actual: int) -> None:
        """One exchange's estimate and what the target said."""
        if estimated < 50 or actual <= 0:
            return
        ratio = min(4.0, max(0.25, actual / estimated))
        before = self._ratios.get(target)
        self._ratios[target] = ratio if before is None else before + self.WEIGHT * (ratio - before)

    def apply(self, target: str, estimated: int) -> int:
        """The estimate, corrected."""
        return max(1, round(estimated * self._ratios.get(target, 1.0)))


class Guess:
    """Prompt tokens of one request to one target, as far as one can tell without asking; counted once, when wanted.

    An object of its own, so that nothing that lives through an exchange refers back to it: cycles keep whole bodies in
    memory until the garbage collector comes.
    """

    def __init__(self, calibration: Calibration, label: str, request: Request) -> None:
        self._calibration, self._label, self._request = calibration, label, request
        self._estimate = 0

    def about(self, request: Request) -> None:
        """The request has become another: what was read of its files goes out in their place."""
        if request is not self._request:
            self._request, self._estimate = request, 0

    def __call__(self) -> int:
        """The estimate, corrected by what the target has reported so far."""
        return self._calibration.apply(self._label, self._estimated())

    def learn(self, actual: int) -> None:
        """The target says how many they were (P75)."""
        if self._calibration.due(self._label):
            self._calibration.learn(self._label, self._estimated(), actual)

    def _estimated(self) -> int:
        if not self._estimate:
            self._estimate = estimate(self._request)
        return self._estimate


def synthesize(prompt_tokens: int, output_bytes: int) -> Usage:
    """Usage for an upstream that reported none; marked estimated, never 0 (P76)."""
    return Usage(input=prompt_tokens, output=max(1, math.ceil(output_bytes / BYTES_PER_TOKEN)), estimated=True)
