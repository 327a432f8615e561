"""What an attempt asks whoever sent it: is an error kept from the client, because it is not the last word?"""

from __future__ import annotations

from typing import Protocol

from ..errors import GatewayError
from ..routing.faults import passes


class Trial(Protocol):
    """One try of perhaps several."""

    @property
    def others(self) -> bool:
        """Whether there are other targets that may answer."""

    def holds(self, error: GatewayError, status: int) -> bool:
        """Whether the client is not told of `error`; it is raised then. `status` is the upstream's own, or 0."""

    def heard(self) -> None:
        """The upstream has begun to answer."""


class Alone:
    """The try of a name that leads to one target: held is what may pass when the same is asked again."""

    others = False

    def __init__(self, longest: float) -> None:
        self._longest = longest

    def holds(self, error: GatewayError, status: int) -> bool:
        """Whether asking again may help."""
        return passes(error, status, self._longest)

    def heard(self) -> None:
        """Nothing is measured where nothing is chosen."""
