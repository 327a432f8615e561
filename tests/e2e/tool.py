"""A real client tool, headless, started by `landbridge launch` with a home of its own.

Whatever it would say to anybody but this machine goes to a proxy where nobody listens. The packages are fetched once
into `.cache/` below the repository and kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import psutil

from tests.e2e.conftest import CACHE, only_one
from tests.fakes.gemini import gemini_call, gemini_chunk, gemini_error, gemini_part, gemini_record
from tests.fakes.landbridge import Served
from tests.fakes.provider import SSE, Agent, Answer, Provider, Received, Reply, error

DIALECTS = ("openai_chat", "anthropic", "openai_responses", "gemini")
"""What an upstream may speak."""
HISTORY = {"openai_chat": "messages", "anthropic": "messages", "openai_responses": "input", "gemini": "contents"}
"""Where each keeps the conversation."""
NOBODY = "http://127.0.0.1:9"
PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOBODY)


def install(package: str, version: str, program: str) -> Path:
    """The program of that npm package."""
    name = f"{package.rpartition('/')[2]}-{version}"
    folder = CACHE / name
    path = folder / "node_modules/.bin" / program
    with only_one(name):
        if not path.exists():
            home = folder / "home"
            home.mkdir(parents=True, exist_ok=True)
            # Install scripts write below the home folder; what npm itself reads there stays.
            real = Path.home()
            env = {"npm_config_userconfig": f"{real}/.npmrc", "npm_config_cache": f"{real}/.npm", "HOME": str(home)}
            command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder)]
            subprocess.run(
                [*command, f"{package}@{version}"], check=True, capture_output=True, env={**os.environ, **env}
            )
    return path


def install_python(package: str, version: str, program: str, python: str) -> Path:
    """The program of that package from PyPI, in an environment of its own with a `python` of these versions."""
    name = f"{package}-{version}"
    folder = CACHE / name
    whole = folder / "installed"
    with only_one(name):
        if not whole.exists():
            uv = [sys.executable, "-m", "uv", "--quiet", "--no-python-downloads"]
            for command in (
                [*uv, "venv", "--clear", "--python", python, str(folder)],
                [*uv, "pip", "install", "--python", str(folder / "bin/python"), f"{package}=={version}"],
            ):
                done = subprocess.run(command, capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
            whole.touch()
    return folder / "bin" / program


class Ended(msgspec.Struct):
    """How a run ended."""

    code: int
    output: str
    said: str
    """On stderr."""


class Tool:
    """A client, known to `landbridge launch` as `name`."""

    def __init__(self, name: str, program: Path, home: Path, **env: str) -> None:
        self.name = name
        self.home = home
        self.project = home / "project"
        self.project.mkdir(parents=True)
        self.env = {
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "TERM": "dumb",
            **PROXIES,
            **env,
        }

    def has(self, name: str, text: str) -> None:
        """Give the user a file of their own in their home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    async def start(self, served: Served, *words: str, model: str = "lab/m") -> asyncio.subprocess.Process:
        """Start it on a model, as a user would in the project folder."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "landbridge", "launch", self.name, "--model", model,
            "--config", str(served.config), "--data-dir", str(served.data), "--base-url", served.router, "--", *words,
            cwd=self.project, env=self.env, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, served: Served, *words: str, model: str = "lab/m", seconds: float = 120) -> Ended:
        """Run it to its end."""
        process = await self.start(served, *words, model=model)
        try:
            async with asyncio.timeout(seconds):
                output, said = await process.communicate()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            output, said = await process.communicate()
            raise AssertionError(f"{self.name} did not end in {seconds} s: {output!r} {said!r}") from None
        assert process.returncode is not None
        return Ended(process.returncode, output.decode(errors="replace"), said.decode(errors="replace"))

    @asynccontextmanager
    async def killed(self, served: Served, *words: str) -> AsyncGenerator[None]:
        """A run whose launcher is killed when the block ends; the client that it leaves behind is ended after that."""
        process = await self.start(served, *words)
        try:
            yield
        finally:
            if process.returncode is not None:
                raise AssertionError(f"{self.name} ended by itself: {await process.communicate()}")
            left = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            psutil.wait_procs(left[:1], timeout=0.2)  # the client has noticed by now, if it ever does
            for each in left:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            await process.communicate()


class Model:
    """A model that says nothing until it is `awake`, and then works as `agent` says."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.awake = False

    def __call__(self, request: Received) -> Answer | Reply:
        """The answer to this request."""
        return self.agent(request) if self.awake else Answer(wait=3600)


class Signing:
    """A model that works as `agent` says and, where it is Gemini, signs its calls and wants the signatures back.

    As Gemini 3 does, which answers 400 to a call without its own.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    def __call__(self, request: Received) -> Answer | Reply:
        """The answer to this request."""
        reply = self.agent(request)
        if request.dialect != "gemini":
            return reply
        parts = [part for turn in request.json["contents"] for part in turn["parts"] if "functionCall" in part]
        for part in parts:
            if part.get("thoughtSignature") != _signature(part["functionCall"]):
                return error(*gemini_error(400, f"Function call is missing a thought_signature: {part}"))
        if not reply.tools:
            return reply
        calls = [
            gemini_call(name, args, signature=_signature({"name": name, "args": args})) for name, args in reply.tools
        ]
        chunks = [gemini_chunk([gemini_part(reply.text)]), gemini_chunk(calls), gemini_chunk((), "STOP", reply.usage)]
        return Answer(headers=SSE, stream=True, body=b"".join(map(gemini_record, chunks)))


def _signature(call: dict[str, Any]) -> str:
    return b64encode(json.dumps([call["name"], call["args"]], sort_keys=True).encode()).decode()


def lab(provider: Provider, dialect: str = "openai_chat", name: str = "lab") -> str:
    """Settings with the provider in them."""
    return f"""
        [providers.{name}]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        models = ["m"]
    """


def check_work(tool: Tool, ended: Ended) -> None:
    """That the four steps are done: one file is written, another is read and edited, and a command has run."""
    assert ended.code == 0, ended
    assert "All four steps are done." in ended.output
    assert (tool.project / "first.txt").read_text() == "하나 🌉\n"
    assert (tool.project / "notes.txt").read_text() == "a final of notes\n"
    assert "2 total" in (tool.project / "counted.txt").read_text()


def check_turns(provider: Provider, dialect: str, count: int, key: str = "sk-real") -> None:
    """That `count` turns went to the model in its dialect: each once, and each with the earlier ones before it."""
    asked = provider.requests
    assert all((request.model, request.dialect) == ("m", dialect) for request in asked), "titles and all"
    assert not any(key in str(request.headers) for request in asked), "the user's own key stays here"
    turns = [_without_marks(request) for request in asked if request.json.get("tools")]
    assert len(turns) == count, "nothing was repeated"
    place = HISTORY[dialect]
    for earlier, later in pairwise(turns):
        assert later[place][: len(earlier[place])] == earlier[place], "the prompt of a turn is a prefix of the next"
        assert later["tools"] == earlier["tools"]


def _without_marks(request: Received) -> dict[str, Any]:
    """Marks of what a cache should keep move with the end of the conversation; they are no part of the prompt."""
    marked = request.body.replace(b',"cache_control":{"type":"ephemeral"}', b"")
    bare: dict[str, Any] = json.loads(marked)
    return bare


def held(folder: Path, *names: str) -> dict[str, bytes]:
    """What the user's own files hold."""
    return {name: (folder / name).read_bytes() for name in names}
