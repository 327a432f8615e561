"""What the real Claude Code sends from two folders: a local model reads its instructions and tools once (P77, P80)."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.engines.chain import Chain, chain_of
from landbridge.wire.openai_chat.llamacpp import read_prompt
from tests.e2e.conftest import Claude
from tests.fakes.local import local

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


async def test_p77_p80_sessions_in_two_folders_begin_with_the_same_instructions_and_tools(
    claude: Claude, tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    prompts: list[Chain] = []
    async with local(tmp_path, m=f"--heard {heard} --window 200000 --answer-tokens 3") as gateway:
        for folder in ("one", "two"):
            claude.project = claude.home / folder
            claude.project.mkdir()
            result = await claude.run(f"{gateway.url}/anthropic", "Say hello.", "--model", "m")
            assert result.code == 0, result
            prompts.append(max(map(_chain, heard.read_bytes().splitlines()), key=lambda chain: chain.size))
            heard.unlink()
    one, two = prompts
    assert one.cut(one.opening).begins(two)
    assert one.shared(two) > 0.75 * one.size


def _chain(body: bytes) -> Chain:
    return chain_of(read_prompt(body))
