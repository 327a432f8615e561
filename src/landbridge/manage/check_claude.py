"""Is Claude Code installed, and does what it would read (environment, settings files) point here.

The `env` of a settings file outranks the process's environment (measured), so both are laid over each other as the
client does it. Values of keys and tokens are never printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ..access.secret import PREFIX
from ..agents import claude_code
from ..agents.clients import CLIENTS
from ..agents.installed import find
from .findings import Finding, fail, ok, warn

FOUR = "ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY (empty) and ANTHROPIC_MODEL"
LAUNCH = "'landbridge launch claude' sets everything for one session."


class _Settings(Struct):
    env: dict[str, str] = {}


def check_claude(env: Mapping[str, str], url: str, folder: Path, *, keyed: bool = False) -> Iterator[Finding]:
    """Everything about Claude Code. `folder` is where it would be started; `keyed`: the router wants a key."""
    yield from _installed(env)
    seen = dict(env)
    for path in settings_files(env, folder):
        try:
            seen |= msgspec.json.decode(path.read_bytes(), type=_Settings).env
        except FileNotFoundError:
            continue
        except (OSError, msgspec.DecodeError) as error:
            yield warn(
                "claude settings", f"{path} cannot be read: {error}", "Mend it; Claude Code ignores it as it is."
            )
    yield from pointing(seen, url, keyed=keyed)


def settings_files(env: Mapping[str, str], folder: Path) -> list[Path]:
    """The settings files Claude Code reads, the strongest last."""
    home = Path(env.get("CLAUDE_CONFIG_DIR") or Path(env.get("HOME") or "~").expanduser() / ".claude")
    project = folder / ".claude"
    return [home / "settings.json", project / "settings.json", project / "settings.local.json"]


def _installed(env: Mapping[str, str]) -> Iterator[Finding]:
    client = CLIENTS["claude"]
    found = find(client.program, env)
    if found is None:
        yield warn("claude", "Claude Code is not installed: no 'claude' on the PATH", f"{client.install}.")
    elif not found.version:
        yield warn("claude", f"{found.path} does not say its version", f"Install it again: {client.install}.")
    else:
        yield ok("claude", f"version {found.version} at {found.path}")
    yield _node(env)


def _node(env: Mapping[str, str]) -> Finding:
    found = find("node", env)
    if found is None:
        return ok("node", "not installed (only npm needs it)")
    if not found.version:
        return warn("node", f"{found.path} does not say its version", "Install Node.js again; npm needs it.")
    return ok("node", f"v{found.version}")


def pointing(seen: Mapping[str, str], url: str, *, keyed: bool = False) -> Iterator[Finding]:
    """Whether a Claude Code started with these variables comes to the router at `url`, and would be let out at all."""
    base = seen.get("ANTHROPIC_BASE_URL", "")
    for name in claude_code.ELSEWHERE:
        if seen.get(name):
            yield warn("claude points", f"{name} is set: it goes to that cloud, past any base URL", f"unset {name}")
    if not base:
        yield ok("claude points", f"not here by itself. {LAUNCH} Or set {FOUR}.")
        return
    if not same_place(base, url):
        yield warn("claude points", f"to {base}, not to {url}/anthropic", f"Change ANTHROPIC_BASE_URL. {LAUNCH}")
        return
    yield ok("claude points", f"here ({base})")
    if base.rstrip("/").endswith("/v1"):
        yield warn("claude points", "the base URL ends in /v1, which clients add themselves", f"Use {url}/anthropic.")
    yield from _credentials(seen, keyed)


def same_place(base: str, url: str) -> bool:
    """Whether both URLs name the same host and port."""
    names = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
    first, second = urlsplit(base), urlsplit(url)
    try:
        ports = {first.port or 80, second.port or 80}
    except ValueError:
        return False
    hosts = {names.get(part.hostname or "", part.hostname) for part in (first, second)}
    return len(ports) == len(hosts) == 1


def _credentials(seen: Mapping[str, str], keyed: bool) -> Iterator[Finding]:
    token, key = seen.get("ANTHROPIC_AUTH_TOKEN", "").strip(), seen.get("ANTHROPIC_API_KEY")
    if keyed and not any((text or "").strip().startswith(PREFIX) for text in (token, key)):
        yield fail(
            "claude token",
            f"the router wants a key of landbridge's, and ANTHROPIC_AUTH_TOKEN is none (they begin with {PREFIX})",
            f"Make one (landbridge keys create --name NAME) and export ANTHROPIC_AUTH_TOKEN={PREFIX}... {LAUNCH}",
        )
    elif not token and not (key or "").strip():
        yield fail(
            "claude token",
            "no token: current versions of Claude Code refuse an empty key before they send anything",
            "export ANTHROPIC_AUTH_TOKEN=landbridge (any word will do).",
        )
    elif key:
        yield warn(
            "claude token",
            "ANTHROPIC_API_KEY is set: Claude Code asks about it and sends it to landbridge",
            'export ANTHROPIC_API_KEY="" and ANTHROPIC_AUTH_TOKEN=landbridge.',
        )
    else:
        yield ok("claude token", "ANTHROPIC_AUTH_TOKEN is set, ANTHROPIC_API_KEY is not")
    if not seen.get("ANTHROPIC_MODEL"):
        yield warn(
            "claude model", "ANTHROPIC_MODEL is not set: it asks for a claude-* model, which is your default model here"
        )
