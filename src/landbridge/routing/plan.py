"""How a request reaches its target: straight across, or converted."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .target import Target


class Plan(Struct, frozen=True):
    """The decision, and why; it is in the answer's headers and the log."""

    target: Target
    path: Literal["passthrough", "converted"]
    why: str


def plan(client_dialect: str, target: Target, passthrough_allowed: bool) -> Plan:
    """Bytes go straight across where both sides speak the same dialect and nothing needs to look inside."""
    if target.local:
        return Plan(target, "converted", "local engines are always converted, for limits and exact counts")
    if target.dialect != client_dialect:
        return Plan(target, "converted", f"the client speaks {client_dialect}, the target {target.dialect}")
    if not passthrough_allowed:
        return Plan(target, "converted", "pass-through is off for this provider")
    return Plan(target, "passthrough", "both sides speak the same dialect")
