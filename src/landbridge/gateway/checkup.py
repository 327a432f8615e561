"""Tries a provider: is it there, does it take the key, which models has it? Asks its list, or one tiny real question.

A list that everybody gets proves no key; then, and where there is no list, a model is asked for a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Literal

from msgspec import Struct

from ..errors import GatewayError, TimedOut
from ..neutral.parts import Message, Text
from ..neutral.request import Request
from ..providers import table
from ..providers.table import Provider
from ..routing.names import Route
from ..upstream.client import Client
from ..wire.dialects import dialect
from .attempt import MAX_ERROR
from .listing import ask_list
from .world import World

LIST_PATIENCE = 20.0
"""Seconds for a list: it may be the first connection of all, and people wait and watch."""
ANSWER_PATIENCE = 90.0
"""Seconds for an answer; a server of the neighbourhood may have to load the model first."""
TOKENS = 32
"""Of the answer that is asked for."""
REFUSALS = (401, 403)


class Checkup(Struct, frozen=True):
    """What came of it."""

    provider: str
    ok: bool
    proof: Literal["", "list", "answer"] = ""
    """What shows that it works."""
    models: tuple[str, ...] = ()
    """Those it lists, else those the settings name."""
    listed: bool = False
    """Whether it has said so itself."""
    asked: str = ""
    """The model that was asked for a word."""
    problem: str = ""
    """Why it does not work, or what could not be found out, in the provider's own words where it gave some."""
    remedy: str = ""
    status: int = 0
    """Of the error."""
    keyless: bool = False
    """Whether no key is sent."""


class Step(Struct, frozen=True):
    """One thing that was tried."""

    name: Literal["settings", "key", "list", "answer"]
    state: Literal["begun", "ok", "unsure", "failed"]
    words: str = ""
    """What was found, or what is being asked."""
    seconds: float = 0.0


Tell = Callable[[Step], None]


def nobody(step: Step) -> None:
    """Who wants to hear of no step."""


async def check(client: Client, world: World, name: str, model: str = "", tell: Tell = nobody) -> Checkup:
    """Try provider `name`; ask `model`, if one is given. Each step is told. Raises nothing but cancellation."""
    if (fault := world.faults.get(name)) is not None:
        tell(Step("settings", "failed", fault.message))
        return Checkup(name, False, problem=fault.message, remedy=fault.remedy)
    provider = world.providers[name]
    tell(Step("settings", "ok", provider.base_url))
    named = provider.models or ()
    if provider.key_problem:
        problem = f"It cannot be used: {provider.key_problem}."
        tell(Step("key", "failed", problem))
        return Checkup(name, False, models=named, problem=problem, remedy=provider.key_remedy)
    tell(Step("key", "ok", "none is sent" if provider.auth == "none" else f"there is one ({provider.auth})"))
    listed, error = await _list(client, world, provider, tell, needed=not (model or named))
    models = named or listed or ()
    if listed is not None and not model and not _open(provider):
        return Checkup(name, True, "list", models, True, keyless=provider.auth == "none")
    wanted = model.removeprefix(f"{name}/") or next(iter(models), "")
    if error is not None and (not (model or named) or _hopeless(error)):
        return _failed(name, models, error)
    if not wanted:
        what = "it lists no models" if listed is not None else "it has no list of models"
        return Checkup(name, False, problem=f"Nothing could be tried: {what}.", remedy="Name one: --model MODEL.")
    guessed = not (model or named)
    tell(Step("answer", "begun", wanted))
    began = monotonic()
    found = await _answer(client, world, provider, wanted, models, listed is not None, guessed=guessed)
    state: Literal["ok", "unsure", "failed"] = "failed" if not found.ok else "unsure" if found.problem else "ok"
    tell(Step("answer", state, found.problem or f"{wanted} answered", monotonic() - began))
    return found


async def _answer(
    client: Client,
    world: World,
    provider: Provider,
    model: str,
    models: tuple[str, ...],
    listed: bool,
    *,
    guessed: bool,
) -> Checkup:
    try:
        await _ask(client, world, provider, model)
    except GatewayError as error:
        if not guessed or _hopeless(error):
            return _failed(provider.name, models, error, listed, model)
        # Any model of a list may be one for pictures; what matters is that the key was not refused.
        words = f"{model} did not answer: {error.message}"
        return Checkup(
            provider.name, True, "list", models, listed, model, words, "Try one: --model MODEL.", error.status
        )
    return Checkup(provider.name, True, "answer", models, listed, model)


def _open(provider: Provider) -> bool:
    return provider.open_list and provider.auth != "none"


def _hopeless(error: GatewayError) -> bool:
    """Whether another question would meet the same error."""
    return error.status in REFUSALS or error.kind in ("unreachable", "timed_out", "config")


def _failed(name: str, models: tuple[str, ...], error: GatewayError, listed: bool = False, asked: str = "") -> Checkup:
    return Checkup(name, False, "", models, listed, asked, error.message, error.remedy, error.status)


async def _list(
    client: Client, world: World, provider: Provider, tell: Tell, *, needed: bool
) -> tuple[tuple[str, ...] | None, GatewayError | None]:
    """Its models as it says, or why it does not say; neither where it has no list."""
    if not provider.lists:
        return None, None
    tell(Step("list", "begun", table.models_url(provider).partition("?")[0]))
    began = monotonic()
    listed, error = await _asked_list(client, world, provider)
    seconds = monotonic() - began
    if error is not None:
        tell(Step("list", "failed" if _hopeless(error) or needed else "unsure", error.message, seconds))
    else:
        many = len(listed or ())
        tell(Step("list", "ok", f"{many} model{'s' if many != 1 else ''}", seconds))
    return listed, error


async def _asked_list(
    client: Client, world: World, provider: Provider
) -> tuple[tuple[str, ...] | None, GatewayError | None]:
    endpoint = world.endpoint_of(provider, table.models_url(provider))
    try:
        async with asyncio.timeout(LIST_PATIENCE):
            return await ask_list(client, endpoint, provider), None
    except TimeoutError:
        return None, TimedOut(f"It gave no list of models within {LIST_PATIENCE:g} s.", origin=endpoint.origin)
    except GatewayError as error:
        return None, error


async def _ask(client: Client, world: World, provider: Provider, model: str) -> None:
    """One word of `model`. Raises what keeps it from being said."""
    spoken = dialect(provider.dialect)
    target = world.target(Route(provider.name, model))
    words = Message("user", (Text("Reply with the word OK."),))
    written = spoken.write_request(Request(model, (words,), max_tokens=TOKENS), model, target.traits)
    endpoint = world.endpoint(target, stream=False)
    try:
        async with asyncio.timeout(ANSWER_PATIENCE):
            answer = await client.post(endpoint, written.body, {})
            try:
                body = await answer.read(MAX_ERROR)
            finally:
                await answer.close()
    except TimeoutError:
        raise TimedOut(f"It gave no answer within {ANSWER_PATIENCE:g} seconds.", origin=endpoint.origin) from None
    if answer.status != 200:
        raise spoken.read_error(answer.status, body, endpoint.origin, answer.headers)
