"""A target: one model at one place, and what it can take."""

from __future__ import annotations

from msgspec import Struct

from ..neutral.traits import Traits


class Target(Struct, frozen=True):
    """Where a request goes."""

    provider: str
    """The provider's name in the settings; `local` for models of this machine."""
    model: str
    """The name the upstream wants."""
    dialect: str
    traits: Traits = Traits()
    local: bool = False

    @property
    def label(self) -> str:
        """How people write it: `lab/m`, `smollm2`."""
        return self.model if self.local else f"{self.provider}/{self.model}"
