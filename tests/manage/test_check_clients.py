"""The doctor names the clients that are there, and where they go by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.manage.check_clients import check_clients
from tests.fakes.home import Home

pytestmark = pytest.mark.io

URL = "http://127.0.0.1:38080"


def findings(home: Home, **env: str) -> dict[str, str]:
    found = list(check_clients({**home.env, **env}, URL))
    assert {each.verdict for each in found} <= {"ok"}
    return {each.check: each.finding for each in found}


def test_clients_that_are_not_installed_are_not_mentioned(home: Home) -> None:
    home.program("claude", "print('2.1.330')")
    assert findings(home) == {}


@pytest.mark.parametrize(
    ("program", "client", "variable"),
    [
        ("gemini", "gemini", "GOOGLE_GEMINI_BASE_URL"),
        ("qwen", "qwen", "OPENAI_BASE_URL"),
        ("aider", "aider", "OPENAI_API_BASE"),
    ],
)
def test_a_variable_points_here_or_elsewhere(program: str, client: str, variable: str, home: Home) -> None:
    home.program(program, "print('1.2.3')")
    assert f"version 1.2.3 at {home.bin / program}; 'landbridge launch {client}'" in findings(home)[client]
    assert "points here" in findings(home, **{variable: "http://localhost:38080/x"})[client]
    assert "points elsewhere" in findings(home, **{variable: "https://api.example.com/v1"})[client]


CONFIG = """
model_provider = "mine"
[model_providers.mine]
base_url = "http://127.0.0.1:38080/v1"
wire_api = "responses"
"""


def test_codex_is_asked_for_the_provider_in_its_settings(home: Home, tmp_path: Path) -> None:
    home.program("codex", "print('codex-cli 0.169.0')")
    assert "points" not in findings(home)["codex"]
    (home.folder / ".codex").mkdir()
    (home.folder / ".codex/config.toml").write_text(CONFIG)
    assert "points here (http://127.0.0.1:38080/v1)" in findings(home)["codex"]
    assert "points" not in findings(home, CODEX_HOME=str(tmp_path / "other"))["codex"]


@pytest.mark.parametrize("text", ["model_provider = ", "model_provider = 3"])
def test_settings_that_cannot_be_read_are_a_warning(text: str, home: Home) -> None:
    home.program("codex", "print('codex-cli 0.169.0')")
    (home.folder / ".codex").mkdir()
    (home.folder / ".codex/config.toml").write_text(text)
    [found] = check_clients(home.env, URL)
    assert found.verdict == "warn"
    assert "cannot be read" in found.finding
