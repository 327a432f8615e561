"""`docs/api.md` names every endpoint, and every command in it works."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from tests.engines.bench import FAKE
from tests.fakes.embedding import vectors
from tests.fakes.gguf_model import write_model
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Received, Reply
from tests.fakes.running import Running
from tests.fakes.web import Web

pytestmark = [pytest.mark.io, pytest.mark.anyio]

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMED = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(.*?)`", row)}
ALIASES = {
    "/anthropic/v1/v1/": "/anthropic/v1/",
    "/v1/messages": "/anthropic/v1/messages",
    "/gemini/v1beta/": "/v1beta/",
    "/gemini/v1/": "/v1beta/",
    "/v1/models/{model}:": "/v1beta/models/{model}:",
    "/anthropic/api/hello": "/api/hello",
}
"""Beginnings of paths that the page says are others under another prefix."""


def script(request: Received) -> Answer | Reply:
    if "embed" in request.path:
        return vectors(request)
    return Reply(text="Hello.")


def documented(method: str, path: str) -> str:
    for alias, real in ALIASES.items():
        if path.startswith(alias):
            path = real + path.removeprefix(alias)
            break
    for name, shown in (("{model}", "NAME"), ("{name}", "NAME"), ("{id}", "ID"), ("{tool}", "CLIENT")):
        path = path.replace(name, shown)
    return f"{method} {path}"


@pytest.mark.parametrize("face", ["router", "openai"])
async def test_the_page_names_every_endpoint(tmp_path: Path, face: str) -> None:
    async with Running(tmp_path) as running:
        routes = running.app(face).routes
    served = {documented(method, path) for method, path, _ in routes}
    assert served - {"GET /anthropic", "GET /anthropic/"} <= NAMED
    assert face == "openai" or served >= NAMED, "and no other"


def test_the_page_has_a_command_for_every_endpoint() -> None:
    asked = "\n".join(COMMANDS).replace("$id", "ID")
    asked = re.sub(
        r"(models|engines|routes|library|downloads|providers)/(smollm2|minilm|mine|coder|work)", r"\1/NAME", asked
    )
    asked = asked.replace("clients/claude", "clients/CLIENT")
    for name in NAMED - {"POST /v1/responses/ID/cancel"}:
        method, path = name.split(" ")
        assert re.search(re.escape(path) + r"[\s'?]", asked), name
        assert method != "DELETE" or re.search(rf"-X DELETE http://127\.0\.0\.1:(8000|38080){path}", asked)


async def test_every_command_works(tmp_path: Path, web: Web) -> None:
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
    async with Provider(script, models=["m", "e"]) as provider:
        settings = f"""
            [engine]
            command = {json.dumps([sys.executable, str(FAKE)])}
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m", "e"]
            [aliases]
            smollm2 = "lab/m"
            minilm = "lab/e"
        """
        models = tmp_path / "models"
        models.mkdir()
        write_model(models / "local.gguf")
        (tmp_path / "mine").mkdir()
        model = write_model(tmp_path / "mine" / "mine.gguf").read_bytes()
        web.put_model("Qwen/Qwen2.5-Coder-7B-Instruct-GGUF", {"m-Q4_K_M.gguf": model})
        env = {"HF_ENDPOINT": web.url, "HF_TOKEN": ""}
        async with Served(tmp_path / "served", settings, models=models, env=env) as served:
            for command in COMMANDS:
                text = command.replace("http://127.0.0.1:38080", served.router)
                text = text.replace("http://127.0.0.1:8000", served.openai).replace("engines/smollm2", "engines/local")
                text = text.replace("library/smollm2", "library/local").replace("~/models", str(tmp_path / "mine"))
                text = text.replace("~/.local/share/landbridge", str(served.data))
                if " -N " in text:  # it goes on until somebody ends it
                    text = f"{text.rstrip()} --max-time 1 || [ $? = 28 ]"
                assert "127.0.0.1:8000" not in text
                process = await asyncio.create_subprocess_exec(
                    "bash", "-euo", "pipefail", "-c", text,
                    env={"CURL_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
                    stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                )  # fmt: skip
                output, errors = await process.communicate()
                assert process.returncode == 0, (command, output, errors)
                assert output.count(b"{") >= command.count("curl ") - command.count("$(curl")
