"""The error behind an error: what a broken connection to an engine really means."""

from __future__ import annotations

from ..engines.lease import Lease
from ..errors import GatewayError, ProviderFault


class Cause:
    """Why it really failed: a connection to an engine breaks because the engine died."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        """The engine that answers, if one does."""

    async def __call__(self, error: GatewayError) -> GatewayError:
        """The error behind `error`, or itself."""
        if self.lease is None or not isinstance(error, ProviderFault):
            return error
        return await self.lease.post_mortem() or error
