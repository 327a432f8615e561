"""`landbridge warm claude --model NAME`: a local model reads a client's prompt and tools before they are needed.

The real client is run once, with one short message, as `landbridge launch` would run it. What the model has read for it
is saved, and the next session has its first word almost at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter
from msgspec import Struct

from ..agents.clients import CLIENTS
from ..agents.facts import read_facts
from ..agents.installed import locate
from ..errors import GatewayError
from . import show
from .context import ConfigFile, DataDir, load_context, places
from .launch import Asked, router_at
from .router import model_info as ask_model

warm = App(
    name="warm", help="Let a local model read a client's prompt and tools in advance.", result_action="return_value"
)

HELLO = ("-p", "Say hello.", "--output-format", "json")
WORDS = "128"
"""Most tokens of the answer: only the reading matters. Where it is cut off, Claude Code asks for the rest."""


class _Usage(Struct, frozen=True):
    input_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0


class _Result(Struct, frozen=True):
    """What Claude Code prints of a headless run."""

    is_error: bool = False
    result: str = ""
    usage: _Usage = _Usage()


@warm.default
def read_ahead(
    client: Literal["claude"],
    *client_args: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
    model: str = "",
    base_url: str = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> int:
    """Let a local model read a client's prompt and tools: landbridge warm claude --model NAME -- ITS ARGUMENTS.

    Parameters
    ----------
    client
        The client.
    model
        Model to use; by default `default_model` of the settings.
    base_url
        URL of a running landbridge, where it is not the one of the settings.
    """
    found = CLIENTS[client]
    asked = Asked(found, (*HELLO, *client_args), model, base_url, places(config, data_dir).config_explicit)
    context = load_context(config, data_dir)
    path = locate(found.program, os.environ)
    if path is None:
        raise GatewayError(
            f"{found.title} is not installed: no '{found.program}' on the PATH.", remedy=f"{found.install}."
        )
    url, name = asked.router(context), model or context.config.default_model
    with router_at(context, url, explicit=asked.explicit, own=not base_url):
        if not read_facts(name, ask_model(url, name)).local:
            show.say(f"{name} is a provider's model: what it has read is kept there, not here.")
            return 0
        setup = asked.setup(context, Path())
        variables = {**os.environ, **setup.variables, "CLAUDE_CODE_MAX_OUTPUT_TOKENS": WORDS}
        began = time.monotonic()
        with _waiting(f"{name} reads the prompt of {found.title}"):
            said = _run([path, *setup.arguments], variables)
        return _tell(found.title, name, said, time.monotonic() - began)


def _run(command: list[str], variables: dict[str, str]) -> _Result:
    ran = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - the user's own program
    try:
        return msgspec.json.decode(ran.stdout, type=_Result)
    except msgspec.MsgspecError:
        words = (ran.stderr or ran.stdout).decode(errors="replace").strip()[-500:]
        return _Result(is_error=True, result=words or f"it ended with exit code {ran.returncode}")


def _tell(title: str, name: str, said: _Result, seconds: float) -> int:
    if said.is_error:
        raise GatewayError(
            f"{title} did not get through: {said.result.strip()}", remedy="'landbridge doctor' looks for why."
        )
    usage = said.usage
    tokens = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    known = usage.cache_read_input_tokens
    show.say(
        f"{name} has read the prompt of {title} in {seconds:.1f} s: {tokens} tokens, {known} of which it knew. "
        "The next session begins with them."
    )
    return 0


@contextmanager
def _waiting(text: str) -> Generator[None]:
    if not sys.stderr.isatty():
        show.say(f"{text} ...")
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text + ", which may take minutes the first time"):
        yield
