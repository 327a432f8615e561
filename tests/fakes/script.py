"""What a scripted upstream is told to answer: the steps of a script, and the requests they answer.

`provider.py` explains them; it is the server that plays them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from msgspec import Struct, convert

from . import answers, gemini, legacy, responses
from .answers import Call, Tokens

SSE = {"content-type": "text/event-stream; charset=utf-8"}
JSON = {"content-type": "application/json"}


@dataclass
class Received:
    """One request as it came, and what became of its answer."""

    method: str
    path: str
    """With the query."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    at: float = field(default_factory=time.monotonic)
    sent: int = 0
    """Bytes of the answer's body that were written."""
    finished_at: float | None = None
    """When the answer was written to its end."""
    left_at: float | None = None
    """When the client closed the connection while the answer was under way."""
    over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set when the answer is finished or the client has left."""

    @property
    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        value: dict[str, Any] = json.loads(self.body)
        return value

    @property
    def dialect(self) -> str:
        """The dialect of the path; OpenAI's chat for any other."""
        path = self.path.partition("?")[0]
        if path.endswith("/completions") and not path.endswith("/chat/completions"):
            return "openai_legacy"
        ends = {"/messages": "anthropic", "/responses": "openai_responses", "enerateContent": "gemini"}
        return next((name for end, name in ends.items() if path.endswith(end)), "openai_chat")

    @property
    def stream(self) -> bool:
        """Whether a stream is asked for."""
        return ":streamGenerateContent" in self.path or bool(self.json.get("stream"))

    @property
    def model(self) -> str:
        """The model asked for: in the body, or in Gemini's URL."""
        if self.dialect == "gemini":
            return unquote(self.path.rpartition(":")[0].rpartition("/models/")[2])
        return str(self.json.get("model", "m"))

    async def left(self, seconds: float = 5.0) -> float:
        """Wait until the client closes the connection; when that was. Fails if it stays or got its whole answer."""
        async with asyncio.timeout(seconds):
            await self.over.wait()
        assert self.left_at is not None, "the client got its whole answer"
        return self.left_at


class Answer(Struct, frozen=True, kw_only=True, tag="answer", forbid_unknown_fields=True):
    """Bytes chosen by the test."""

    status: int = 200
    headers: dict[str, str] = {}
    """Beside `date` and the framing; no content type unless given here."""
    body: bytes = b""
    text: str = ""
    """The body as text, for scripts in files."""
    stream: bool = False
    """Chunked, as servers send event streams; else with a content-length."""
    cuts: tuple[int, ...] = ()
    wait: float = 0
    body_wait: float = 0
    delay: float = 0
    until: int | None = None
    ending: Literal["whole", "close", "reset", "hang"] = "whole"
    repeat: bytes = b""
    raw: bool = False

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.body or self.text.encode()

    @property
    def writes(self) -> list[bytes]:
        """The body in the pieces it is written in."""
        data = self.content[: self.until]
        if not self.cuts:
            parts = data.split(b"\n\n") if self.stream else [data]
            return [part + b"\n\n" for part in parts[:-1]] + [part for part in parts[-1:] if part]
        pieces: list[bytes] = []
        sizes = list(self.cuts)
        while data:
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            pieces.append(data[:size])
            data = data[size:]
        return pieces


class Reply(Struct, frozen=True, kw_only=True, tag="reply", forbid_unknown_fields=True):
    """A well-formed answer in the dialect and form that the request asks for."""

    text: str = ""
    tools: tuple[Call, ...] = ()
    thinking: str = ""
    usage: Tokens = Tokens()
    finish: str = ""
    """The dialect's own word; by default what fits the content."""
    piece: int = 7
    """Characters a fragment."""
    wait: float = 0
    """Seconds before the first byte."""
    pace: float = 0
    """Seconds between records."""

    def answer(self, request: Received, number: int) -> Answer:
        """The bytes of this reply; `number` makes its ids unique."""
        asked = request.json
        model, stream = request.model, request.stream
        write = _BUILDERS[request.dialect, stream]
        options: dict[str, Any] = {"text": self.text, "tools": self.tools, "thinking": self.thinking}
        options |= {"usage": self.usage, "model": model}
        if self.finish:
            options["finish"] = self.finish
        options["id"] = _IDS[request.dialect] + str(number)
        if stream:
            options["piece"] = self.piece
        if (
            stream
            and request.dialect in ("openai_chat", "openai_legacy")
            and not (asked.get("stream_options") or {}).get("include_usage")
        ):
            options["usage"] = None
        headers = SSE if stream else JSON
        return Answer(headers=headers, body=write(**options), stream=stream, wait=self.wait, delay=self.pace)


_BUILDERS: dict[tuple[str, bool], Callable[..., bytes]] = {
    ("openai_chat", False): answers.chat_whole,
    ("openai_chat", True): answers.chat_stream,
    ("openai_legacy", False): legacy.legacy_whole,
    ("openai_legacy", True): legacy.legacy_stream,
    ("anthropic", False): answers.anthropic_whole,
    ("anthropic", True): answers.anthropic_stream,
    ("openai_responses", False): responses.responses_whole,
    ("openai_responses", True): responses.responses_stream,
    ("gemini", False): gemini.gemini_whole,
    ("gemini", True): gemini.gemini_stream,
}
_IDS = {
    "openai_chat": "chatcmpl-",
    "openai_legacy": "cmpl-",
    "anthropic": "msg_",
    "openai_responses": "resp_",
    "gemini": "g",
}


class Agent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that works through `steps` and then says `final`.

    Each step is the tool calls of one answer. Which step is next follows from how many tool results the request's
    history holds, so that repeats and concurrent side requests of a client do no harm. A request that lacks
    a tool of the step (a title, a summary) gets `aside`.
    """

    steps: tuple[tuple[Call, ...], ...]
    final: str = "Done."
    aside: str = "A title"
    says: str = "I call a tool."
    """The text before each step's calls."""
    usage: Tokens = Tokens(1000, 20)

    def __call__(self, request: Received) -> Reply:
        """The reply to this request."""
        asked = request.json
        results = count_results(asked)
        for step in self.steps:
            if results < len(step):
                if not {name for name, _ in step} <= _tool_names(asked):
                    return Reply(text=self.aside, usage=self.usage)
                return Reply(text=self.says, tools=step, usage=self.usage)
            results -= len(step)
        return Reply(text=self.final if asked.get("tools") else self.aside, usage=self.usage)


def count_results(asked: Mapping[str, Any]) -> int:
    """How many tool results the history of a request holds, in any dialect."""
    items = asked.get("input")
    count = sum(str(item.get("type")).endswith("_call_output") for item in (items if isinstance(items, list) else ()))
    for turn in asked.get("contents", ()):
        count += sum("functionResponse" in part for part in turn.get("parts", ()))
    for message in asked.get("messages", ()):
        content = message.get("content")
        blocks = content if isinstance(content, list) else []
        count += message.get("role") == "tool"
        count += sum(block.get("type") == "tool_result" for block in blocks if isinstance(block, dict))
    return count


def _tool_names(asked: Mapping[str, Any]) -> set[str]:
    named: set[str] = set()
    for tool in asked.get("tools") or ():
        declared = tool.get("functionDeclarations") or [tool.get("function") or tool]
        named |= {str(each.get("name", "")) for each in declared}
    return named


def error(status: int, body: bytes, **headers: str) -> Answer:
    """An error answer in JSON; `retry_after="1"` becomes the header `retry-after`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=JSON | named, body=body)


HTML_ERROR = Answer(
    status=403,
    headers={"content-type": "text/html"},
    body=b"<!DOCTYPE html><html><head><title>Attention Required!</title></head><body><h1>Blocked</h1></body></html>",
)
"""What a web firewall before a provider answers."""

Step = Answer | Reply | Callable[[Received], "Answer | Reply"]
Script = Step | Sequence[Step]


def read_script(source: bytes) -> tuple[Script, list[str]]:
    """The script and the model names of a script file."""
    data = json.loads(source)
    models = [str(model) for model in data.get("models", ["m"])]
    if "agent" in data:
        return convert(data["agent"], Agent), models
    steps: list[Step] = list(convert(data["steps"], list[Answer | Reply]))
    return steps, models
