"""The lists of models clients ask for, each in its dialect.

Claude Code keeps only ids that contain "claude" or "anthropic" (CLIENTS.md section 8), so its discovery gets every
model under such an alias as well; `routing.names` resolves them back. Windows are told where the dialect has a place
for them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..errors import GatewayError
from ..routing.names import discovery_ids
from ..routing.target import Target
from .call import Call, Sink
from .exchange import Gateway, refuse
from .ids import new_id
from .journal import Record

_JSON = {"content-type": "application/json"}
CREATED = "1970-01-01T00:00:00Z"
"""Local files and most providers tell no date; the epoch is what the dialect gives then."""


async def list_models(gateway: Gateway, call: Call, sink: Sink) -> None:
    """Every model there is."""
    await gateway.listing.refresh(gateway.world)
    catalog = gateway.world.catalog()
    names = [*catalog.local]
    for provider, models in catalog.providers.items():
        names += [f"{provider}/{model}" for model in models or ()]
    if call.dialect != "anthropic":
        data = [_openai(gateway, name) for name in names]
        await sink.whole(200, _JSON, msgspec.json.encode({"object": "list", "data": data}))
        return
    entries = [await _anthropic(gateway, name, name) for name in names]
    if call.headers.get("user-agent", "").startswith("claude-code/"):
        entries = [await _anthropic(gateway, id, title) for id, title in discovery_ids(catalog)]
    ids = [entry["id"] for entry in entries]
    page = {
        "data": entries,
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }
    await sink.whole(200, _JSON, msgspec.json.encode(page))


async def show_model(gateway: Gateway, model: str, call: Call, sink: Sink) -> None:
    """One model; unknown names get the dialect's 404."""
    try:
        await gateway.target_of(model)
        entry = await _anthropic(gateway, model, model) if call.dialect == "anthropic" else _openai(gateway, model)
    except GatewayError as error:
        await refuse(error, call.dialect, sink, Record(id=new_id("req_"), dialect=call.dialect, model=model))
        return
    await sink.whole(200, _JSON, msgspec.json.encode(entry))


def _openai(gateway: Gateway, name: str) -> dict[str, Any]:
    owner = name.split("/", 1)[0] if "/" in name else "landbridge"
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}


async def _anthropic(gateway: Gateway, name: str, title: str) -> dict[str, Any]:
    target = await gateway.target_of(name)
    window, output = facts(gateway, target)
    return {
        "type": "model",
        "id": name,
        "display_name": title,
        "created_at": CREATED,
        "lifecycle": "active",
        "max_input_tokens": window,
        "max_tokens": output,
        "landbridge": {
            "window": window,
            "local": target.local,
            "tools": target.traits.tools,
            "target": target.label,
            "dialect": target.dialect,
        },
    }


def facts(gateway: Gateway, target: Target) -> tuple[int | None, int | None]:
    """(window, most output tokens) of `target`, as far as known."""
    if not target.local:
        return target.traits.window, target.traits.max_output
    window = gateway.parts.keeper.window(target.model)
    settings = gateway.config.models.get(target.model)
    return window, settings.max_output if settings is not None and settings.max_output else window
