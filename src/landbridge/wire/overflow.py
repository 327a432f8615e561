"""Recognises "this does not fit the context window" in the words of many backends (P65).

A code decides first; the wordings below are tried only where there is none. Numbers are read where the text has them.
"""

from __future__ import annotations

import re

from msgspec import Struct

CODES = frozenset(
    {"context_length_exceeded", "exceed_context_size_error", "context_window_exceeded", "string_above_max_length"}
)

_PAIRS = [
    # llama.cpp: "the request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"
    r"request \((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<limit>\d+)",
    # OpenAI, DeepSeek, vLLM, OpenRouter, Groq: limit first, then what was asked for
    r"maximum (?:context|prompt) length (?:of|is) (?P<limit>\d+)(?: tokens)?\D{0,60}?"
    r"(?:requested(?: about)?|resulted in|contains?|has) (?P<prompt>\d+)",
    # vLLM: "The decoder prompt (length 5000) is longer than the maximum model length of 4096"
    r"prompt \((?:total )?length (?P<prompt>\d+)\) is longer than the maximum model length of (?P<limit>\d+)",
    # Mistral: "Prompt contains 40000 tokens ... too large for model with 32768 maximum context length"
    r"prompt contains (?P<prompt>\d+) tokens.{0,80}?(?P<limit>\d+) maximum context length",
    # Gemini: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)"
    r"input token count \(?(?P<prompt>\d+)\)? exceeds the maximum number of tokens allowed \(?(?P<limit>\d+)",
    # LM Studio: "Trying to keep the first 5000 tokens when context overflows. However, ... context length of only 4096"
    r"keep the first (?P<prompt>\d+) tokens when .{0,120}?context length of only (?P<limit>\d+)",
    # Anthropic behind an OpenAI-compatible front
    r"prompt is too long: (?P<prompt>\d+) tokens > (?P<limit>\d+)",
]
_SPLIT = [
    # OpenAI, vLLM: "... requested 40768 tokens (8768 in the messages, 32000 in the completion)"
    r"maximum context length is (?P<limit>\d+).{0,90}?\((?:about )?(?P<prompt>\d+) (?:in the messages|of text input)"
    r".{0,60}?(?P<output>\d+) in the (?:completion|output)",
    # vLLM: "'max_tokens' ... is too large: 32000. This model's maximum context length is 8192 tokens and your request
    # has 100 input tokens"
    r"too large: (?P<output>\d+)\. .{0,20}maximum context length is (?P<limit>\d+) tokens"
    r" and your request has (?P<prompt>\d+)",
]
_WORDS = (
    r"maximum context length|exceeds? the (?:available )?context (?:size|window|length)|context length exceeded"
    r"|prompt is too long|exceeds? the model'?s (?:maximum )?context|context window (?:is )?(?:exceeded|full)"
    r"|longer than the maximum model length"
    r"|(?:reduce|shorten) (?:the length of )?(?:the|your) (?:messages|prompt|input)"
)
_pairs = [re.compile(pattern, re.I | re.S) for pattern in _PAIRS]
_splits = [re.compile(pattern, re.I | re.S) for pattern in _SPLIT]
_words = re.compile(_WORDS, re.I)


class Overflow(Struct, frozen=True):
    """What the backend said about it. `output` is set where it is the wished answer that makes it too long."""

    prompt: int | None = None
    limit: int | None = None
    output: int | None = None

    @property
    def prompt_fits(self) -> bool:
        """Whether the prompt alone would fit, so that a smaller `max_tokens` helps."""
        return None not in (self.prompt, self.limit, self.output) and (self.prompt or 0) < (self.limit or 0)


def find_overflow(message: str, codes: tuple[str, ...]) -> Overflow | None:
    """The overflow that an error with this text and these codes is, or None if it is something else."""
    for pattern in (*_splits, *_pairs):
        if found := pattern.search(message):
            return Overflow(**{name: int(number) for name, number in found.groupdict().items()})
    if CODES.intersection(codes) or _words.search(message):
        return Overflow()
    return None
