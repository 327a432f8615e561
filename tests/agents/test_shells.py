"""Lines to paste: what a shell makes of them is what was meant, whatever stands in a value."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from landbridge.agents.shells import SHELLS, Shell, command, lines, shell_named

ODD = 'it\'s "a" $HOME `x` \\ % & ; 한 \n*'
VARIABLES = {"PLAIN": "http://127.0.0.1:1/v1", "EMPTY": "", "ODD": ODD}
SHOW = "import json,os,sys;print(json.dumps([{k: os.environ.get(k) for k in ('PLAIN','EMPTY','ODD')},sys.argv[1:]]))"


@pytest.mark.io
@pytest.mark.parametrize("shell", ["bash", "dash", "zsh"])
def test_a_posix_shell_takes_them(shell: str) -> None:
    if shell != "bash" and shutil.which(shell) is None:
        shell = "sh"
    script = [*lines("sh", VARIABLES, "python3", ["-c", SHOW, "-a", ODD]), "python3 'its own' x"]
    done = subprocess.run([shell, "-c", "\n".join(script)], capture_output=True, check=True)
    assert json.loads(done.stdout) == [VARIABLES, ["-a", ODD, "its own", "x"]]


@pytest.mark.parametrize(
    ("shell", "variables", "said"),
    [
        ("fish", {"A": "x", "B": "", "C": "it's \\ $x"}, ["set -gx A x", "set -gx B ''", r"set -gx C 'it\'s \\ $x'"]),
        ("powershell", {"A": "x", "B": "it's $x"}, ["$env:A = 'x'", "$env:B = 'it''s $x'"]),
        ("cmd", {"A": 'say "x"', "B": "one\n  two"}, ['set "A=say "x""', 'set "B=one   two"']),
    ],
)
def test_variables_elsewhere(shell: Shell, variables: dict[str, str], said: list[str]) -> None:
    assert lines(shell, variables, "p") == said


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("sh", 'p() { command p -c \'m="x y"\' --flag "$@"; }'),
        ("fish", "function p; command p -c 'm=\"x y\"' --flag $argv; end"),
        ("powershell", "function p { & @(Get-Command p -CommandType Application)[0] -c 'm=\"x y\"' --flag @args }"),
        ("cmd", 'doskey p=p -c "m=\\"x y\\"" --flag $*'),
    ],
)
def test_arguments_become_a_function(shell: Shell, said: str) -> None:
    assert lines(shell, {}, "p", ["-c", 'm="x y"', "--flag"]) == [said]


@pytest.mark.parametrize(
    ("shell", "words", "said"),
    [
        ("sh", ["landbridge", "--model", "a b"], "landbridge --model 'a b'"),
        ("fish", ["landbridge", "a'b"], r"landbridge 'a\'b'"),
        ("powershell", ["landbridge", "a,b", "plain"], "landbridge 'a,b' plain"),
        ("cmd", ["landbridge", "a b"], 'landbridge "a b"'),
    ],
)
def test_commands(shell: Shell, words: Sequence[str], said: str) -> None:
    assert command(shell, words) == said


def test_a_macro_of_cmd_keeps_dollars() -> None:
    assert lines("cmd", {}, "p", ["$x"]) == ["doskey p=p $$x $*"]


@pytest.mark.parametrize(("program", "shell"), [("/usr/bin/fish", "fish"), ("/bin/zsh", "sh"), ("", "sh")])
def test_a_login_shell(program: str, shell: str) -> None:
    assert shell_named(program) == shell
    assert shell in SHELLS
