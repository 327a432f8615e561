"""Embeddings: `POST /v1/embeddings`, and Gemini's `:embedContent` and `:batchEmbedContents`.

Straight across where client and provider speak the same form, converted elsewhere, made by an engine for local models.
Long lists are asked for in groups: a client that leaves then stops the work, and providers limit how many they take.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from msgspec import Struct

from ..access.grant import check_model
from ..engines.lease import Lease
from ..errors import BadRequest, GatewayError, TooLong
from ..neutral.events import Usage
from ..routing.target import Target
from ..upstream.client import Endpoint
from ..wire.dialects import dialect, in_path
from ..wire.embeddings import gemini, openai
from ..wire.embeddings.wish import Input, Vectors, Wish, estimated, groups, length_of
from ..wire.rename import Peek, peek, rename
from .attempt import MAX_ERROR
from .call import Call, Sink
from .cause import Cause
from .delivery import MAX_WHOLE
from .exchange import Gateway
from .journal import Record
from .passthrough import Passage
from .purpose import check_embeds

OPENAI = ("openai_chat", "openai_responses")
"""Dialects whose providers have OpenAI's embeddings."""
PATHS = dict.fromkeys(OPENAI, "/embeddings") | {"gemini": "/models/{model}:batchEmbedContents"}
"""Where providers make embeddings, below their base URLs."""
LOCAL_GROUP = (32, 16 * 1024)
"""Texts, and characters of them, that an engine is asked for at once. It notices a leaving client only between two."""
PROVIDER_GROUP = (openai.MAX_INPUTS, 1 << 30)
GEMINI_GROUP = (gemini.MAX_INPUTS, 1 << 30)

_TOO_LARGE = re.compile(r"input \((\d+) tokens\) is too large to process")
"""llama.cpp's words for a text that is longer than its batch, said with status 500."""

Ask = Callable[[tuple[Input, ...]], Awaitable[Vectors]]


class Form(Struct, frozen=True):
    """How the client asks and is answered."""

    name: str
    """Of the journal."""
    read: Callable[[bytes], Wish]
    write: Callable[[Vectors, Wish, str, int, str], bytes]
    """`(vectors, wish, model, tokens, origin)`."""
    same: tuple[str, ...]
    """Dialects of providers that speak it."""
    path: str
    rename: Callable[[bytes, str], bytes]


def _write_gemini(batch: bool, answer: Vectors, wish: Wish, model: str, tokens: int, origin: str) -> bytes:
    return gemini.write_vectors(answer, tokens, origin, batch=batch)


FORMS = {
    "": Form("openai_embeddings", openai.read_wish, openai.write_vectors, OPENAI, "/embeddings", rename),
    **{
        method: Form(
            "gemini_embeddings",
            partial(gemini.read_wish, batch=batch),
            partial(_write_gemini, batch),
            ("gemini",),
            f"/models/{{model}}:{method}",
            gemini.rename,
        )
        for method, batch in (("embedContent", False), ("batchEmbedContents", True))
    },
}
"""By the method in a Gemini URL; OpenAI's has none."""


async def embed(gateway: Gateway, method: str, call: Call, sink: Sink) -> None:
    """Answer one request for embeddings. Raises nothing but cancellation."""
    form = FORMS[method]
    await gateway.record(call, sink, form.name, lambda record: _Embedding(gateway, form, call, sink, record).run())


class _Embedding:
    """Runs once."""

    def __init__(self, gateway: Gateway, form: Form, call: Call, sink: Sink, record: Record) -> None:
        self._gateway, self._form, self._call, self._sink, self._record = gateway, form, call, sink, record
        self._world, self._client = gateway.world, gateway.parts.client

    async def run(self) -> None:
        """Find out who shall answer, and have it answered."""
        record, form = self._record, self._form
        asked: Peek = self._call.named or peek(self._call.body)
        record.model = asked.model
        target = await self._gateway.target_of(asked.model, self._call)
        check_model(self._call.key, asked.model, target.label)
        record.target = target.label
        if target.local:
            check_embeds(self._gateway.parts.keeper, target, self._world.local())
            await self._answer(target, self._from_engine)
        elif target.dialect in form.same:
            record.path = "passthrough"
            endpoint = self._world.endpoint_at(target, in_path(form.path, target.model))
            passage = Passage(self._client, self._world.config.server, self._call, self._sink, record, target)
            await passage.run(endpoint, form.rename(self._call.body, target.model))
        elif target.dialect in PATHS:
            await self._answer(target, self._from_provider)
        else:
            raise BadRequest(
                f"'{target.label}' makes no embeddings: its provider speaks {target.dialect}, which has none.",
                remedy="Name a model of a provider that speaks OpenAI's or Google's API, or a local one.",
            )

    async def _answer(self, target: Target, make: Callable[[Target, Wish], Awaitable[Vectors]]) -> None:
        """Read the request, have its vectors made and write them."""
        record = self._record
        record.path = "converted"
        wish = self._form.read(self._call.body)
        record.losses = tuple(f"{name}: it has no place in the target's form" for name in wish.foreign)
        made = await make(target, wish)
        tokens = made.tokens if made.tokens is not None else estimated(wish.inputs)
        record.usage = Usage(input=tokens, output=0, estimated=made.tokens is None)
        body = self._form.write(made, wish, record.model, tokens, _origin(target))
        record.status = 200
        await self._sink.whole(200, self._headers(target), body)

    def _headers(self, target: Target) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "x-request-id": self._record.id,
            "x-landbridge-path": "converted",
            "x-landbridge-target": target.label,
            "x-landbridge-losses": str(len(self._record.losses)),
        }

    # -- providers -----------------------------------------------------------------------------------------------------

    async def _from_provider(self, target: Target, wish: Wish) -> Vectors:
        endpoint = self._world.endpoint_at(target, in_path(PATHS[target.dialect], target.model))
        google = target.dialect == "gemini"
        ask = partial(self._ask_provider, target, endpoint, wish)
        return await _gathered(wish, GEMINI_GROUP if google else PROVIDER_GROUP, ask)

    async def _ask_provider(self, target: Target, endpoint: Endpoint, wish: Wish, inputs: tuple[Input, ...]) -> Vectors:
        write, read = (
            (gemini.write_wish, gemini.read_vectors)
            if target.dialect == "gemini"
            else (openai.write_wish, openai.read_vectors)
        )
        part = Wish(inputs, wish.dimensions, wish.base64)
        body = await self._post(target, endpoint, write(part, target.model))
        return read(body, len(inputs), endpoint.origin)

    async def _post(self, target: Target, endpoint: Endpoint, body: bytes) -> bytes:
        """The body of a good answer."""
        answer = await self._client.post(endpoint, body, {})
        try:
            if answer.status == 200:
                return await answer.read(MAX_WHOLE)
            words = await answer.read(MAX_ERROR)
        finally:
            await answer.close()
        raise dialect(target.dialect).read_error(answer.status, words, endpoint.origin, answer.headers)

    # -- engines -------------------------------------------------------------------------------------------------------

    async def _from_engine(self, target: Target, wish: Wish) -> Vectors:
        leased: AbstractAsyncContextManager[Lease] = self._gateway.parts.keeper.lease(target.model)
        cause = Cause()
        async with leased as lease:
            cause.lease = lease
            try:
                return await _gathered(wish, LOCAL_GROUP, partial(self._ask_engine, target, lease, wish))
            except GatewayError as error:
                raise await cause(error) from None

    async def _ask_engine(self, target: Target, lease: Lease, wish: Wish, inputs: tuple[Input, ...]) -> Vectors:
        origin = _origin(target)
        url = lease.url + "/v1/embeddings"
        endpoint = Endpoint(url=url, headers=lease.headers, idle_timeout=None, origin=origin)
        try:
            body = await self._post(target, endpoint, openai.write_wish(Wish(inputs, base64=wish.base64), lease.model))
        except GatewayError as error:
            if (found := _TOO_LARGE.search(error.message)) is None:
                raise
            raise TooLong(int(found[1]), lease.window, origin=origin) from None
        made = openai.read_vectors(body, len(inputs), origin)
        length = length_of(made.vectors[0], origin)
        if wish.dimensions not in (None, length):
            raise BadRequest(
                f"dimensions: '{target.model}' makes vectors of {length} numbers and no others.",
                remedy="Leave `dimensions` out, or name another model.",
            )
        return made


async def _gathered(wish: Wish, group: tuple[int, int], ask: Ask) -> Vectors:
    """The vectors of all inputs, asked for in groups."""
    parts = [await ask(inputs) for inputs in groups(wish.inputs, *group)]
    counts = [part.tokens for part in parts if part.tokens is not None]
    vectors = tuple(vector for part in parts for vector in part.vectors)
    return Vectors(vectors, sum(counts) if len(counts) == len(parts) else None)


def _origin(target: Target) -> str:
    return f"engine:{target.model}" if target.local else f"provider:{target.provider}"
