"""`landbridge launch claude`: one session of Claude Code on a model of the user's, with every variable worth setting.

Nothing is written to disk but the log of a router started for the session; what is set holds for that one process.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Annotated

from cyclopts import App, Parameter

from ..agents import claude_code
from ..agents.claude_code import Installed, ModelFacts
from ..errors import ConfigFault, GatewayError, Unreachable
from . import show
from .background import background_router, serve_command
from .context import AsJson, ConfigFile, Context, DataDir, load_context, places
from .router import model_info as ask_model
from .router import not_running, probe, url_of

launch = App(name="launch", help="Start a client tool on a model of yours.", result_action="return_value")


@launch.command(name="claude")
def claude(
    *claude_args: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
    model: str = "",
    print_env: Annotated[bool, Parameter(negative=())] = False,
    json: AsJson = False,
    base_url: str = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> int:
    """Start Claude Code: landbridge launch claude --model NAME -- ARGUMENTS OF CLAUDE.

    Parameters
    ----------
    model
        Model to use; by default `default_model` of the settings.
    print_env
        Print the variables as `export` lines (or JSON) and start nothing.
    base_url
        URL of a running landbridge, where it is not the one of the settings.
    """
    context = load_context(config, data_dir)
    url = base_url.rstrip("/").removesuffix("/anthropic") or _router_url(context)
    name = model or context.config.default_model
    if print_env or json:
        _require(url)
        facts = claude_code.read_facts(name, ask_model(url, name))
        _print(claude_code.environment(facts, f"{url}/anthropic", os.environ), as_json=json)
        return 0
    installed = claude_code.find(os.environ)
    if installed is None:
        raise GatewayError("Claude Code is not installed: no 'claude' on the PATH.", remedy=f"{claude_code.INSTALL}.")
    explicit = places(config, data_dir).config_explicit
    with _router(context, url, explicit=explicit, own=not base_url):
        facts = claude_code.read_facts(name, ask_model(url, name))
        return run_claude(installed, facts, f"{url}/anthropic", claude_args)


def _router_url(context: Context) -> str:
    listener = context.config.listeners.router
    if not listener.enabled:
        raise ConfigFault(
            "The router is switched off (listeners.router.enabled = false).",
            remedy=f"Set it to true in {context.config_path}, or say --base-url.",
        )
    return url_of(listener)


def _require(url: str) -> None:
    found = probe(url)
    if found.state == "nobody":
        raise not_running(url)
    if found.state != "up":
        raise _not_landbridge(url, found.detail)


def _not_landbridge(url: str, detail: str) -> Unreachable:
    return Unreachable(
        f"Something else than landbridge is at {url}: {detail}.",
        remedy="Choose another port (listeners.router.port), or say --base-url. 'landbridge doctor' names the program.",
    )


@contextmanager
def _router(context: Context, url: str, *, explicit: bool, own: bool) -> Generator[None]:
    """A router at `url`: the one that runs, else one for this session."""
    if probe(url).state != "nobody" or not own:
        _require(url)
        yield
        return
    log = context.data_dir / "logs" / "launch.log"
    command = serve_command(context.config_path if explicit else None, context.data_dir)
    with background_router(command, url, log):
        show.say(f"router started for this session (log: {log}); 'landbridge serve' runs one for all.")
        yield


def _print(variables: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        show.print_json(variables)
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def run_claude(installed: Installed, facts: ModelFacts, base_url: str, user_args: tuple[str, ...]) -> int:
    """Run Claude Code to its end. Ctrl-C is its own affair; SIGTERM and SIGHUP are passed on. Gives its exit code."""
    variables = claude_code.environment(facts, base_url, os.environ)
    route = claude_code.routing(facts, base_url, os.environ)
    args, notes = claude_code.arguments(facts, user_args, route)
    for note in (*notes, *claude_code.unknown_window(facts, {**os.environ, **variables})):
        show.say(note)
    # Handlers, unlike ignored signals, are not inherited: the client gets Ctrl-C from the terminal and decides.
    kept = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        process = subprocess.Popen([installed.path, *args], env={**os.environ, **variables})  # noqa: S603 - the user's own
        for number in (signal.SIGTERM, signal.SIGHUP):
            kept[number] = signal.signal(number, lambda got, _: process.send_signal(got))
        code = process.wait()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
