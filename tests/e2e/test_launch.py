"""`landbridge launch claude` with the real Claude Code: one command, no router before it, nothing left after it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from tests.e2e.conftest import Claude
from tests.e2e.test_claude_code import TOOLS, agent
from tests.fakes.provider import Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

SETTINGS = """
[listeners.router]
port = {port}
"""


OWN = {"landbridge.db", "logs", "own.key", "router.lock", "settings-history"}
"""What a router keeps in its data folder."""


async def launch(
    claude: Claude, folder: Path, settings: str, port: int, *words: str
) -> tuple[int, dict[str, Any], str]:
    """Run the command as a user would; gives exit code, Claude's JSON and what was said on stderr."""
    config, data = folder / "landbridge.toml", folder / "data"
    data.mkdir(exist_ok=True)
    config.write_text(settings + SETTINGS.format(port=port))
    environment = claude.environment("http://127.0.0.1:9/unused")
    own = {name: value for name, value in environment.items() if not name.startswith("ANTHROPIC_")}
    own["PATH"] = f"{claude.program.parent}:{own['PATH']}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "landbridge", "launch", "claude",
        "--config", str(config), "--data-dir", str(data), *words,
        cwd=claude.project, env={**own, "LAB_KEY": "secret-of-the-lab"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, said = await process.communicate()
    assert process.returncode is not None
    assert output, said.decode()
    return process.returncode, msgspec.json.decode(output, type=dict[str, Any]), said.decode()


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


async def test_work_is_done_on_a_provider(claude: Claude, tmp_path: Path, free_port: Callable[[], int]) -> None:
    async with Provider(agent(claude.project), models=["m"]) as provider:
        settings = f"""
[providers.lab]
dialect = "openai_chat"
base_url = "{provider.base_url("openai_chat")}"
api_key = "${{LAB_KEY}}"
models = ["m"]
"""
        (claude.project / "notes.txt").write_text("a draft\n")
        before = files(tmp_path)
        code, answer, said = await launch(
            claude, tmp_path, settings, port := free_port(), "--model", "lab/m", "--",
            "-p", "Do the four steps.", "--output-format", "json", *TOOLS,
        )  # fmt: skip
    assert (code, answer["result"]) == (0, "All four steps are done."), said
    assert (claude.project / "notes.txt").read_text() == "a final\n"
    assert (claude.project / "counted.txt").exists()
    assert all(request.json["model"] == "m" for request in provider.requests)
    data = tmp_path / "data"
    written = {path.relative_to(data).parts[0] for path in files(data) - before}
    assert written - {"ledger"} == OWN, "nothing is written but what is landbridge's own"
    assert not listens(port), "the router of the session ended with it"


async def test_the_local_model_gets_the_form_that_fits(
    claude: Claude, tmp_path: Path, models: Path, free_port: Callable[[], int]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    # As in `test_claude_code`: words that come to an end.
    computed = 'threads = 1\nbatch = 32\nflash_attention = "on"\n'
    settings = f'[models.smollm2]\n{computed}max_output = 400\nextra = {{ "sampling.temp" = 0.0 }}\n'
    code, answer, said = await launch(
        claude, tmp_path, settings, free_port(), "--model", "smollm2", "--",
        "-p", "Say hello.", "--output-format", "json", "--system-prompt", "You are brief.",
    )  # fmt: skip
    assert code == 0, (answer, said)
    assert "--bare" in said, "the user is told"
    assert answer["result"].strip()
    assert answer["usage"]["input_tokens"] > 0
    assert answer["usage"]["output_tokens"] > 0


def listens(port: int) -> bool:
    return any(
        connection.laddr and connection.laddr.port == port
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    )
