"""Completion scripts know the commands, and the shells accept them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from landbridge.cli.main import COMMANDS, main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_name_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for name in COMMANDS:
        assert name in script


@pytest.mark.io
def test_bash_completes_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    main(["completion", "bash"])
    script = capsys.readouterr().out
    typed = "COMP_WORDS=(landbridge lau); COMP_CWORD=1; _landbridge landbridge lau landbridge; echo ${COMPREPLY[@]}"
    said = subprocess.run([bash, "-c", f"{script}\n{typed}"], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["launch"]
