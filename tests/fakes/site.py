"""A web site: every request, GET or POST, gets what a function or a table of paths says.

async with Site({"/": Answer(headers=HTML, text="<p>Hi"), "/old": moved("/")}) as site:
    ... site.url + "/old" ...
    assert site.paths == ["/old", "/"]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType

from .provider import Provider
from .script import Answer, Received

HTML = {"content-type": "text/html; charset=utf-8"}

Route = Callable[[Received], Answer]


def moved(to: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status=status, headers={"location": to})


class _Everything(Provider):
    """Answers requests of any kind alike."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self._route = route

    def answer(self, request: Received) -> Answer:
        """What this request gets."""
        self.requests.append(request)
        return self._route(request)


class Site:
    """The server; an async context manager."""

    def __init__(self, pages: Mapping[str, Answer] | Route) -> None:
        self._pages = pages
        self._server = _Everything(self._route)

    async def __aenter__(self) -> Site:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def place(self) -> str:
        """`127.0.0.1:PORT`."""
        return self.url.removeprefix("http://")

    @property
    def requests(self) -> list[Received]:
        """All that came."""
        return self._server.requests

    @property
    def paths(self) -> list[str]:
        """What was asked for."""
        return [request.path for request in self.requests]

    def _route(self, request: Received) -> Answer:
        if callable(self._pages):
            return self._pages(request)
        return self._pages.get(request.path, Answer(status=404))
