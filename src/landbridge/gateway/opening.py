"""The beginning of a prompt, read by an engine before the prompt, so that it can be saved for others (P78)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..engines.lease import Lease
from ..engines.slots import Turn
from ..neutral.progress import Progress
from ..upstream.client import Client, Endpoint
from ..wire.openai_chat.progress import read_noticed
from ..wire.sse import SSEDecoder


async def read_opening(
    client: Client, lease: Lease, turn: Turn, origin: str, tell: Callable[[Progress], Awaitable[None]]
) -> None:
    """Have an engine read the beginning of a prompt, if that is wanted, and keep it. `tell` hears how far it is.

    What the engine refuses here is read with the prompt.
    """
    if not turn.opening:
        return
    url = lease.url + "/completion"
    endpoint = Endpoint(url=url, headers=lease.headers, idle_timeout=None, origin=origin)
    answer = await client.post(endpoint, turn.opening, {})
    try:
        if answer.status != 200:
            return
        decoder = SSEDecoder()
        async for chunk in answer.chunks():
            for _, payload in decoder.feed(chunk):
                if (progress := read_noticed(payload)) is not None:
                    await tell(progress)
    finally:
        await answer.close()
    if turn.keep is not None:
        await turn.keep()
