"""Prepares a request for a target that cannot take all of it: between reading it and writing it for the target.

PDFs become their text (and pictures of pages without any, for a model that sees), other files that are text become
text, pictures become words where the settings name a model that sees. What is left as it is, the writers put a note
for. The same request gives the same words in every turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ...config import FetchSettings, MediaSettings
from ...errors import BadRequest
from ...neutral.parts import Document, Image, Message, Opaque, Part, Text, ToolReference, ToolResult
from ...neutral.request import Request
from ...neutral.traits import Traits
from ...wire.hosted.outcome import Fault
from ...wire.marks import may_hold_document, may_hold_image
from ...wire.written import Loss
from ..call import Call
from ..hosted.fetch import Fetcher
from . import documents
from .captions import AGAIN, Caption, Captions, Exchange, Question
from .memo import Made, Memo, digest
from .paper import Limits, Paper, read_paper

CAPACITY = 64 * 1024 * 1024
"""Bytes of read PDFs that are remembered."""
READERS = 2
"""PDFs that are read at a time."""

Inner = Text | Image | Document | ToolReference | Opaque
Result = TypeVar("Result")


class Prepared(Struct, frozen=True):
    """A request for one target, and what it lost on the way."""

    request: Request
    losses: tuple[Loss, ...] = ()


def must_be_read(body: bytes, traits: Traits) -> bool:
    """Whether a body may hold what a target of the client's own dialect is known not to take."""
    if not traits.images and may_hold_image(body):
        return True
    return not traits.documents and traits.documents_known and may_hold_document(body)


def holds_media(request: Request) -> bool:
    """Whether there is anything to prepare."""
    for message in request.messages:
        for part in message.parts:
            if type(part) is not Text and _holds(part):  # texts are nearly all there is
                return True
    return False


def _holds(part: Part) -> bool:
    if isinstance(part, ToolResult):
        return any(isinstance(inner, Image | Document) for inner in part.parts)
    return isinstance(part, Image | Document)


async def together(makers: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """What all of them give, in their order."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(maker) for maker in makers]
    return [task.result() for task in tasks]


class Media:
    """What was made of PDFs and pictures, and who makes it."""

    def __init__(self) -> None:
        self._papers: Memo[Paper] = Memo(CAPACITY)
        self._readers = asyncio.Semaphore(READERS)
        self._captions: Captions | None = None
        self._pictures: Memo[Image | Fault] = Memo(CAPACITY)
        self.fetching: Callable[[], FetchSettings] = FetchSettings
        """What may be fetched, by the settings now."""

    def ask_through(self, exchange: Exchange) -> None:
        """Where models that see are asked."""
        self._captions = Captions(exchange)

    async def prepare(self, request: Request, traits: Traits, settings: MediaSettings, call: Call) -> Prepared:
        """`request` for a target with these `traits`. Raises `BadRequest` where we ask a blind model ourselves."""
        if not holds_media(request):
            return Prepared(request)
        if isinstance(call, Question) and not traits.images:
            raise BadRequest("It cannot see images itself.", remedy="Name another model in media.captions.")
        preparation = _Preparation(self, traits, settings)
        messages = [await preparation.message(number, message) for number, message in enumerate(request.messages)]
        losses = sorted(preparation.losses, key=lambda loss: loss.path)  # they came as they were ready
        return Prepared(replace(request, messages=tuple(messages)), tuple(losses))

    async def paper(self, document: Document, limits: Limits) -> Paper:
        """A PDF, read or remembered."""

        async def make() -> Made[Paper]:
            async with self._readers:
                paper = await read_paper(document.data, limits)
            return Made(paper, paper.weight)

        return await self._papers.get((digest(document.data), limits), make)

    async def picture(self, url: str, settings: MediaSettings) -> Image | Fault:
        """The picture at an address, fetched or remembered."""
        fetching = self.fetching()

        async def make() -> Made[Image | Fault]:
            found = await Fetcher(fetching, settings).picture(url)
            if isinstance(found, Fault):
                return Made(found, 500, AGAIN)
            return Made(found, len(found.data))

        return await self._pictures.get((digest(url), *fetching.private_hosts, fetching.enabled), make)

    async def caption(self, image: Image, settings: MediaSettings) -> Caption:
        """A picture in words."""
        assert self._captions is not None, "the gateway has said where to ask"
        return await self._captions.describe(image, settings)


class _Preparation:
    """One request's way through it."""

    def __init__(self, media: Media, traits: Traits, settings: MediaSettings) -> None:
        self._media, self._traits, self._settings = media, traits, settings
        drawn = settings.pdf_pictures if traits.images or settings.captions else 0
        self._limits = Limits(settings.pdf_pages, settings.pdf_characters, drawn, settings.pdf_seconds)
        self.losses: list[Loss] = []

    async def message(self, number: int, message: Message) -> Message:
        """One turn."""
        if not any(_holds(part) for part in message.parts):
            return message
        numbered = ((f"messages[{number}].parts[{at}]", part) for at, part in enumerate(message.parts))
        shown = await together(self._part(part, path) for path, part in numbered)
        return replace(message, parts=tuple(part for parts in shown for part in parts))

    async def _part(self, part: Part, path: str) -> tuple[Part, ...]:
        if isinstance(part, Image | Document):
            return await self._shown(part, path)
        return (await self._result(part, path),) if isinstance(part, ToolResult) and _holds(part) else (part,)

    async def _result(self, result: ToolResult, path: str) -> ToolResult:
        numbered = ((f"{path}.parts[{at}]", part) for at, part in enumerate(result.parts))
        shown = await together(self._inner(part, here) for here, part in numbered)
        return replace(result, parts=tuple(part for parts in shown for part in parts))

    async def _inner(self, part: Inner, path: str) -> tuple[Inner, ...]:
        return await self._shown(part, path) if isinstance(part, Image | Document) else (part,)

    async def _shown(self, part: Image | Document, path: str) -> tuple[Text | Image | Document, ...]:
        """What the target can take of a part; what is left as it is, its writer has a note for."""
        if isinstance(part, Image):
            return (await self._image(part, path),)
        document = self._textual(part) if part.data else part
        if self._traits.documents:
            return (replace(document, parts=await self._images(document.parts, path)),)
        if document.data and documents.is_pdf(document):
            shown = await self._paper(document, path)
        elif document.text or document.parts:
            shown = documents.as_text(document)
        else:
            return (document,)
        if b"true" in bytes(document.citations):
            self.losses.append(Loss(path, "citations of this document cannot be given"))
        return await self._images(shown, path)

    async def _paper(self, document: Document, path: str) -> documents.Shown:
        paper = await self._media.paper(document, self._limits)
        self.losses.append(Loss(path, documents.loss_of(paper)))
        return documents.of_paper(document, paper, self._limits)

    @staticmethod
    def _textual(document: Document) -> Document:
        """A file that is text, as text."""
        if documents.is_pdf(document) or (text := documents.decoded(document)) is None:
            return document
        return replace(document, data="", text=text)

    async def _images(self, parts: documents.Shown, path: str) -> documents.Shown:
        if not any(isinstance(part, Image) for part in parts):
            return parts
        return tuple(await together(self._text_or_image(part, path) for part in parts))

    async def _text_or_image(self, part: Text | Image, path: str) -> Text | Image:
        return await self._image(part, path) if isinstance(part, Image) else part

    async def _image(self, image: Image, path: str) -> Text | Image:
        if image.url and self._traits.images and not self._traits.fetches_images:
            return await self._fetched(image, path)
        model = self._settings.captions
        if self._traits.images or not model or image.file_id:
            return image
        caption = await self._media.caption(image, self._settings)
        if caption.fault:
            why = f"{model} could not describe it: {caption.fault}"
            self.losses.append(Loss(path, f"this model sees no images, and {why}"))
            return Text(f"[An image stood here. This model cannot see images, and {why}.]", cache=image.cache)
        self.losses.append(Loss(path, f"this model sees no images; {model} described it"))
        words = f"[An image stood here. This model cannot see images; {model} describes it so:]\n{caption.text}"
        return Text(words, cache=image.cache)

    async def _fetched(self, image: Image, path: str) -> Text | Image:
        """A picture at an address, for a target that must not fetch it itself."""
        found = await self._media.picture(image.url, self._settings)
        if isinstance(found, Image):
            return replace(image, url="", data=found.data, media_type=found.media_type)
        why = (found.words or found.code).rstrip(".")
        self.losses.append(Loss(path, f"the image at its address could not be fetched: {why}"))
        return Text(f"[An image stood here. It could not be fetched: {why}.]", cache=image.cache)
