"""Commands are found, light ones stay light, and what goes wrong is one sentence and an exit code."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from landbridge import __version__
from landbridge.cli.main import COMMANDS, application, main, overview

from .conftest import Home

HEAVY = {"aiohttp", "uvicorn", "starlette", "huggingface_hub", "rich", "cyclopts", "numpy", "xllamacpp", "asyncio"}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"landbridge {__version__}\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_overview_names_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    out = capsys.readouterr().out
    assert out == overview() + "\n"
    for name, (_, summary) in COMMANDS.items():
        assert f"  {name}" in out
        assert summary in out


@pytest.mark.io
@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_light_flags_import_nothing_heavy(flag: str) -> None:
    script = f"import sys; from landbridge.cli.main import main; main([{flag!r}]); print('|'.join(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(said.stdout.splitlines()[-1].split("|")) & HEAVY == set()


@pytest.mark.io
def test_help_takes_less_than_200_ms() -> None:
    took = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "landbridge", "--help"], check=True, capture_output=True)
        took.append(time.monotonic() - began)
    assert min(took) < 0.2


def test_every_command_can_be_imported_and_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        assert "landbridge" in capsys.readouterr().out
    assert set(COMMANDS) <= set(application())


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["nonsense"], "nonsense"),
        (["serve", "--colour"], "--colour"),
        (["serve", "--port", "many"], "many"),
        (["launch", "emacs"], "emacs"),
        (["doctor", "extra"], "extra"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert wrong in err
    assert "--help" in err


@pytest.mark.io
@pytest.mark.parametrize(
    "settings", ["default_model = ", "colour = 'red'", "[listeners.router]\nport = 'many'", "[listeners.rooter]"]
)
def test_broken_settings_are_one_sentence_and_exit_2(settings: str, home: Home) -> None:
    home.config.write_text(settings)
    for words in (["serve"], ["launch", "claude"]):
        said = home.run(*words)
        assert said.returncode == 2, said.stderr
        assert said.stderr.startswith("landbridge: ")
        assert said.stderr.count("\n") == 1
        assert "Traceback" not in said.stderr


@pytest.mark.io
def test_a_named_settings_file_must_exist(home: Home) -> None:
    said = home.run("serve")
    assert said.returncode == 2
    assert str(home.config) in said.stderr


@pytest.mark.io
def test_a_reader_that_leaves_is_no_error_of_ours(home: Home) -> None:
    script = f"{sys.executable} -m landbridge completion bash | head -c 1 >/dev/null"
    said = subprocess.run(["/bin/sh", "-c", script], env=home.env, capture_output=True, text=True)
    assert said.stderr == ""
