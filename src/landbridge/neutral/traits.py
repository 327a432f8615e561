"""What a target can take, as data. Writers read it; nothing here names a provider.

The defaults describe a current, complete model of the dialect's own maker. `providers/quirks.py` and the engine
settings make the exceptions.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ThinkingField = Literal[
    "none",
    "reasoning_effort",
    "reasoning.effort",
    "thinking",
    "thinking+reasoning_effort",
    "enable_thinking",
    "chat_template_kwargs",
]
"""Fields of chat dialects that ask for thinking: OpenAI's, OpenRouter's `reasoning` object, the switch `thinking.type`
(Moonshot, Z.ai), that switch with a word beside it (DeepSeek), Alibaba's `enable_thinking` and `thinking_budget`, and
what servers of open models hand to the chat template (vLLM, SGLang, llama.cpp).
"""


class Traits(Struct, frozen=True, omit_defaults=True):
    """Abilities and habits of one target (provider and model together)."""

    max_output: int | None = None
    """Most tokens it may write in one answer; larger wishes are clamped (P63)."""
    window: int | None = None
    """Tokens of prompt and answer together, where known."""
    images: bool = True
    """Sees images. If not, words or a note stand where each was."""
    fetches_images: bool = True
    """Images may be given to it by their address. If not, landbridge fetches them: an engine of this machine would
    fetch from everywhere, this machine and its network included."""
    documents: bool = True
    """Reads PDFs (in a chat dialect: `file` parts). If not, it gets their text."""
    documents_known: bool = True
    """Whether that is known of it, and not assumed because most others do so."""
    tools: bool = True
    tool_choice: bool = True
    forced_tools: bool = True
    """Can be told that it must call a tool, or which (P60)."""
    forced_by: Literal["field", "schema"] = "field"
    """What holds it to a call: `tool_choice`, or only the schema of a structured answer (llama.cpp)."""
    web_tools: bool = True
    """Its provider runs the web tools of its dialect. If not, landbridge does, as for other dialects' tools."""
    parallel_tools: bool = True
    """Accepts a field that turns parallel calls off."""
    parallel_history: bool = True
    """Takes several calls in one turn of the history. If not, each stands in a turn of its own, before its result."""
    system_turns: Literal["keep", "fold"] = "keep"
    """System turns inside a conversation: kept where they came, or folded into the neighbouring turn (P42, P43)."""
    alternate: bool = False
    """Wants strictly alternating user and assistant turns (P62)."""
    content_with_calls: bool = True
    """Takes text and tool calls in one assistant turn (P62)."""
    max_tokens_field: str = "max_tokens"
    """`max_tokens` or `max_completion_tokens` (P64)."""
    stop_field: bool = True
    max_stop: int = 4
    """How many stop sequences it takes; the rest are a loss."""
    sampling: tuple[str, ...] = ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty")
    """Names of the sampling numbers it accepts."""
    one_sampling: bool = False
    """Takes `temperature` or `top_p`, not both (P64)."""
    stream_usage: bool = True
    """Takes `stream_options.include_usage`."""
    output_schema: Literal["schema", "object", "none"] = "schema"
    """Structured answers: by JSON schema, any JSON object, or not at all."""
    strict_tools: bool = True
    """Takes `strict` in tool definitions."""
    schema: Literal["json", "openapi"] = "json"
    """Schemas of tools and answers: any JSON Schema, or only Google's subset of OpenAPI's (P35)."""
    tool_ids: bool = True
    """Takes ids with calls and results. If not (Google's cloud platform), they pair by their order."""
    thinks: Literal["never", "can", "always"] = "can"
    """Whether it thinks; `always`: it cannot be told not to. Read by `thinking.settle`, like the next three."""
    adaptive: bool = True
    """Can be left to decide how much it thinks."""
    budgets: tuple[int, int] | None = (1024, 128_000)
    """Fewest and most tokens of thinking it can be given; None: it takes no number."""
    efforts: tuple[str, ...] = ("minimal", "low", "medium", "high")
    """Words of effort it knows; others are brought to the nearest. `none` among them: the word that turns it off."""
    effort: ThinkingField = "none"
    """In a chat dialect: which field asks for reasoning; `none` leaves it out (P51)."""
    thinking: str = ""
    """What the settings say of thinking (`off`, `on` or a word of effort); it wins over the client's wish."""
    reasoning_back: Literal["", "reasoning_content", "reasoning"] = ""
    """Field in which it wants its earlier reasoning back; empty: earlier reasoning is left out (P50, P52)."""
    tool_id_length: int = 64
    """Longest tool id; longer ones are replaced by a hash, the same for call and result (P33)."""
    tool_id_pattern: Literal["any", "word", "mistral9"] = "any"
    cache_key: str = ""
    """Field that takes a key for prompt caching (`prompt_cache_key`), or empty (P73)."""
    caches: bool = True
    """Reuses an exact prompt prefix, so prompts are kept byte-stable."""
    metadata_user: str = ""
    """Field that takes the end-user id, or empty."""
    repair: bool = True
    """Tool calls it gets wrong are put right."""
