"""One search: the query to the service, its answer to results, every failure to a fault that says what happened.

Logs name the service and the failure, never the query and never the key.
"""

from __future__ import annotations

import asyncio
import logging

from ...errors import GatewayError
from ...upstream.client import Client, Endpoint
from ...wire.hosted.outcome import Fault, Found, Outcome
from ...wire.search.query import Query, Unreadable
from ...wire.search.services import words
from ...wire.search.sites import permits
from .web import Searching

log = logging.getLogger("landbridge.gateway")

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes."""


async def search(client: Client, searching: Searching, query: Query) -> Outcome:
    """What the service finds. Raises nothing but cancellation."""
    service = searching.service
    if not query.text:
        return Fault("invalid_tool_input", "It needs a query.")
    if len(query.text) > service.longest:
        return Fault("query_too_long", f"{service.name} takes {service.longest} characters.")
    try:
        async with asyncio.timeout(searching.timeout):
            outcome = await _ask(client, searching, query)
    except TimeoutError:
        outcome = Fault("unavailable", f"{service.name} did not answer within {searching.timeout:g} s.")
    except GatewayError as error:
        outcome = Fault("unavailable", f"{service.name}: {error.message}")
    except Unreadable as error:
        outcome = Fault("unavailable", f"The answer of {service.name} cannot be read: {error}.")
    if isinstance(outcome, Fault):
        log.warning("a web search failed (%s): %s", outcome.code, outcome.words.replace(query.text, "[query]"))
    return outcome


async def _ask(client: Client, searching: Searching, query: Query) -> Outcome:
    service = searching.service
    ask = service.write_query(query)
    headers = dict(ask.headers)
    if searching.key:
        headers[service.header] = service.scheme + searching.key.reveal()
    endpoint = Endpoint(
        url=searching.base_url + ask.path,
        headers=headers,
        connect_timeout=searching.timeout,
        idle_timeout=searching.timeout,
        origin=f"search:{service.name}",
    )
    answer = await (client.get(endpoint, {}) if ask.method == "GET" else client.post(endpoint, ask.body, {}))
    try:
        body = await answer.read(MAX_ANSWER)
    finally:
        await answer.close()
    if answer.status != 200:
        return _refusal(searching, answer.status, body)
    results = [each for each in service.read_results(body) if permits(each.url, query.allowed, query.blocked)]
    return Found(tuple(results[: query.count]))


def _refusal(searching: Searching, status: int, body: bytes) -> Fault:
    service = searching.service
    said = words(body)
    if searching.key and searching.key.reveal() in said:
        said = ""  # some repeat the key they refuse
    said = f" ({said})" if said else ""
    if status in service.spent:
        return Fault("too_many_requests", f"{service.name} answered with status {status}{said}.")
    if status == 403 and service.closed:
        return Fault("unavailable", f"{service.name} answered with status 403: {service.closed}.")
    wrong_key = bool(service.key_refused) and service.key_refused.encode() in body
    if wrong_key or status in (401, 403):
        return Fault("unavailable", f"{service.name} did not accept its key (status {status}){said}.")
    if status in (400, 422):
        return Fault("invalid_tool_input", f"{service.name} refused the query{said}.")
    if status == 414:
        return Fault("query_too_long")
    return Fault("unavailable", f"{service.name} answered with status {status}{said}.")
