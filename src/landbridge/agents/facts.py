"""What the router says about a model -> limits and notes that hold for every client tool. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ..errors import Garbled

TOKEN = "landbridge"  # noqa: S105 - not a secret: the router takes any token, clients refuse an empty one
PATIENCE = 1200
"""Seconds: a long prompt on a processor takes longer than the few minutes clients wait by themselves."""
BYTES_PER_TOKEN = 3.5
"""Schemas and prose in a small model's vocabulary; large ones get 4."""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What the router says about one model."""

    name: str
    window: int | None = None
    """Tokens of context; None where nobody knows."""
    max_output: int | None = None
    """Most tokens of one answer; None where nobody knows."""
    local: bool = False
    """Whether it runs on this machine."""
    tools: bool = True
    """Whether it can call tools."""
    anthropic: bool = False
    """Whether Anthropic's dialect is spoken on the other side too."""


class _OwnFacts(Struct):
    window: int | None = None
    local: bool = False
    tools: bool = True
    dialect: str = ""


class _ModelInfo(Struct):
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    landbridge: _OwnFacts = msgspec.field(default_factory=_OwnFacts)


def read_facts(name: str, body: bytes) -> ModelFacts:
    """The answer of `GET /anthropic/v1/models/{name}` as facts. Raises `Garbled`."""
    try:
        info = msgspec.json.decode(body, type=_ModelInfo)
    except msgspec.DecodeError as error:
        raise Garbled(
            f"The router's answer about the model '{name}' is not understood: {error}.",
            remedy="Is the base URL that of landbridge? 'landbridge doctor' looks.",
        ) from None
    own = info.landbridge
    return ModelFacts(
        name=name,
        window=own.window or info.max_input_tokens,
        max_output=info.max_tokens,
        local=own.local,
        tools=own.tools,
        anthropic=own.dialect == "anthropic" or (not own.dialect and not own.local and "claude" in name),
    )


def output_limit(facts: ModelFacts) -> int | None:
    """Most tokens of one answer to ask for: for local models at most 8,192 and a quarter of the window."""
    limits = [facts.max_output]
    if facts.local:
        limits += [8192, facts.window and facts.window // 4]
    return min((limit for limit in limits if limit), default=None)


def past_the_proxy(base_url: str, user_env: Mapping[str, str]) -> dict[str, str]:
    """What keeps requests to `base_url` away from the proxies of `user_env`, where there are any."""
    host = urlsplit(base_url).hostname or ""
    if not any(user_env.get(name) for name in PROXIES):
        return {}
    already = user_env.get("NO_PROXY") or user_env.get("no_proxy") or ""
    if host in already.split(","):
        return {}
    value = f"{already},{host}".lstrip(",")
    # Some clients read the small name first.
    return {"NO_PROXY": value} | ({"no_proxy": value} if "no_proxy" in user_env else {})


def left_to_user(tuning: Mapping[str, str], user_env: Mapping[str, str]) -> dict[str, str]:
    """The variables of `tuning` that the user has not set."""
    return {name: value for name, value in tuning.items() if name not in user_env}


def gives(args: Sequence[str], *options: str) -> bool:
    """Whether the user's arguments have one of these options."""
    return any(arg == option or arg.startswith(f"{option}=") for arg in args for option in options)


def remarks(facts: ModelFacts, client: str, first_request: int) -> list[str]:
    """What to tell the user about this model in `client`, whose first request has that many bytes."""
    notes = tight(facts, client, first_request)
    if not facts.tools:
        notes.append(f"{facts.name} cannot call tools: it answers in text and changes no files.")
    return notes


def tight(facts: ModelFacts, client: str, first_request: int) -> list[str]:
    """A note where the first request leaves less than half of the window to work in."""
    tokens = round(first_request / BYTES_PER_TOKEN, -2)
    if facts.window is None or facts.window >= 2 * tokens:
        return []
    return [
        f"Window of {facts.window} tokens: {client}'s first request alone takes about {tokens:,.0f}. "
        "Better take a model with a larger window."
    ]


def other_model(facts: ModelFacts) -> str:
    """What to tell a user who names another model after the dashes."""
    return f"The model after '--' is used; window and limits are still those of {facts.name}."
