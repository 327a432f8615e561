"""What a client asks for, whatever dialect it spoke.

`extras` holds the fields of each dialect that have no neutral place, as raw JSON; a writer may re-emit only its own
dialect's extras and reports the others as losses. Order of everything is the client's order: prompts stay byte-stable.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Raw, Struct, field

from .parts import NONE, Message, Text


class Tool(Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="function"):
    """A function the model may call. `schema` is the JSON Schema of its arguments, raw; empty if none was given."""

    name: str
    description: str = ""
    schema: Raw = NONE
    strict: bool | None = None
    deferred: bool = False
    """`defer_loading`: not part of the prompt until a `ToolReference` in the history loads it."""
    cache: Raw = NONE
    extras: dict[str, Raw] = field(default_factory=dict)
    """Fields of the definition only its dialect has (`eager_input_streaming`)."""
    dialect: str = ""
    """The dialect whose fields `extras` has; empty where it is Anthropic's."""


class HostedTool(Struct, frozen=True, tag_field="kind", tag="hosted"):
    """A tool the provider runs itself (`web_search_20250305`, `code_interpreter`); its definition is opaque."""

    dialect: str
    type: str
    name: str
    raw: Raw


class ToolChoice(Struct, frozen=True, omit_defaults=True):
    """Which tool must be called. `named` goes with `name`; `parallel` is None where the client did not say."""

    mode: Literal["auto", "any", "none", "named"] = "auto"
    name: str = ""
    parallel: bool | None = None


class Sampling(Struct, frozen=True, omit_defaults=True):
    """Numbers as the client gave them; None where it did not."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class Reasoning(Struct, frozen=True, omit_defaults=True):
    """How much to think. `on` goes with `budget` (tokens) where the client gave one; `effort` is a word."""

    mode: Literal["unset", "off", "on", "adaptive"] = "unset"
    budget: int | None = None
    effort: str = ""
    """`minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or empty."""
    display: str = ""
    """How the client wants to see it (`omitted`, `summarized`, `auto`), or empty."""


class OutputFormat(Struct, frozen=True, omit_defaults=True):
    """A structured answer. Without a `schema`: any JSON object."""

    schema: Raw = NONE
    name: str = ""
    description: str = ""
    strict: bool | None = None


class Request(Struct, frozen=True, omit_defaults=True):
    """One request. `model` is the name the client used; writers take the target's name beside it."""

    model: str
    messages: tuple[Message, ...]
    system: tuple[Text, ...] = ()
    tools: tuple[Tool | HostedTool, ...] = ()
    tool_choice: ToolChoice | None = None
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    reasoning: Reasoning = Reasoning()
    output: OutputFormat | None = None
    stream: bool = False
    stream_usage: bool = True
    """Whether the client wants usage in the stream (OpenAI chat: only if `stream_options.include_usage`)."""
    user: str = ""
    """The client's opaque end-user id."""
    extras: dict[str, dict[str, Raw]] = field(default_factory=dict)
