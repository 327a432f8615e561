"""`/api/v1/clients`: the client tools there are, and what connects one to a model of this router.

What is told holds no key. A recipe is what `landbridge launch CLIENT --print-env` prints, for the shell that is named.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, structs

from ..agents.clients import CLIENTS, Client
from ..agents.facts import ModelFacts
from ..agents.shells import Shell, shell_named
from ..config import Config
from ..errors import BadRequest, UnknownPath
from ..manage.connecting import Recipe, Standing, Wish, clients, launcher, recipe, write
from ..manage.router import Health, url_of, wants_key
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

if TYPE_CHECKING:
    from ..gateway.models import Facts
    from ..routing.target import Target

CLIENTS_PATH = "/api/v1/clients"


class Clients(Struct):
    """The client tools, and where they find the router."""

    clients: list[Standing]
    router: str
    """Its URL; empty where it takes a free port and is off."""
    open: bool
    """Whether the TCP Server is on."""
    keyed: bool
    """Whether a key is needed there."""
    shell: Shell
    """The login shell's form, where the router runs."""
    default_model: str


class Wanted(Struct, kw_only=True, forbid_unknown_fields=True):
    """For which model and shell."""

    model: str = ""
    """`default_model` of the settings where it is left out."""
    shell: Shell = "sh"
    base_url: str = ""
    """Where the client reaches the router, from another machine."""
    load: bool = False
    """Load a local model, which tells how much it holds."""


_ASKED = ("model_wanted", "shell", "base_url", "load")
DESCRIBED: Described = {
    ("GET", "", CLIENTS_PATH): Endpoint(
        summary="List the client tools: which are installed here", gives=(Clients,), parameters=("versions",)
    ),
    ("GET", "", f"{CLIENTS_PATH}/{{tool}}"): Endpoint(
        summary="Say what connects a client to a model", gives=(Recipe,), parameters=_ASKED
    ),
    ("POST", "", f"{CLIENTS_PATH}/{{tool}}/files"): Endpoint(
        summary="Write the files that a client's lines point to", takes=Wanted, gives=(Recipe,)
    ),
}  # fmt: skip


def table(works: Works) -> Table:
    """The endpoints."""

    async def told(asked: Asked) -> Clients:
        quick = asked.query("versions").get("versions") == "false"
        env = works.env()
        found = await asyncio.to_thread(clients, env, versions=not quick)
        config = in_force(works)
        listener = config.listeners.router
        return Clients(
            found,
            url_of(listener) if listener.port else "",
            listener.enabled,
            keyed(works),
            shell_named(env.get("SHELL", "")),
            config.default_model,
        )

    async def show(asked: Asked) -> Recipe:
        said = asked.query("model", "shell", "base_url", "load")
        try:
            wanted = msgspec.convert(said, Wanted, strict=False)
        except msgspec.ValidationError as error:
            raise BadRequest(f"The query cannot be meant: {error}.") from None
        return await asyncio.to_thread(recipe, await wish(works, client_of(asked), wanted))

    async def files(asked: Asked) -> Recipe:
        return await asyncio.to_thread(write, await wish(works, client_of(asked), asked.body(Wanted)))

    rows = [
        Row("GET", CLIENTS_PATH, told),
        Row("GET", f"{CLIENTS_PATH}/{{tool}}", show),
        Row("POST", f"{CLIENTS_PATH}/{{tool}}/files", files),
    ]
    return Table(works.book, rows)


def client_of(asked: Asked) -> Client:
    """The client in the path. Raises `UnknownPath`."""
    found = CLIENTS.get(asked.path["tool"])
    if found is None:
        name = asked.path["tool"][:40]
        raise UnknownPath(f"There is no client '{name}'.", remedy=f"There are: {', '.join(CLIENTS)}.")
    return found


async def wish(works: Works, client: Client, wanted: Wanted) -> Wish:
    """What a recipe is made of. Raises `UnknownModel`, `BadRequest`, `ConfigFault`."""
    config = in_force(works)
    name = wanted.model or config.default_model
    here = url_of(config.listeners.router)
    return Wish(
        client=client,
        facts=await facts_of(works, name, load=wanted.load),
        router=_base(wanted.base_url) or here,
        launcher=launcher(works.config_path, works.data_dir, works.env(), "" if _is_written(works, config) else here),
        shell=wanted.shell,
        keyed=keyed(works),
        data_dir=works.data_dir,
        env=works.env(),
    )


def _is_written(works: Works, config: Config) -> bool:
    """Whether the settings file says where the router is: commands read it, and not this process's flags."""
    said = {each.key: each for each in works.settings.told().settings}
    port = said["listeners.router.port"]
    return port.value == config.listeners.router.port and all(
        said[f"listeners.router.{key}"].origin in ("default", "file") for key in ("host", "port", "enabled")
    )


def _base(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
        raise BadRequest.at("base_url", " is no URL of a router.", remedy="Say http://HOST:PORT.")
    return url.rstrip("/")


async def facts_of(works: Works, name: str, *, load: bool) -> ModelFacts:
    """What is known of a model, as the launcher would be told. Raises `UnknownModel`, `EngineFault`."""
    from ..gateway.models import known, look

    target = await works.gateway.target_of(name)
    found = await look(works.gateway, target) if load else known(works.gateway, target)
    return _facts(name, target, found)


def _facts(name: str, target: Target, found: Facts) -> ModelFacts:
    return ModelFacts(
        name=name,
        window=found.window,
        max_output=found.output,
        local=target.local,
        tools=found.tools,
        anthropic=target.dialect == "anthropic",
    )


def in_force(works: Works) -> Config:
    """The settings in force, with the ports that the listeners have."""
    config, open_now = works.settings.config, works.listeners.addresses()
    real = {name: structs.replace(getattr(config.listeners, name), port=port) for name, (_, port) in open_now.items()}
    return structs.replace(config, listeners=structs.replace(config.listeners, **real))


def keyed(works: Works) -> bool:
    """Whether clients need a key."""
    return wants_key(health_of(works))


def health_of(works: Works) -> Health:
    """How the router is, as its commands are told."""
    return msgspec.convert(works.health.report(), Health, from_attributes=True)
