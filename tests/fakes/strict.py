"""A provider that checks keys, in a thread of its own: for commands that are run as a user runs them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from .provider import JSON, Answer, Provider, Received, Reply, Script

KEY = "sk-live-4711"
REFUSED = b'{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","code":"invalid_api_key"}}'


class Strict(Provider):
    """Checks the key of everything it is asked, or, with an open list, of generation alone."""

    def __init__(
        self,
        script: Script = (),
        models: tuple[str, ...] = ("m",),
        *,
        open_list: bool = False,
        has_list: bool = True,
        key: str = KEY,
    ) -> None:
        super().__init__(script or Reply(text="OK"), models)
        self._open, self._has_list, self._key = open_list, has_list, key

    def answer(self, request: Received) -> Answer:
        """As a provider would."""
        listing = request.method == "GET"
        if listing and not self._has_list:
            return Answer(status=404, headers=JSON, body=b'{"error":{"message":"Not Found"}}')
        known = request.headers.get("authorization") == f"Bearer {self._key}"
        if not known and not (listing and self._open):
            return Answer(status=401, headers=JSON, body=REFUSED)
        return super().answer(request)


@contextmanager
def in_thread(server: Provider) -> Iterator[Provider]:
    """Serve while the context lasts."""
    started, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with server:
            started.set()
            while not stop.is_set():
                await anyio.sleep(0.02)

    thread = threading.Thread(target=anyio.run, args=(serve,))
    thread.start()
    try:
        assert started.wait(10)
        yield server
    finally:
        stop.set()
        thread.join()
