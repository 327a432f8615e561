"""`landbridge launch CLIENT`: one session of a client tool on a model of the user's, with everything worth setting.

What is set holds for that one process. Files it needs lie in a folder of the session and go with it; the user's own
are read at most.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from msgspec import Struct

from ..agents.clients import CLIENTS, Client
from ..agents.facts import read_facts
from ..agents.installed import locate
from ..agents.session import Session, Setup
from ..agents.shells import Shell, lines
from ..errors import ConfigFault, GatewayError, Unreachable
from ..manage import connecting
from ..manage.connecting import folder_of, lay
from ..manage.router import key_for, not_running, probe, url_of
from ..manage.router import model_info as ask_model
from . import show
from .background import background_router, serve_command
from .context import AsJson, ConfigFile, Context, DataDir, load_context, places
from .run import run
from .scratch import scratch

launch = App(
    name="launch", help="Start a client tool on a model of yours. Alone: the clients.", result_action="return_value"
)

Command = Callable[..., int]


def _command(client: Client) -> Command:
    def start(
        *client_args: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
        model: str = "",
        print_env: Annotated[bool, Parameter(negative=())] = False,
        shell: Shell = "sh",
        json: AsJson = False,
        base_url: str = "",
        config: ConfigFile = None,
        data_dir: DataDir = None,
    ) -> int:
        ask = Asked(client, client_args, model, base_url, places(config, data_dir).config_explicit)
        context = load_context(config, data_dir)
        if print_env or json:
            return print_setup(ask, context, shell=shell, as_json=json)
        return start_client(ask, context)

    start.__doc__ = f"""Start {client.title}: landbridge launch {client.name} --model NAME -- ITS ARGUMENTS.

    Parameters
    ----------
    model
        Model to use; by default `default_model` of the settings.
    print_env
        Print what would be set, for a shell (or as JSON), and start nothing.
    shell
        Whose form `--print-env` has.
    base_url
        URL of a running landbridge, where it is not the one of the settings.
    """
    return start


for _client in CLIENTS.values():
    launch.command(_command(_client), name=_client.name)


@launch.default
def clients(*, json: AsJson = False) -> int:
    """Show the clients: which are installed here, and how to install the others."""
    found = connecting.clients(os.environ)
    if json:
        show.print_json(found)
        return 0
    for each in found:
        version, where = each.version or each.state, each.path or each.install
        print(f"{each.client:<9} {each.title:<12} {version:<14} {where}")
    print("\n'landbridge launch CLIENT --model NAME' starts one.")
    return 0


class Asked(Struct, frozen=True):
    """What the user wants started."""

    client: Client
    args: tuple[str, ...]
    model: str
    base_url: str
    explicit: bool
    """Whether the settings file was named."""

    def router(self, context: Context) -> str:
        """URL of the router, without a path."""
        return self.base_url.rstrip("/").removesuffix("/anthropic").removesuffix("/v1") or _router_url(context)

    @property
    def program(self) -> str:
        """Path of the client's program. Raises `GatewayError` where it is not installed."""
        client = self.client
        path = locate(client.program, os.environ)
        if path is None:
            raise GatewayError(
                f"{client.title} is not installed: no '{client.program}' on the PATH.", remedy=f"{client.install}."
            )
        return path

    def session(self, context: Context, folder: Path) -> Session:
        """What the client's session starts from. Asks the router about the model."""
        url, name = self.router(context), self.model or context.config.default_model
        facts = read_facts(name, ask_model(url, name))
        return Session(
            facts=facts,
            router=url,
            token=key_for(url),
            env=os.environ,
            args=self.args,
            folder=str(folder),
            project=str(Path.cwd()),
        )

    def setup(self, context: Context, folder: Path) -> Setup:
        """What the client needs."""
        return self.client.setup(self.session(context, folder))


def start_client(asked: Asked, context: Context) -> int:
    """Run the client to its end, with a router and files for the session where it needs them."""
    client, url, path = asked.client, asked.router(context), asked.program
    with router_at(context, url, explicit=asked.explicit, own=not asked.base_url):
        if not client.by_files:
            return _run(path, asked.setup(context, Path()), ())
        with scratch(context.data_dir / "launch") as place:
            setup = asked.setup(context, place.folder)
            lay(setup, place.folder)
            return _run(path, setup, (place.lock,))


def _run(path: str, setup: Setup, inherited: tuple[int, ...]) -> int:
    for note in setup.notes:
        show.say(note)
    return run([path, *setup.arguments], {**os.environ, **setup.variables}, inherited)


def print_setup(asked: Asked, context: Context, *, shell: Shell, as_json: bool) -> int:
    """Print what would be set. Files the client needs are written, and stay."""
    client = asked.client
    _require(asked.router(context))
    folder = folder_of(context.data_dir, client)
    setup = asked.setup(context, folder)
    if client.by_files:
        lay(setup, folder)
        show.say(f"files of this setup: {folder}")
    arguments = client.arguments(setup)
    if as_json:
        show.print_json({"variables": setup.variables, "arguments": arguments})
        return 0
    for line in lines(shell, setup.variables, client.program, arguments):
        print(line)
    return 0


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
def router_at(context: Context, url: str, *, explicit: bool, own: bool) -> Generator[None]:
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
