"""`docs/thinking.md`: what becomes of a wish to think, by running every client's form to every kind of model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from landbridge.config import ProviderSettings
from landbridge.neutral.effort import EFFORTS, budget_of
from landbridge.neutral.traits import Traits
from landbridge.providers import table as providers
from landbridge.providers.models import Limits, limits
from tests.redoc_table import table

Json = dict[str, Any]

ASKS: Mapping[str, Json] = {
    "anthropic": {"model": "m", "max_tokens": 64_000, "messages": [{"role": "user", "content": "Hi"}]},
    "openai_chat": {"model": "m", "max_tokens": 64_000, "messages": [{"role": "user", "content": "Hi"}]},
    "openai_responses": {"model": "m", "max_output_tokens": 64_000, "input": "Hi"},
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {"maxOutputTokens": 64_000},
    },
}
"""The least request of each dialect."""

NAMES = {
    "anthropic": "Anthropic",
    "openai_chat": "OpenAI chat",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
}

FORMS: Mapping[str, tuple[str, Json]] = {
    "budget": ("anthropic", {"thinking": {"type": "enabled", "budget_tokens": 31_999}}),
    "adaptive": ("anthropic", {"thinking": {"type": "adaptive"}}),
    "adaptive high": ("anthropic", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
    "effort max": ("anthropic", {"output_config": {"effort": "max"}}),
    "disabled": ("anthropic", {"thinking": {"type": "disabled"}}),
    "chat low": ("openai_chat", {"reasoning_effort": "low"}),
    "chat none": ("openai_chat", {"reasoning_effort": "none"}),
    "chat object": ("openai_chat", {"reasoning": {"max_tokens": 5000}}),
    "chat template": ("openai_chat", {"chat_template_kwargs": {"enable_thinking": False}}),
    "responses xhigh": ("openai_responses", {"reasoning": {"effort": "xhigh", "summary": "auto"}}),
    "responses none": ("openai_responses", {"reasoning": {"effort": "none"}}),
    "gemini budget": ("gemini", {"thinkingConfig": {"thinkingBudget": 5000}}),
    "gemini dynamic": ("gemini", {"thinkingConfig": {"thinkingBudget": -1, "includeThoughts": True}}),
    "gemini zero": ("gemini", {"thinkingConfig": {"thinkingBudget": 0}}),
    "gemini level": ("gemini", {"thinkingConfig": {"thinkingLevel": "HIGH"}}),
}
"""What clients say. Gemini's stands in `generationConfig`."""

TARGETS: Mapping[str, tuple[str, str, str]] = {
    "Claude Haiku 4.5": ("anthropic", "", "claude-haiku-4-5"),
    "Claude Opus 4.6": ("anthropic", "", "claude-opus-4-6"),
    "Claude Opus 5": ("anthropic", "", "claude-opus-5"),
    "Claude Opus 5.5": ("anthropic", "", "claude-opus-5-5"),
    "GPT-5.6": ("openai_chat", "openai", "gpt-5.6"),
    "GPT-5": ("openai_chat", "openai", "gpt-5"),
    "GPT-4.1": ("openai_chat", "openai", "gpt-4.1"),
    "GPT-5.2 (Responses)": ("openai_responses", "", "gpt-5.2"),
    "Claude Sonnet 4.5 (OpenRouter)": ("openai_chat", "openrouter", "anthropic/claude-sonnet-4.5"),
    "DeepSeek V4": ("openai_chat", "deepseek", "deepseek-v4-pro"),
    "Kimi K2.6": ("openai_chat", "moonshot", "kimi-k2.6"),
    "Qwen3 (DashScope)": ("openai_chat", "dashscope", "qwen3-max"),
    "Qwen3 (vLLM)": ("openai_chat", "vllm", "Qwen/Qwen3-8B"),
    "Gemini 2.5 Flash": ("gemini", "", "gemini-2.5-flash"),
    "Gemini 2.5 Pro": ("gemini", "", "gemini-2.5-pro"),
    "Gemini 3 Pro": ("gemini", "", "gemini-3-pro-preview"),
}
"""Name -> dialect, preset, model."""

FIELDS = (
    "thinking", "output_config", "reasoning_effort", "reasoning", "enable_thinking", "thinking_budget",
    "chat_template_kwargs",
)  # fmt: skip
"""Fields that have to do with thinking; in Gemini's `generationConfig` it is `thinkingConfig`."""


def asked(form: str) -> tuple[str, bytes]:
    """The dialect and the body of a client's request."""
    name, fields = FORMS[form]
    body = ASKS[name]
    body = (
        {**body, "generationConfig": {**body["generationConfig"], **fields}} if name == "gemini" else {**body, **fields}
    )
    return name, json.dumps(body).encode()


def traits_of(target: str) -> Traits:
    """What a target takes."""
    name, preset, model = TARGETS[target]
    known = {"preset": preset} if preset else {"dialect": name, "base_url": "http://127.0.0.1:1"}
    settings = ProviderSettings(**known)  # type: ignore[arg-type]  # some dialects are not in the settings yet
    return providers.traits(providers.resolve("p", settings, {}), model)


def becomes(form: str, target: str) -> tuple[Json, list[str]]:
    """The fields that reach the target, and what is said to be lost."""
    return sent(*asked(form), target)


def sent(source: str, body: bytes, target: str) -> tuple[Json, list[str]]:
    """The same for any body of that dialect."""
    request = _dialect(source).read_request(body)
    written = _dialect(TARGETS[target][0]).write_request(request, "m", traits_of(target))
    fields: Json = json.loads(written.body)
    found = {name: fields[name] for name in FIELDS if name in fields}
    found |= {name: each for name, each in fields.get("generationConfig", {}).items() if name == "thinkingConfig"}
    return found, [loss.why for loss in written.losses if loss.path == "reasoning"]


def _dialect(name: str) -> Any:
    return import_module(f"landbridge.wire.{name}.request")


# -- the document ------------------------------------------------------------------------------------------------------

INTRODUCTION = """\
# Thinking and structured answers

Each maker has a field of its own for how much a model shall think: a number of tokens, a word, or a switch. landbridge
reads all of them, and writes the one that the target's provider and model take. What follows is made by running it.

- The settings come first: `thinking` of a provider or of a local model ([settings](settings.md)) overrides what clients
  say.
- Then the client. What it says is kept where the model takes it. A number becomes the nearest word, a word becomes a
  number, a word the model does not know becomes the nearest one it knows (of two alike the lower).
- Who says nothing gets what the model does by itself.
- A model that does not think is asked nothing; one that cannot stop is asked for the least. Whoever insisted finds the
  difference among the losses of the request's line in the log.
- Off is off: it is never sent together with an effort to a provider that refuses the contradiction.
- Where an answer has a limit, thinking stays below it: a number given by the client by one token, a number made of a
  word by half. If there is no room for the least the model takes, it does not think.
- With a number, Claude must have begun the running turn with thinking, and no tool may be forced; where that is not so,
  the request goes without thinking.
- Earlier thinking goes back only to whom it belongs: signed by Anthropic to Anthropic, as `reasoning_content` to those
  that ask for it.

## Words and tokens
"""

FORMS_TEXT = """\
## What becomes of what a client says

`-`: nothing is sent. The limit of the answer is 64,000 tokens here.
"""

MODELS_TEXT = """\
## What models take

From the makers' own pages, read in November 2026 (`src/landbridge/providers/models.toml`); the first row that fits
holds. Names are compared without owner, vendor and region: `anthropic/claude-sonnet-4.5`,
`us.anthropic.claude-sonnet-4-5-20250929-v1:0` and `claude-sonnet-4-5@20250929` are the same model. Of other models
nothing is known; they are asked to think only where the provider has a field for all of its models, or a quirk names
one.
"""

OVERRULE = """\
## If the table is wrong for you

[Quirks](settings.md#quirks) say it better, for all models of a provider or for some:

```toml
[providers.lab]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9100/v1"
quirks = ["reasoning_effort"]                    # this server is asked by reasoning_effort
thinking = "low"                                 # and no client gets more than that, or less

[providers.lab.model_quirks]
"qwen3*" = ["template_thinking", "no_images"]    # these alone; they win over all that is known
"llama*" = ["no_thinking"]

[models."qwen3-8b"]                              # a local model
thinking = "off"
```

`thinking` is `off`, `on` or a word. A provider with `thinking` gets no untouched requests: each is written anew.
Local models are asked whether their chat template has a switch (`enable_thinking`); if so, it is used.

## Structured answers

A client wishes for JSON of a schema, or of any shape: `output_config.format` (older: `output_format`),
`response_format`, `text.format`, `responseJsonSchema` or `responseSchema`.

| the target | a schema | JSON of any shape |
| --- | --- | --- |
| has schemas | its field | chat: JSON mode; Anthropic: words in the system prompt, a loss |
| has only JSON mode (`json_object_only`) | JSON mode, and the schema in words: a loss | JSON mode |
| has neither (`no_structured_output`) | the schema in words: a loss | words: a loss |
| is a local model | held to it by a grammar | held to it by a grammar |

Servers refuse their JSON mode where nothing in the prompt says JSON; then a sentence that says so is added.

Engines make a grammar of a schema, of those of the tools, too. Where one cannot be made, the engine refuses every turn
(llama.cpp: `failed to parse grammar`, `JSON schema error at ...`). The request is then sent once more without: tools
take any object and have their schemas in their descriptions, formats are told in words. The log says so, with the
engine's reason, and the request's line counts it as a loss.
"""


def thinking_page() -> str:
    """The document."""
    parts = [INTRODUCTION, table(("word", "tokens"), ((f"`{word}`", f"{budget_of(word):,}") for word in EFFORTS))]
    parts.append(FORMS_TEXT)
    for form, (source, fields) in FORMS.items():
        parts.append(f"### {NAMES[source]}: `{_compact(fields)}`\n")
        parts.append(table(("model", "is sent", "lost"), _rows(form)))
    parts += [
        MODELS_TEXT,
        table(("model", "window", "output", "thinks", "tokens", "words", "quirks"), map(_model, limits())),
    ]
    return "\n".join([*parts, OVERRULE])


def _rows(form: str) -> Iterator[tuple[str, str, str]]:
    """What becomes of a form, with targets of the same outcome in one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for target in TARGETS:
        fields, lost = becomes(form, target)
        rows.setdefault((f"`{_compact(fields)}`" if fields else "-", "; ".join(lost) or "-"), []).append(target)
    for (sent, lost_words), targets in rows.items():
        yield ", ".join(targets), sent, lost_words


def _compact(fields: Json) -> str:
    return json.dumps(fields)[1:-1]


def _model(row: Limits) -> tuple[str, ...]:
    budgets = f"{row.budgets[0]:,} to {row.budgets[1]:,}" if row.budgets else "-"
    return (
        ", ".join(f"`{pattern}`" for pattern in row.match),
        f"{row.window:,}" if row.window else "-",
        f"{row.output:,}" if row.output else "-",
        row.thinks,
        budgets,
        ", ".join(row.efforts) or "-",
        ", ".join(f"`{quirk}`" for quirk in row.quirks) or "-",
    )
