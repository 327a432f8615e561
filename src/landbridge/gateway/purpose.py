"""What local models are for: one that makes embeddings does not chat, and the other way round; and what calls are for.

Said before a model is loaded for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..engines.keeper import Keeper
from ..errors import BadRequest, ModelUnusable
from ..routing.names import is_claude
from ..routing.target import Target


def check_chats(keeper: Keeper, target: Target) -> None:
    """Raise `BadRequest` for a local model that makes embeddings."""
    if target.local and keeper.embeds(target.model):
        raise BadRequest(
            f"'{target.model}' makes embeddings and does not chat.",
            remedy="Name another model, or ask this one at /v1/embeddings. If it can chat, set `embeddings = false` "
            f'under [models."{target.model}"].',
        )


def check_embeds(keeper: Keeper, target: Target, local: Iterable[str]) -> None:
    """Raise `BadRequest` for a local model that chats; `local` are the models there are."""
    if keeper.embeds(target.model):
        return
    others = [name for name in local if embeds(keeper, name)]
    use = f"Use {' or '.join(others[:3])}" if others else "Use a model made for it"
    raise BadRequest(
        f"'{target.model}' is a model to chat with and makes no embeddings.",
        remedy=f'{use}, or set `embeddings = true` under [models."{target.model}"]; then it makes nothing else.',
    )


def embeds(keeper: Keeper, name: str) -> bool:
    """Whether a local model makes embeddings; of one that cannot be read nobody knows."""
    try:
        return keeper.embeds(name)
    except ModelUnusable:
        return False


def in_background(model: str, agent: str = "") -> bool:
    """Whether a call is one of Claude Code's small ones (titles, summaries): they ask for a haiku, whatever stands for
    it here. A subagent may ask for one, too, and is waited for.
    """
    return not agent and "haiku" in model.lower() and is_claude(model)
