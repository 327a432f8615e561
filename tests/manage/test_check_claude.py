"""Where a Claude Code started here would go, and whether it would be let out at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landbridge.manage.check_claude import check_claude, pointing, same_place, settings_files
from tests.fakes.home import Home

URL = "http://127.0.0.1:38080"
GOOD = {
    "ANTHROPIC_BASE_URL": f"{URL}/anthropic",
    "ANTHROPIC_AUTH_TOKEN": "landbridge",
    "ANTHROPIC_API_KEY": "",
    "ANTHROPIC_MODEL": "smollm2",
}


def verdicts(env: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for finding in pointing(env, URL):
        if found.get(finding.check) in (None, "ok"):
            found[finding.check] = finding.verdict
    return found


def test_the_four_variables_are_right() -> None:
    assert set(verdicts(GOOD).values()) == {"ok"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "fail"),
        ({"ANTHROPIC_AUTH_TOKEN": "lb-abcd2345-x"}, "ok"),
        ({"ANTHROPIC_AUTH_TOKEN": "", "ANTHROPIC_API_KEY": "lb-abcd2345-x"}, "warn"),
        ({"ANTHROPIC_AUTH_TOKEN": ""}, "fail"),
    ],
)
def test_where_a_key_is_wanted_any_word_will_not_do(change: dict[str, str], verdict: str) -> None:
    (found,) = (each for each in pointing(GOOD | change, URL, keyed=True) if each.check == "claude token")
    assert found.verdict == verdict
    assert "lb-abcd2345" not in found.finding + found.remedy


def test_not_pointed_here_is_fine_and_says_how() -> None:
    (finding,) = pointing({}, URL)
    assert finding.verdict == "ok"
    assert "landbridge launch claude" in finding.finding


def test_the_guides_empty_key_alone_fails() -> None:
    env = {"ANTHROPIC_BASE_URL": f"{URL}/anthropic", "ANTHROPIC_API_KEY": ""}
    assert verdicts(env)["claude token"] == "fail"
    assert verdicts({**env, "ANTHROPIC_API_KEY": " ", "ANTHROPIC_AUTH_TOKEN": " "})["claude token"] == "fail"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"ANTHROPIC_BASE_URL": "https://api.example.com"}, "claude points"),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:8000"}, "claude points"),
        ({"ANTHROPIC_BASE_URL": f"{URL}/anthropic/v1/"}, "claude points"),
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "claude points"),
        ({"ANTHROPIC_API_KEY": "sk-real"}, "claude token"),
        ({"ANTHROPIC_MODEL": ""}, "claude model"),
    ],
)
def test_what_surprises_is_a_warning(change: dict[str, str], check: str) -> None:
    assert verdicts({**GOOD, **change})[check] == "warn"


def test_keys_are_never_shown() -> None:
    env = {**GOOD, "ANTHROPIC_API_KEY": "sk-real", "ANTHROPIC_AUTH_TOKEN": "tok-real"}
    assert "real" not in repr(list(pointing(env, URL)))


def test_localhost_is_this_machine() -> None:
    assert same_place("http://localhost:38080/anthropic", URL)
    assert not same_place("http://localhost:99999999", URL)
    assert not same_place("http://localhost:38081", URL)


@pytest.mark.io
def test_settings_files_outrank_the_environment(home: Home) -> None:
    for folder in (home.folder / ".claude", home.folder / "project" / ".claude"):
        folder.mkdir(parents=True)
    (home.folder / ".claude" / "settings.json").write_text(json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": ""}}))
    env = {**home.env, **GOOD}
    found = {finding.check: finding.verdict for finding in check_claude(env, URL, home.folder / "elsewhere")}
    assert found["claude token"] == "fail"
    (home.folder / "project/.claude/settings.local.json").write_text(json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "x"}}))
    found = {finding.check: finding.verdict for finding in check_claude(env, URL, home.folder / "project")}
    assert found["claude token"] == "ok"


@pytest.mark.io
def test_a_broken_settings_file_is_a_warning(home: Home) -> None:
    (home.folder / ".claude").mkdir()
    (home.folder / ".claude" / "settings.json").write_text("{")
    found = {finding.check: finding.verdict for finding in check_claude(home.env, URL, home.folder)}
    assert found["claude settings"] == "warn"


def test_the_config_folder_can_be_moved() -> None:
    assert settings_files({"CLAUDE_CONFIG_DIR": "/x"}, Path("/p"))[0] == Path("/x/settings.json")


@pytest.mark.io
def test_claude_and_node_are_found(home: Home) -> None:
    home.env["PATH"] = str(home.bin)
    found = {finding.check: finding for finding in check_claude(home.env, URL, home.folder)}
    assert found["claude"].verdict == "warn"
    assert "npm install" in found["claude"].remedy
    home.program("claude", "print('2.1.197 (Claude Code)')")
    home.program("node", "print('v20.1.0')")
    found = {finding.check: finding for finding in check_claude(home.env, URL, home.folder)}
    assert "2.1.197" in found["claude"].finding
    assert found["node"].finding == "v20.1.0"
