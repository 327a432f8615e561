"""The client tools there are: what they are called, how they are installed, and who sets them up."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from . import aider, claude_code, codex, gemini_cli, opencode, qwen_code
from .session import Session, Setup


class Client(Struct, frozen=True, kw_only=True):
    """One client tool."""

    name: str
    """What `landbridge launch` calls it."""
    title: str
    program: str
    """What is looked for on the PATH."""
    install: str
    """The command that installs it."""
    path: str
    """Of its base URL at the router."""
    setup: Callable[[Session], Setup]
    by_arguments: bool = False
    """Whether variables alone do not do it."""
    by_files: bool = False
    """Whether a session needs files of its own."""

    def arguments(self, made: Setup) -> tuple[str, ...]:
        """Those that have to be given beside the variables."""
        return made.arguments if self.by_arguments else made.fitting


_ALL = (
    Client(
        name="claude",
        title="Claude Code",
        program="claude",
        install="npm install -g @anthropic-ai/claude-code",
        path="/anthropic",
        setup=claude_code.setup,
    ),
    Client(
        name="codex",
        title="Codex",
        program="codex",
        install="npm install -g @openai/codex",
        path="/v1",
        setup=codex.setup,
        by_arguments=True,
    ),
    Client(
        name="gemini",
        title="Gemini CLI",
        program="gemini",
        install="npm install -g @google/gemini-cli",
        path="/gemini",
        setup=gemini_cli.setup,
        by_files=True,
    ),
    Client(
        name="opencode",
        title="OpenCode",
        program="opencode",
        install="npm install -g opencode-ai",
        path="/v1",
        setup=opencode.setup,
    ),
    Client(
        name="qwen",
        title="Qwen Code",
        program="qwen",
        install="npm install -g @qwen-code/qwen-code",
        path="/v1",
        setup=qwen_code.setup,
        by_files=True,
    ),
    Client(
        name="aider",
        title="aider",
        program="aider",
        install="python -m pip install aider-install && aider-install",
        path="/v1",
        setup=aider.setup,
        by_arguments=True,
        by_files=True,
    ),
)

CLIENTS = {found.name: found for found in _ALL}
"""By name, in the order they are shown."""
