"""`landbridge launch aider`, with a program in aider's place that does what 0.86.2 was seen to do.

The real one takes minutes to install, so a run of it (2026-11-26) is replayed: what it read of its options, what it
sent, and how it took the answer, which is a whole file in the text.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.tool import Model, Tool, held, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

PROGRAM = """
import json, re, sys, urllib.request
from pathlib import Path

options = {word: after for word, after in zip(sys.argv, sys.argv[1:]) if word.startswith("--")}
model = options["--model"]
known = json.loads(Path(options["--model-metadata-file"]).read_text())[model]
assert known["litellm_provider"] == "openai", known
body = {
    "messages": [
        {"role": "system", "content": "Act as an expert software developer."},
        {"role": "user", "content": options["--message"]},
        {"role": "assistant", "content": "Ok."},
        {"role": "user", "content": Path("notes.txt").read_text()},
    ],
    "model": model.removeprefix("openai/"),
    "stream": True,
    "temperature": 0,
}
request = urllib.request.Request(
    options["--openai-api-base"] + "/chat/completions",
    json.dumps(body).encode(),
    {"authorization": "Bearer " + options["--openai-api-key"], "content-type": "application/json"},
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
text = ""
with opener.open(request) as answer:
    for line in answer:
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content") or ""
name, content = re.search(r"^(\\S+)\\n```\\n(.*?)^```", text, re.M | re.S).groups()
Path(name).write_text(content)
print(text)
"""
ANSWER = "I finish it.\n\nnotes.txt\n```\na final of notes 🌉\n```\n"
CONFIG = ".aider.conf.yml"
ENV = "project/.env"


@pytest.fixture
def aider(tmp_path: Path) -> Tool:
    program = tmp_path / "bin/aider"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{PROGRAM}")
    program.chmod(0o755)
    tool = Tool("aider", program, tmp_path / "home", OPENAI_API_KEY="sk-real")
    tool.has(CONFIG, "model: openai/mine\nopenai-api-base: http://127.0.0.1:9/v1\n")
    tool.has(ENV, "OPENAI_API_BASE=http://127.0.0.1:9/v1\nOPENAI_API_KEY=sk-real\n")
    tool.has("project/notes.txt", "a draft of notes\n")
    return tool


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_it_works_on_files_and_the_settings_outlast_a_killed_launcher(
    aider: Tool, tmp_path: Path, dialect: str
) -> None:
    before = held(aider.home, CONFIG, ENV)
    model = Model(Agent(steps=(), final=ANSWER, aside=ANSWER))
    async with Provider(model, models=["m"]) as provider, Served(tmp_path / "served", lab(provider, dialect)) as served:
        async with aider.killed(served, "--message", "Wait.", "notes.txt"):
            await provider.received(1, seconds=60)
        assert held(aider.home, CONFIG, ENV) == before
        model.awake = True
        ended = await aider.run(served, "--message", "Make it final.", "notes.txt")
        assert list((served.data / "launch").iterdir()) == [], "nothing is left, of the killed one neither"
    assert ended.code == 0, ended
    assert (aider.project / "notes.txt").read_text() == "a final of notes 🌉\n"
    assert held(aider.home, CONFIG, ENV) == before
    assert {request.json["model"] for request in provider.requests} == {"m"}
    assert not any("sk-real" in str(request.headers) for request in provider.requests)
