"""A field for a key: what is typed is in no attribute and no message before it is taken (`cloud_secret.js`)."""

from __future__ import annotations

from nicegui.element import Element

PATIENCE = 5.0
"""Seconds that the browser has to answer."""


class SecretField(Element, component="../static/cloud_secret.js"):
    """Looks like any other field of text."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.props["label"] = label

    async def take(self) -> str:
        """What was typed. Raises `TimeoutError` where the browser is gone."""
        return str(await self.run_method("take", timeout=PATIENCE) or "")

    def forget(self) -> None:
        """Empty it."""
        self.run_method("forget")
