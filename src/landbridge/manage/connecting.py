"""What it takes to start a client tool on a model here: for `landbridge launch` and the dashboard."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct, field

from ..agents.clients import CLIENTS, Client
from ..agents.facts import PROXIES, TOKEN, ModelFacts
from ..agents.installed import Installed, find, locate
from ..agents.session import Session, Setup
from ..agents.shells import Shell, command, lines
from ..config import default_config_path, default_data_dir

SEEN = frozenset(
    {"HOME", "NO_PROXY", "no_proxy", "GEMINI_CLI_HOME", "GEMINI_CLI_TRUSTED_FOLDERS_PATH"}
    | {"QWEN_CODE_SYSTEM_SETTINGS_PATH", *PROXIES}
)
"""Variables of the router's that count for lines that are pasted elsewhere: where files are, and proxies to pass by."""


class Standing(Struct, frozen=True):
    """A client tool, and whether it is here."""

    client: str
    title: str
    install: str
    """The command that installs it."""
    state: str
    """`installed` or `not installed`."""
    version: str = ""
    """Empty: it did not say."""
    path: str = ""


def clients(env: Mapping[str, str], *, versions: bool = True) -> list[Standing]:
    """All of them. Some have to be started to tell their version: call it in a thread."""
    if not versions:
        paths = {name: locate(client.program, env) for name, client in CLIENTS.items()}
        return [_standing(CLIENTS[name], Installed(path, "") if path else None) for name, path in paths.items()]
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        found = list(pool.map(lambda client: find(client.program, env), CLIENTS.values()))
    return [_standing(client, installed) for client, installed in zip(CLIENTS.values(), found, strict=True)]


def _standing(client: Client, found: Installed | None) -> Standing:
    if found is None:
        return Standing(client.name, client.title, client.install, "not installed")
    return Standing(client.name, client.title, client.install, "installed", found.version, found.path)


class Recipe(Struct, frozen=True, kw_only=True):
    """How one client is connected to one model, by hand or by the launcher."""

    client: str
    model: str
    endpoint: str
    """The client's base URL."""
    launch: str
    """The command that does it all for one session."""
    lines: list[str]
    """To paste into a shell, before the client is started."""
    start: str
    """The command that starts the client then."""
    variables: dict[str, str]
    notes: list[str] = field(default_factory=list)
    """What the user should know."""
    files: list[str] = field(default_factory=list)
    """Files that the lines point to; they have to be written first."""
    window: int | None = None
    """Tokens that the model holds; None where nobody knows."""
    local: bool = False
    placeholder: str = ""
    """What stands where a key of landbridge's has to be put in; empty where none is needed."""


class Launcher(Struct, frozen=True):
    """How `landbridge launch` is called here."""

    program: str = "landbridge"
    options: tuple[str, ...] = ()
    """Those by which it finds the router."""

    def words(self, client: Client, model: str) -> list[str]:
        """The command that starts a client."""
        return [self.program, "launch", client.name, "--model", model, *self.options]


def launcher(config_path: Path, data_dir: Path, env: Mapping[str, str], base_url: str = "") -> Launcher:
    """How it is called for the router with these settings and data; `base_url` where the settings do not say it."""
    program = "landbridge"
    if shutil.which(program, path=env.get("PATH", "")) is None:
        beside = Path(sys.executable).with_name(program)
        program = str(beside) if beside.exists() else program
    options: list[str] = []
    if config_path != default_config_path(env).expanduser().absolute():
        options += ["--config", str(config_path)]
    if data_dir != default_data_dir(env).expanduser().absolute():
        options += ["--data-dir", str(data_dir)]
    return Launcher(program, (*options, *(["--base-url", base_url] if base_url else [])))


class Wish(Struct, frozen=True, kw_only=True):
    """What a recipe is made of."""

    client: Client
    facts: ModelFacts
    router: str
    """URL of the router, without a path."""
    launcher: Launcher
    shell: Shell = "sh"
    keyed: bool = False
    """Whether the router wants a key."""
    data_dir: Path
    env: Mapping[str, str] = {}


PLACEHOLDER = "YOUR-KEY"


def recipe(wish: Wish) -> Recipe:
    """The recipe. It holds no key; nothing is written."""
    made, client = _setup(wish), wish.client
    return Recipe(
        client=client.name,
        model=wish.facts.name,
        endpoint=f"{wish.router}{client.path}",
        launch=command(wish.shell, wish.launcher.words(client, wish.facts.name)),
        lines=lines(wish.shell, made.variables, client.program, client.arguments(made)),
        start=client.program,
        variables=made.variables,
        notes=list(made.notes),
        files=[str(folder_of(wish.data_dir, client) / name) for name in made.files],
        window=wish.facts.window,
        local=wish.facts.local,
        placeholder=PLACEHOLDER if wish.keyed else "",
    )


def write(wish: Wish) -> Recipe:
    """The recipe, with its files written; they stay."""
    lay(_setup(wish), folder_of(wish.data_dir, wish.client))
    return recipe(wish)


def folder_of(data_dir: Path, client: Client) -> Path:
    """Where the files of a client's setup stay."""
    return data_dir / "clients" / client.name


def _setup(wish: Wish) -> Setup:
    session = Session(
        facts=wish.facts,
        router=wish.router,
        env={name: value for name, value in wish.env.items() if name in SEEN},
        folder=str(folder_of(wish.data_dir, wish.client)),
        project=str(Path.home()),
        token=PLACEHOLDER if wish.keyed else TOKEN,
    )
    return wish.client.setup(session)


def lay(setup: Setup, folder: Path) -> None:
    """Write the files of a session, readable for the user alone."""
    for record in setup.records:
        Path(record).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in setup.files.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    for name, target in setup.links.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.path.lexists(path):
            path.symlink_to(target)
