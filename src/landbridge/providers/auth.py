"""How a key is sent."""

from __future__ import annotations

from .table import Provider

ANTHROPIC_VERSION = "2023-06-01"


def headers(provider: Provider) -> dict[str, str]:
    """Headers of every request to `provider`, its credential among them. They win over what a client sent."""
    return {**credential(provider), **{name: value.reveal() for name, value in provider.headers.items()}}


def defaults(provider: Provider) -> dict[str, str]:
    """Headers the dialect wants, where a client that passes through sent none."""
    return {"anthropic-version": ANTHROPIC_VERSION} if provider.dialect == "anthropic" else {}


def credential(provider: Provider) -> dict[str, str]:
    """The header that carries the key."""
    match provider.auth:
        case "bearer":
            return {"authorization": f"Bearer {provider.key.reveal()}"}
        case "x-api-key" | "x-goog-api-key" as header:
            return {header: provider.key.reveal()}
        case _:
            return {}
