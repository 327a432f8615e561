"""Asks a provider's model the questions of `providers/probe.py`, one after the other, over real connections."""

from __future__ import annotations

import asyncio
import time

from msgspec.structs import replace

from ..errors import Cut, GatewayError, TimedOut
from ..neutral.response import Collector, Response
from ..providers import table
from ..providers.bounds import Bounds, bounds_in, bounds_of
from ..providers.probe import QUESTIONS, Finding, Question, able, refused
from ..providers.probed import Probe
from ..routing.target import Target
from ..upstream.client import Answer, Client
from ..wire.dialects import Dialect, StreamReader, dialect
from .attempt import MAX_ERROR
from .delivery import MAX_WHOLE
from .ids import new_id
from .world import World

PATIENCE = 90.0
"""Seconds for one answer; a server of the neighbourhood may have to load the model first."""


async def probe(client: Client, world: World, target: Target) -> Probe:
    """What `target` can do. Raises `Forbidden` where its key is not set."""
    provider = world.providers[target.provider]
    findings: dict[str, Finding] = {}
    bounds = await _listed(client, world, target)
    for question in QUESTIONS:
        findings[question.name] = finding = await _find(client, world, target, question)
        if question.name == "limit" and finding.verdict == "no":
            named = bounds_in(finding.why)
            bounds = Bounds(bounds.window or named.window, bounds.output or named.output)
            known = named.window or named.output
            findings["limit"] = replace(finding, verdict="yes" if known else "unsure")
        if question.name == "answers" and finding.verdict != "yes":
            break
    chat = target.dialect == "openai_chat"
    return Probe(
        provider=provider.name,
        base_url=provider.base_url,
        model=target.model,
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        findings=findings,
        window=bounds.window,
        output=bounds.output,
        field=able(target.traits, "thinking").effort if chat else "",
    )


async def _find(client: Client, world: World, target: Target, question: Question) -> Finding:
    try:
        return question.judge(await _ask(client, world, target, question))
    except GatewayError as error:
        return refused(error)


async def _ask(client: Client, world: World, target: Target, question: Question) -> Response:
    spoken = dialect(target.dialect)
    request = replace(question.request, model=target.model)
    written = spoken.write_request(request, target.model, able(target.traits, question.name))
    endpoint = world.endpoint(target, stream=request.stream)
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await client.post(endpoint, written.body, {})
            try:
                return await _read(answer, spoken, endpoint.origin, stream=request.stream)
            finally:
                await answer.close()
    except TimeoutError:
        raise TimedOut(f"It gave no answer within {PATIENCE:g} seconds.", origin=endpoint.origin) from None


async def _read(answer: Answer, spoken: Dialect, origin: str, *, stream: bool) -> Response:
    if answer.status != 200:
        raise spoken.read_error(answer.status, await answer.read(MAX_ERROR), origin, answer.headers)
    if not stream:
        return spoken.read_response(await answer.read(MAX_WHOLE), new_id, origin)
    reader: StreamReader = spoken.reader(new_id, origin)
    collector = Collector()
    async for chunk in answer.chunks():
        for event in reader.feed(chunk):
            collector.feed(event)
        if reader.ended:
            break
    for event in reader.close():
        collector.feed(event)
    if collector.finish is None:
        raise Cut("Its stream had no end.", origin=origin)
    return collector.response()


async def _listed(client: Client, world: World, target: Target) -> Bounds:
    """The limits its provider's list of models states."""
    provider = world.providers[target.provider]
    world.endpoint(target, stream=False)  # says what is wrong with its key
    if not provider.lists:
        return Bounds()
    endpoint = world.endpoint_of(provider, table.models_url(provider))
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await client.get(endpoint, {})
            try:
                return bounds_of(await answer.read(MAX_WHOLE), target.model) if answer.status == 200 else Bounds()
            finally:
                await answer.close()
    except (TimeoutError, GatewayError):
        return Bounds()
