"""What `landbridge serve` says when it is ready: where clients find it and what it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import __version__
from ..config import Config
from ..routing.names import best_pattern

Address = tuple[str, int]


def greeting(
    addresses: Mapping[str, Address], names: Sequence[str], config: Config, file: Path, pages: str = ""
) -> str:
    """Of a router that listens at `addresses`, with local models of those names; `pages` opens the dashboard."""
    lines = [f"landbridge {__version__}"]
    if "router" in addresses:
        url = _url(addresses["router"])
        lines.append(f"  Claude Code        {url}/anthropic")
        lines.append(f"  OpenAI clients     {url}/v1")
    if "openai" in addresses:
        lines.append(f"  OpenAI endpoint    {_url(addresses['openai'])}/v1")
    if pages:
        lines.append(f"  dashboard          {pages}")
    if "?token=" in pages:
        lines.append(
            "                     (signs in once, within 10 minutes; 'landbridge dashboard' prints another link)"
        )
    lines.append(f"  local models       {', '.join(names) or 'none yet'}")
    lines.append(f"  providers          {', '.join(config.providers) or 'none yet'}")
    default = config.default_model
    leads = best_pattern(default, config.aliases) is not None or default in config.routes
    known = default in names or "/" in default or leads
    hint = "" if known else f" (not here yet: landbridge models pull {default})"
    lines.append(f"  default model      {default}{hint}")
    lines.append(f"  settings           {file}")
    lines.append(f"Try: landbridge launch claude --model {default}       Ctrl-C stops.")
    return "\n".join(lines)


def _url(address: Address) -> str:
    host, port = address
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
