"""Variables and arguments of a client tool -> lines to paste into a shell: `sh` (bash, zsh), fish, PowerShell or cmd.

Arguments become a function of the program's name, which passes on whatever the user types behind it. Pure.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

Shell = Literal["sh", "fish", "powershell", "cmd"]
SHELLS: Mapping[Shell, str] = {"sh": "bash, zsh, sh", "fish": "fish", "powershell": "PowerShell", "cmd": "cmd"}
"""What people call them."""


def shell_named(program: str) -> Shell:
    """The form for a login shell (`/usr/bin/fish`)."""
    return "fish" if program.rpartition("/")[2] == "fish" else "sh"


def lines(shell: Shell, variables: Mapping[str, str], program: str, arguments: Sequence[str] = ()) -> list[str]:
    """What sets the variables, and makes `program` take the arguments."""
    return [*_variables(shell, variables), *([_function(shell, program, arguments)] if arguments else [])]


def command(shell: Shell, words: Sequence[str]) -> str:
    """A command line."""
    return subprocess.list2cmdline(words) if shell == "cmd" else " ".join(_word(shell, word) for word in words)


def _variables(shell: Shell, variables: Mapping[str, str]) -> Iterator[str]:
    for name, value in variables.items():
        match shell:
            case "sh":
                yield f"export {name}={shlex.quote(value)}"
            case "fish":
                yield f"set -gx {name} {_word(shell, value)}"
            case "powershell":
                yield f"$env:{name} = {_powershell(value)}"
            case "cmd":
                yield f'set "{name}={" ".join(value.splitlines())}"'


def _function(shell: Shell, program: str, arguments: Sequence[str]) -> str:
    words = command(shell, arguments)
    match shell:
        case "sh":
            return f'{program}() {{ command {program} {words} "$@"; }}'
        case "fish":
            return f"function {program}; command {program} {words} $argv; end"
        case "powershell":
            return f"function {program} {{ & @(Get-Command {program} -CommandType Application)[0] {words} @args }}"
        case "cmd":
            return f"doskey {program}={program} {words.replace('$', '$$')} $*"


def _word(shell: Shell, word: str) -> str:
    match shell:
        case "fish":
            return word if word == shlex.quote(word) else _fish(word)
        case "powershell":
            return word if word == shlex.quote(word) and "," not in word and "@" not in word else _powershell(word)
        case _:
            return shlex.quote(word)


def _fish(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inner}'"


def _powershell(text: str) -> str:
    inner = text.replace("'", "''")
    return f"'{inner}'"
