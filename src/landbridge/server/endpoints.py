"""What each kind of endpoint takes and gives, for the description of the API (`openapi.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engines.info import EngineInfo
from ..gateway.explain import Explanation
from ..store.report import Exchanges, Usage
from ..store.told import Told
from . import admins
from .admin import Engines, Unload, Unloaded
from .admin_routes import Routes
from .admin_settings import ToCheck
from .described import Described, Endpoint
from .health import Report
from .settings import Checked, InForce
from .shapes import anthropic, embeddings, gemini, openai_chat, openai_legacy, openai_responses, shared

Json = dict[str, Any]

PARAMETERS: Mapping[str, Json] = {
    "model": {"in": "path", "description": "A model's name, with its slashes escaped or not.", "required": True},
    "id": {"in": "path", "description": "The id of a response, exchange, chat, key or version.", "required": True},
    "tool": {"in": "path", "description": "A client tool, as `landbridge launch` calls it.", "required": True},
    "model_wanted": {"name": "model", "in": "query", "description": "A model's name; left out: `default_model`."},
    "versions": {"in": "query", "schema": {"type": "boolean"}, "description": "`false`: start none to learn them."},
    "shell": {"in": "query", "schema": {"enum": ["sh", "fish", "powershell", "cmd"]}, "description": "Whose form."},
    "base_url": {"in": "query", "description": "Where the client reaches the router, from another machine."},
    "load": {"in": "query", "schema": {"type": "boolean"}, "description": "Load a local model: its window is known."},
    "answer": {"in": "query", "schema": {"type": "boolean"}, "description": "Ask the model something, too."},
    "items_limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        "description": "Items on one page; 20 where it is left out.",
    },
    "items_order": {
        "name": "order",
        "in": "query",
        "schema": {"enum": ["asc", "desc"]},
        "description": "Oldest or (`desc`, as it is left out) newest first.",
    },
    "items_after": {"name": "after", "in": "query", "description": "The id of the item before the page."},
    "alt": {"in": "query", "schema": {"enum": ["sse", "json"]}, "description": "`sse`: as `text/event-stream`."},
    "limit": {"in": "query", "schema": {"type": "integer"}, "description": "Taken and ignored: there is one page."},
    "as_client": {"name": "client", "in": "query", "description": "As this client asks (`codex`)."},
    "as_key": {"name": "key", "in": "query", "description": "As who has this access key asks: its name or id."},
    "tokens": {"in": "query", "schema": {"type": "integer"}, "description": "With a prompt of so many tokens."},
    "in_session": {"name": "session", "in": "query", "description": "In this conversation."},
    "beta": {"in": "query", "schema": {"type": "string"}, "description": "Taken and ignored, as Anthropic does."},
    "anthropic-version": {"in": "header", "description": "Asks for the form of Anthropic's API."},
    "x-goog-api-key": {"in": "header", "description": "Asks for the form of Google's API."},
    "by": {"in": "query", "description": "model, provider, key, client, session, agent or day; several with commas."},
    "since": {"in": "query", "description": "Unix seconds, `7d`, `today`, `2026-11-01` or `2026-11-01T14:30`."},
    "until": {"in": "query", "description": "As `since`; only what ended before then."},
    "model_filter": {"name": "model", "in": "query", "description": "Asked for or answering; `*` stands for anything."},
    "provider": {"in": "query", "description": "Only this provider; `local`: models of this machine."},
    "client": {"in": "query", "description": "Only this client (`claude-cli`)."},
    "key": {"in": "query", "description": "Only the access key of this id."},
    "session": {"in": "query", "description": "Only this conversation."},
    "agent": {"in": "query", "description": "Only this subagent."},
    "status": {"in": "query", "schema": {"type": "integer"}, "description": "Only answers with this HTTP status."},
    "errors": {"in": "query", "schema": {"type": "boolean"}, "description": "Only what went wrong."},
    "rows": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
        "description": "Exchanges on one page; 50 where it is left out.",
    },
    "before": {"in": "query", "description": "The id that the page before ended with (its `more`)."},
    "search": {"in": "query", "description": "Only those with these words, in the title or in what was said."},
    "conversations_limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
        "description": "Conversations on one page; 50 where it is left out.",
    },
    "one_by": {"name": "by", "in": "query", "description": "model, provider, key, client, session or agent; one."},
    "step": {
        "in": "query",
        "schema": {"enum": ["minutes", "hour", "day", "week"]},
        "description": "How long a stretch of time is (`minutes`: five); left out: as fits the whole.",
    },
    "sessions_limit": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 500},
        "description": "Conversations; 50 where it is left out.",
    },
    "unload": {"in": "query", "schema": {"type": "boolean"}, "description": "Unload it first, where it is loaded."},
    "folder": {"in": "query", "description": "Those in this folder; left out: those of programs we know of."},
    "words": {"in": "query", "description": "What the name has in it: `qwen coder 7b`."},
    "repositories": {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        "description": "Most repositories of the hub; 20 where it is left out.",
    },
    "hub": {"in": "query", "schema": {"type": "boolean"}, "description": "Whether to ask the hub, too; left out: yes."},
    "source": {"in": "query", "description": "A repository of Hugging Face: `hf:org/repo[@revision]`."},
    "topics": {"in": "query", "description": "Names of topics with commas; left out: all."},
    "to_version": {"name": "to", "in": "query", "description": "This version; left out: the file as it is now."},
    "name": {"in": "path", "description": "A name in the settings.", "required": True},
    "ask_again": {
        "name": "fresh",
        "in": "query",
        "schema": {"type": "boolean"},
        "description": "Ask the provider now, although it has answered lately.",
    },
    "confirm": {"in": "query", "schema": {"type": "boolean"}, "description": "That it is meant."},
    "x-landbridge": {"in": "header", "description": "Shows that no web page asks. A JSON body does so, too."},
}


_FILTERS = ("since", "until", "model_filter", "provider", "client", "key", "session", "agent")
_SIGNS = ("anthropic-version", "x-goog-api-key")
_HELLO = Endpoint(summary="Say that landbridge is there", gives=(shared.Hello,))

_OWN: Described = {
    ("POST", "anthropic", "/messages"): Endpoint(
        summary="Create a message",
        takes=anthropic.Asked,
        gives=(anthropic.Message,),
        streams=True,
        parameters=("beta",),
    ),
    ("POST", "anthropic", "/messages/count_tokens"): Endpoint(
        summary="Count the tokens of a message",
        takes=anthropic.Asked,
        gives=(anthropic.Count,),
        parameters=("beta",),
    ),
    ("POST", "openai_chat", "/chat/completions"): Endpoint(
        summary="Create a chat completion", takes=openai_chat.Asked, gives=(openai_chat.Completion,), streams=True
    ),
    ("POST", "openai_legacy", "/completions"): Endpoint(
        summary="Continue a text", takes=openai_legacy.Asked, gives=(openai_legacy.Completion,), streams=True
    ),
    ("POST", "openai_responses", "/responses"): Endpoint(
        summary="Create a response", takes=openai_responses.Asked, gives=(openai_responses.Response,), streams=True
    ),
    ("POST", "openai_responses", "/responses/input_tokens"): Endpoint(
        summary="Count the tokens of a response's input", takes=openai_responses.Asked, gives=(openai_responses.Count,)
    ),
    ("GET", "openai_responses", "/responses/{id}"): Endpoint(
        summary="Look up a response that was kept", gives=(openai_responses.Response,)
    ),
    ("GET", "openai_responses", "/responses/{id}/input_items"): Endpoint(
        summary="List the input of a response, earlier turns included",
        gives=(openai_responses.Items,),
        parameters=("items_limit", "items_order", "items_after"),
    ),
    ("DELETE", "openai_responses", "/responses/{id}"): Endpoint(
        summary="Delete a response that was kept", gives=(openai_responses.Deleted,)
    ),
    ("POST", "openai_responses", "/responses/{id}/cancel"): Endpoint(
        summary="Cancel a response that a provider makes in the background", gives=(openai_responses.Response,)
    ),
    ("POST", "gemini", ":generateContent"): Endpoint(
        summary="Generate content", takes=gemini.Asked, gives=(gemini.Answer,)
    ),
    ("POST", "gemini", ":streamGenerateContent"): Endpoint(
        summary="Generate content as a stream",
        takes=gemini.Asked,
        gives=(list[gemini.Answer],),
        streams=True,
        parameters=("alt",),
    ),
    ("POST", "gemini", ":countTokens"): Endpoint(
        summary="Count the tokens of a prompt", takes=gemini.Counted, gives=(gemini.Count,)
    ),
    ("POST", "openai_chat", "/embeddings"): Endpoint(
        summary="Create embeddings", takes=embeddings.Asked, gives=(embeddings.Embeddings,)
    ),
    ("POST", "gemini", ":embedContent"): Endpoint(
        summary="Embed a content", takes=embeddings.GoogleAsked, gives=(embeddings.GoogleEmbedding,)
    ),
    ("POST", "gemini", ":batchEmbedContents"): Endpoint(
        summary="Embed contents", takes=embeddings.GoogleBatch, gives=(embeddings.GoogleEmbeddings,)
    ),
    ("GET", "anthropic", "/models"): Endpoint(summary="List models", gives=(anthropic.Models,), parameters=("limit",)),
    ("GET", "gemini", "/models"): Endpoint(summary="List models", gives=(gemini.Models,)),
    ("GET", "", "/models"): Endpoint(
        summary="List models, in the form of the API whose header is there",
        gives=(openai_chat.Models, anthropic.Models, gemini.Models),
        parameters=_SIGNS,
    ),
    ("GET", "anthropic", "/models/{model}"): Endpoint(summary="Show a model", gives=(anthropic.Model,)),
    ("GET", "gemini", "/models/{model}"): Endpoint(summary="Show a model", gives=(gemini.Model,)),
    ("GET", "", "/models/{model}"): Endpoint(
        summary="Show a model, in the form of the API whose header is there",
        gives=(openai_chat.Model, anthropic.Model, gemini.Model),
        parameters=_SIGNS,
    ),
    ("GET", "", "/health"): Endpoint(
        summary="Say how landbridge is: 503 when a part of it has failed", gives=(Report,), statuses=(200, 503)
    ),
    ("GET", "", "/metrics"): Endpoint(summary="Give figures to Prometheus, on this machine", gives=()),
    ("GET", "", "/routes"): Endpoint(summary="List the names that lead to several models", gives=(Routes,)),
    ("GET", "", "/routes/{model}"): Endpoint(
        summary="Say where a name leads now, why, and what is passed over",
        gives=(Explanation,),
        parameters=("as_client", "as_key", "tokens", "in_session"),
    ),
    ("GET", "", "/settings"): Endpoint(summary="Show the settings in force, and where each was said", gives=(InForce,)),
    ("POST", "", "/settings/check"): Endpoint(
        summary="Say what would come of a settings file", takes=ToCheck, gives=(Checked,)
    ),
    ("GET", "", "/usage"): Endpoint(
        summary="Add up what was used, and what it cost", gives=(Usage,), parameters=("by", *_FILTERS)
    ),
    ("GET", "", "/requests"): Endpoint(
        summary="List exchanges, the newest first",
        gives=(Exchanges,),
        parameters=(*_FILTERS, "status", "errors", "rows", "before"),
    ),
    ("GET", "", "/requests/{id}"): Endpoint(
        summary="Show an exchange, and what was said in it where that is kept", gives=(Told,)
    ),
    ("GET", "", "/engines"): Endpoint(summary="List the engines of local models", gives=(Engines,)),
    ("GET", "", "/engines/{model}"): Endpoint(summary="Say how an engine stands", gives=(EngineInfo,)),
    ("POST", "", "/load"): Endpoint(
        summary="Load a model, and wait until it is ready", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("POST", "", "/unload"): Endpoint(
        summary="Unload a model when those who use it are done, or now", takes=Unload, gives=(Unloaded,)
    ),
    ("PUT", "", "/pin"): Endpoint(
        summary="Let a model stay in memory once it is loaded", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("DELETE", "", "/pin"): Endpoint(
        summary="Let a model go again when its memory is needed", gives=(EngineInfo,), parameters=("x-landbridge",)
    ),
    ("GET", "", "/openapi.json"): Endpoint(summary="Describe the API", gives=(Json,)),
    ("GET", "", "/"): _HELLO,
    ("GET", "anthropic", "/anthropic"): _HELLO,
    ("GET", "anthropic", "/anthropic/"): _HELLO,
    ("GET", "anthropic", "/api/hello"): _HELLO,
}
ENDPOINTS: Described = {**_OWN, **admins.DESCRIBED}
"""By method, dialect and ending of the path."""
