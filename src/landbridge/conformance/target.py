"""The gateway under test: where it is, what its models are called, and how a request to it looks on the wire."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from .client import Wire, compose
from .faces import Face
from .node import Node, read_node
from .rule import MARK, MODEL, Request, Token, Want

TOKEN = "conformance-client-token"  # noqa: S105 - any word is taken where no key is configured
"""The token of requests where the user named none."""


class Target(Struct, frozen=True):
    """One gateway."""

    base_url: str
    """What a client of Anthropic's API would be given."""
    openai_url: str
    """What a client of OpenAI's API would be given, without `/v1`."""
    models: dict[str, str]
    """Dialect of the suite's upstream -> the gateway's name for a model behind it. The first serves rules that need no
    upstream."""
    token: str = ""

    @property
    def model(self) -> str:
        """The model of rules that need no upstream."""
        return next(iter(self.models.values()))

    def base_of(self, face: str) -> str:
        """The base URL of a face."""
        return self.base_url if face == "anthropic" else self.openai_url

    def wire(self, face: Face, request: Request, mark: str, model: str) -> Wire:
        """A request as bytes."""
        ask = face.ask(request) if isinstance(request, Want) else request
        body = b"" if ask.body is None else ask.body if isinstance(ask.body, bytes) else msgspec.json.encode(ask.body)
        body = body.replace(MARK.encode(), mark.encode()).replace(MODEL.encode(), model.encode())
        path = face.path if ask.path is None else ask.path.replace(MODEL, model)
        url = self.base_of(face.name) + path + (f"?{ask.query}" if ask.query else "")
        headers = {"accept": "application/json", "user-agent": "conformance-suite"}
        if ask.body is not None:
            headers["content-type"] = "application/json"
        headers |= face.headers | self._token(ask.token or face.token) | ask.headers
        kept = {name: value for name, value in headers.items() if value}
        wire = compose(ask.method, url, kept, body, pieces=ask.body_pieces, chunked=ask.chunked)
        return msgspec.structs.replace(wire, leave_after=ask.leave_after)

    def _token(self, where: Token) -> dict[str, str]:
        word = self.token or TOKEN
        bearer, key = {"authorization": f"Bearer {word}"}, {"x-api-key": word}
        named: dict[Token, dict[str, str]] = {
            "bearer": bearer,
            "x-api-key": key,
            "both": bearer | key,
            "x-goog-api-key": {"x-goog-api-key": word},
            "none": {},
        }
        return named[where]


def target_at(url: str, models: dict[str, str], openai_url: str = "", token: str = "") -> Target:
    """The gateway whose URL for Anthropic's clients is `url`; that for OpenAI's clients follows unless given."""
    base = url.rstrip("/").removesuffix("/v1")
    other = (openai_url or base.removesuffix("/anthropic")).rstrip("/").removesuffix("/v1")
    return Target(base, other, models, token)


def streams(request: Request) -> bool:
    """Whether a stream is asked for."""
    if isinstance(request, Want):
        return request.stream
    if request.path is not None and ":streamGenerateContent" in request.path:
        return True
    body = read_node(request.body) if isinstance(request.body, bytes) else Node(request.body)
    return body["stream"].value is True
