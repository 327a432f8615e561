"""`docs/errors.md`: every kind of error, from the classes and from what the dialects make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from landbridge import errors
from landbridge.errors import ClientFault, ConfigFault, EngineFault, GatewayError, ProviderFault, StoreFault, TooLong
from landbridge.wire.dialects import dialect
from tests.redoc_table import table

INTRODUCTION = """\
# Errors

An error says what is wrong, who says so and what to do. Find its kind by the status and the words below; where to begin
is on the page [troubleshooting](troubleshooting.md).

```json
{example}
```

OpenAI's clients get the same text in their own form. The headers of an error answer:

| header | meaning |
| --- | --- |
| `x-landbridge-origin` | who spoke: `landbridge`, `engine:MODEL` or `provider:NAME` |
| `x-should-retry` | `true` where the same request may succeed later |
| `retry-after` | seconds to wait, where somebody said how long |
| `request-id` | the request's line in the router's log has it too |

A stream that has begun ends with an `error` event in the dialect's form instead of a status, or, where no event can
stand, with a broken connection; never like a whole answer. With pass-through the provider's own error comes unchanged,
but a 401 becomes a 403: a 401 means a key for landbridge itself, and clients retry it for minutes.
"""

BLAME: dict[type[GatewayError], tuple[str, str]] = {
    ClientFault: ("the request", "The request cannot be served as it is. Sending it unchanged again does not help."),
    ProviderFault: ("the provider", "The provider answered with an error, or not at all."),
    EngineFault: ("the local engine", "The program that runs local models failed."),
    ConfigFault: ("the settings", "The settings file, a variable or a flag is wrong."),
    StoreFault: ("the ledger", "Its database cannot be used. Requests go on; only what reads the ledger fails."),
    GatewayError: ("landbridge", "A defect of the router itself."),
}
"""Bases -> who is to blame, and the section's first words."""

MEANINGS = {
    "internal": "landbridge failed on this request.",
    "provider": "The provider failed, and gave no reason that has a kind of its own.",
}
"""Where the class's own text says what it is a base of."""

KEPT = {"provider_refused": "the provider's 4xx", "config": "500"}
"""Statuses that are not simply the class's own."""


def kinds(base: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """Every class that is raised, in the order of the tree; a base that shares its kind with a child is left out."""
    children = [child for child in base.__subclasses__() if child.__module__ == errors.__name__]
    if all(child.kind != base.kind for child in children):
        yield base
    for child in children:
        yield from kinds(child)


def errors_page() -> str:
    """The document."""
    shown = dialect("anthropic").write_error(make(errors.UnknownModel), "req_1")
    parts = [INTRODUCTION.format(example=msgspec.json.format(shown, indent=2).decode())]
    for base, (who, said) in BLAME.items():
        mine = [kind for kind in kinds() if blamed(kind) is base]
        parts.append(f"## To blame: {who}\n\n{said}\n")
        parts.append(table(("kind", "status", "again?", "what it means", "what to do"), map(_row, mine)))
    parts.append("## In the dialects\n\nWhat clients find in `error.type` and, with OpenAI, in `error.code`.\n")
    parts.append(
        table(("kind", "status", "to blame", "Anthropic `type`", "OpenAI `type`", "OpenAI `code`"), _dialects())
    )
    parts.append("Where a provider gave a code of its own, OpenAI's clients get that one.")
    return "\n".join(parts)


def blamed(kind: type[GatewayError]) -> type[GatewayError]:
    """The base that says whose fault a kind is."""
    return next(base for base in BLAME if issubclass(kind, base))


def make(kind: type[GatewayError]) -> GatewayError:
    """An error of that kind."""
    if kind is TooLong:
        return TooLong(41_000, 32_768)
    if kind is errors.UnknownModel:
        return kind("There is no model 'smolm2'.", remedy="Did you mean smollm2?")
    return kind("What happened.", remedy="What to do.")


def _row(kind: type[GatewayError]) -> tuple[str, ...]:
    error = make(kind)
    # Sections of the documents the design began with mean nothing to a reader.
    meaning = MEANINGS.get(kind.kind) or re.sub(r" \([A-Z]+\.md [0-9.]+\)", "", " ".join((kind.__doc__ or "").split()))
    again = "yes" if error.retryable else "no"
    return f"`{kind.kind}`", _status(error), again, meaning, kind.advice


def _dialects() -> Iterator[tuple[str, ...]]:
    for kind in kinds():
        error = make(kind)
        anthropic, openai = (
            msgspec.json.decode(dialect(name).write_error(error, ""), type=dict[str, Any])["error"]
            for name in ("anthropic", "openai_chat")
        )
        code = f"`{openai['code']}`" if openai["code"] else "-"
        who = BLAME[blamed(kind)][0]
        yield f"`{kind.kind}`", _status(error), who, f"`{anthropic['type']}`", f"`{openai['type']}`", code


def _status(error: GatewayError) -> str:
    return KEPT.get(error.kind, str(error.status))
