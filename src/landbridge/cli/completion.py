"""`landbridge completion SHELL`: a completion script, made from the commands as they are."""

from __future__ import annotations

from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"], /) -> int:
    """Print a completion script.

    For bash: `landbridge completion bash > ~/.local/share/bash-completion/completions/landbridge`.

    Parameters
    ----------
    shell
        The shell to complete in.
    """
    from .main import application

    print(application().generate_completion(shell=shell))
    return 0
