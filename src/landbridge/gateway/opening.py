"""The beginning of a prompt, read by an engine before the prompt, so that it can be saved for others (P78)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Raw, Struct

from ..engines.lease import Lease
from ..engines.slots import Turn
from ..neutral.progress import Progress
from ..upstream.client import Client, Endpoint
from ..wire.openai_chat.progress import read_progress
from ..wire.sse import SSEDecoder


class _Chunk(Struct):
    prompt_progress: Raw = Raw(b"")


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
                if (progress := _progress(payload)) is not None:
                    await tell(progress)
    finally:
        await answer.close()
    if turn.keep is not None:
        await turn.keep()


def _progress(payload: bytes) -> Progress | None:
    try:
        return read_progress(msgspec.json.decode(payload, type=_Chunk).prompt_progress)
    except msgspec.MsgspecError:
        return None
