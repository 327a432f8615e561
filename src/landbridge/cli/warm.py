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

from cyclopts import App, Parameter

from ..agents.clients import CLIENTS
from ..agents.headless import HELLO, SHORT, Said, read_said
from ..errors import GatewayError
from . import show
from .context import ConfigFile, DataDir, load_context, places
from .launch import Asked, router_at

warm = App(
    name="warm", help="Let a local model read a client's prompt and tools in advance.", result_action="return_value"
)


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
    context, path = load_context(config, data_dir), asked.program
    with router_at(context, asked.router(context), explicit=asked.explicit, own=not base_url):
        session = asked.session(context, Path())
        name = session.facts.name
        if not session.facts.local:
            show.say(f"{name} is a provider's model: what it has read is kept there, not here.")
            return 0
        setup = found.setup(session)
        began = time.monotonic()
        with _waiting(f"{name} reads the prompt of {found.title}"):
            said = _run([path, *setup.arguments], {**os.environ, **setup.variables, **SHORT})
        return _tell(found.title, name, said, time.monotonic() - began)


def _run(command: list[str], variables: dict[str, str]) -> Said:
    ran = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - the user's own program
    return read_said(ran.returncode, ran.stdout, ran.stderr)


def _tell(title: str, name: str, said: Said, seconds: float) -> int:
    if said.fault:
        raise GatewayError(f"{title} did not get through: {said.fault}", remedy="'landbridge doctor' looks for why.")
    show.say(
        f"{name} has read the prompt of {title} in {seconds:.1f} s: {said.usage.prompt} tokens, "
        f"{said.usage.cache_read or 0} of which it knew. The next session begins with them."
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
