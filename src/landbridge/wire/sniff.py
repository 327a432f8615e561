"""Looks at an answer that passes through untouched, to know its usage and whether it ended in order.

`feed` sees the same chunks the client gets. It never raises, never changes and never delays them: what it does not
understand is counted in `errors` and forgotten. Only records that may hold a count or an end are decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from ..errors import GatewayError
from ..neutral.events import Usage
from .fields import is_set
from .gemini.usage import read_usage as read_gemini_usage
from .openai_chat.usage import read_timings
from .openai_chat.usage import read_usage as read_chat_usage
from .openai_responses.usage import read_usage as read_responses_usage
from .sse import Record, SSEDecoder

_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, GatewayError)


class _Choice(Struct):
    finish_reason: Any = None


class _Chat(Struct):
    """What is looked at in a chat chunk or answer."""

    model: Any = None
    choices: list[_Choice] | None = None
    usage: Raw = Raw(b"")
    timings: Raw = Raw(b"")
    error: Raw = Raw(b"")


class _Creation(Struct):
    ephemeral_1h_input_tokens: int | None = None


class _Searches(Struct):
    web_search_requests: int | None = None


class _AnthropicUsage(Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: _Creation | None = None
    server_tool_use: _Searches | None = None


class _Stop(Struct):
    stop_reason: Any = None


class _Message(Struct):
    model: Any = None
    usage: _AnthropicUsage | None = None
    stop_reason: Any = None


class _Anthropic(Struct):
    """What is looked at in an event of the Messages API."""

    type: str = ""
    message: _Message | None = None
    delta: _Stop | None = None
    usage: _AnthropicUsage | None = None


class _Response(Struct):
    """What is looked at in a response of the Responses API."""

    model: Any = None
    status: Any = None
    usage: Raw = Raw(b"")
    tool_usage: Raw = Raw(b"")


class _Responses(Struct):
    """What is looked at in one of its events."""

    type: str = ""
    response: _Response | None = None


class _Candidate(Struct, rename="camel"):
    finish_reason: Any = None


class _Feedback(Struct, rename="camel"):
    block_reason: Any = None


class _Gemini(Struct, rename="camel"):
    """What is looked at in a chunk or answer of the Gemini API."""

    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: Raw = Raw(b"")
    model_version: Any = None
    error: Raw = Raw(b"")


_decode_responses = msgspec.json.Decoder(_Responses).decode
_decode_response = msgspec.json.Decoder(_Response).decode
_decode_gemini = msgspec.json.Decoder(_Gemini).decode
_decode_chat = msgspec.json.Decoder(_Chat).decode
_decode_anthropic = msgspec.json.Decoder(_Anthropic).decode
_decode_message = msgspec.json.Decoder(_Message).decode


class Sniffer:
    """Watches one streamed answer of the dialect. An unknown dialect is not watched, and gives no usage."""

    def __init__(self, dialect: str) -> None:
        self.usage = Usage()
        """What the answer has said of its tokens so far."""
        self.finished = False
        """Whether the terminal frame was seen: nothing follows it."""
        self.failed = False
        """Whether an error record was seen."""
        self.model = ""
        self.stop_reason = ""
        """Why it ended, in the dialect's own word."""
        self.errors = 0
        """Records or chunks that could not be understood."""
        self._looked = False
        self._sse = SSEDecoder()
        self._look = _LOOKS.get(dialect)

    def feed(self, chunk: bytes) -> None:
        """See the next bytes."""
        if self._look is None:
            return
        try:
            records = self._sse.feed(chunk)
        except GatewayError:
            # One record of endless length: looking further would only hoard it.
            self.errors, self._look = self.errors + 1, None
            return
        self._look_at(records)

    def close(self) -> None:
        """The upstream ended. Many chat backends leave the last frame out after they have said why they stop."""
        if self._look is not None:
            self._look_at(self._sse.close())
        if self.stop_reason and not self.failed:
            self.finished = True

    def _look_at(self, records: list[Record]) -> None:
        assert self._look is not None
        for record in records:
            try:
                self._look(self, record)
            except _FAULTS:
                self.errors += 1

    def _look_at_chat(self, record: Record) -> None:
        """One record of a Chat Completions stream."""
        event, data = record
        if self._looked and b'"usage"' not in data and b'"finish_reason":null' in data:
            return
        self._looked = True
        if data[:6] == b"[DONE]":
            self.finished = True
            return
        chunk = _decode_chat(data)
        self.model = self.model or _word(chunk.model)
        self.usage = self.usage.merged(_chat_usage(chunk))
        for choice in chunk.choices or ():
            self.stop_reason = _word(choice.finish_reason) or self.stop_reason
        self.failed = self.failed or event == b"error" or is_set(chunk.error)

    def _look_at_anthropic(self, record: Record) -> None:
        """One event of a Messages stream."""
        event, data = record
        if event == b"content_block_delta":
            return
        if b'"usage"' in data or b'"message_st' in data or b'"error"' in data:
            seen = _decode_anthropic(data)
            if seen.message is not None:
                self.model = _word(seen.message.model)
                self.usage = self.usage.merged(_anthropic_usage(seen.message.usage))
            if seen.type == "message_delta":
                self.usage = self.usage.merged(_anthropic_usage(seen.usage))
                self.stop_reason = _word(seen.delta.stop_reason if seen.delta else None) or self.stop_reason
            self.finished = self.finished or seen.type == "message_stop"
            self.failed = self.failed or seen.type == "error"

    def _look_at_responses(self, record: Record) -> None:
        """One event of a Responses stream: only the first and the last say something of the whole."""
        event, data = record
        if b'"response.' in data[:80] and b"_text.delta" in data[:80]:
            return
        seen = _decode_responses(data)
        kind = seen.type or event.decode("utf-8", "replace")
        if seen.response is not None:
            self.model = self.model or _word(seen.response.model)
            self.usage = self.usage.merged(_responses_usage(seen.response))
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self.stop_reason = kind.removeprefix("response.")
            self.finished = True
        self.failed = self.failed or kind in ("error", "response.failed")

    def _look_at_gemini(self, record: Record) -> None:
        """One chunk of a Gemini stream. No frame is the last: counts may follow the reason."""
        chunk = _decode_gemini(record[1])
        self.model = self.model or _word(chunk.model_version)
        self.usage = self.usage.merged(read_gemini_usage(chunk.usage_metadata) or Usage())
        for candidate in chunk.candidates or ():
            self.stop_reason = _word(candidate.finish_reason) or self.stop_reason
        if chunk.prompt_feedback is not None:
            self.stop_reason = _word(chunk.prompt_feedback.block_reason) or self.stop_reason
        self.failed = self.failed or is_set(chunk.error)


_LOOKS: dict[str, Callable[[Sniffer, Record], None]] = {
    "openai_chat": Sniffer._look_at_chat,
    "openai_legacy": Sniffer._look_at_chat,
    "anthropic": Sniffer._look_at_anthropic,
    "openai_responses": Sniffer._look_at_responses,
    "gemini": Sniffer._look_at_gemini,
}


def read_usage(dialect: str, body: bytes) -> Usage:
    """The usage of a whole answer; an empty `Usage` if there is none to be read. Never raises."""
    try:
        if dialect in ("openai_chat", "openai_legacy"):
            return _chat_usage(_decode_chat(body))
        if dialect == "anthropic":
            return _anthropic_usage(_decode_message(body).usage)
        if dialect == "openai_responses":
            return _responses_usage(_decode_response(body))
        if dialect == "gemini":
            return read_gemini_usage(_decode_gemini(body).usage_metadata) or Usage()
    except _FAULTS:
        pass
    return Usage()


def _chat_usage(chunk: _Chat) -> Usage:
    return read_chat_usage(chunk.usage) or read_timings(chunk.timings) or Usage()


def _responses_usage(response: _Response) -> Usage:
    return read_responses_usage(response.usage, response.tool_usage) or Usage()


def _anthropic_usage(usage: _AnthropicUsage | None) -> Usage:
    if usage is None:
        return Usage()
    return Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_input_tokens,
        cache_write=usage.cache_creation_input_tokens,
        cache_write_1h=usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else None,
        searches=usage.server_tool_use.web_search_requests if usage.server_tool_use else None,
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
