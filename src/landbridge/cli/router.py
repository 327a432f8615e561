"""Where the router is that a command asks: by its flags and the settings."""

from __future__ import annotations

from pathlib import Path

from ..errors import ConfigFault
from ..manage.router import url_of
from .context import load_context


def router_url(config: Path | None, data_dir: Path | None, base_url: str) -> str:
    """Where the router is: by the settings, unless at `base_url`. Raises `ConfigFault` where they cannot say."""
    if base_url:
        return base_url.rstrip("/").removesuffix("/anthropic").removesuffix("/v1")
    context = load_context(config, data_dir)
    if not context.config.listeners.router.enabled:
        raise ConfigFault(
            "The router is switched off (listeners.router.enabled = false).",
            remedy=f"Set it to true in {context.config_path}, or say --base-url.",
        )
    return url_of(context.config.listeners.router)
