"""The conformance suite against other gateways and this one: `python -m bench.conformance`.

Every gateway is installed from its registry into `.cache/conformance/`, started with the suite's upstream as its
provider in the way its own documents describe, judged one rule after the other, and stopped. What a gateway does not
claim to do is "not offered" and no failure; what can be switched on in its settings is switched on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import landbridge
from landbridge.conformance.client import compose, send
from landbridge.conformance.own import free_port, own_gateway
from landbridge.conformance.report import count
from landbridge.conformance.rules import RULES, SECTIONS
from landbridge.conformance.run import Result, Suite, runs
from landbridge.conformance.target import Target, target_at
from landbridge.conformance.upstream import Upstream

from . import table

CACHE = Path(__file__).parent.parent / ".cache" / "conformance"
PAGE = Path(__file__).parent.parent / "docs" / "conformance.md"
START_SECONDS = 180.0
KEY = "sk-" + "0123456789abcdef" * 2
"""LiteLLM does not start without a key of its own."""

PROVIDER_KEY = "a-key-of-the-provider"

LITELLM = """
model_list:
  - {{model_name: suite, litellm_params: {{model: openai/m, api_base: "{url}/v1", api_key: {key}}}}}
  - {{model_name: suite-anthropic, litellm_params: {{model: anthropic/m, api_base: "{url}", api_key: {key}}}}}
  - {{model_name: "claude-*", litellm_params: {{model: openai/m, api_base: "{url}/v1", api_key: {key}}}}}
litellm_settings:
  use_chat_completions_url_for_anthropic_messages: true  # else it asks for /v1/responses
router_settings:
  disable_cooldowns: true  # rules that make the upstream fail must not change the answers to others
  num_retries: 0
"""
CCR: dict[str, object] = {
    "LOG": False,
    "NON_INTERACTIVE_MODE": True,
    "API_TIMEOUT_MS": 600_000,
    "Router": {"default": "suite,m"},
}


def litellm() -> Path:
    """LiteLLM's program, installed once."""
    folder = CACHE / "litellm"
    program = folder / "bin" / "litellm"
    if not program.exists():
        print("installing litellm[proxy] (a few minutes)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", "litellm[proxy]"], check=True)
    return program


def litellm_version() -> str:
    """As its package says."""
    words = ["-c", "import importlib.metadata as m; print(m.version('litellm'))"]
    return subprocess.run(
        [litellm().parent / "python", *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def router() -> Path:
    """claude-code-router's folder, installed once."""
    folder = CACHE / "ccr" / "node_modules" / "@musistudio" / "claude-code-router"
    if not folder.exists():
        print("installing @musistudio/claude-code-router", file=sys.stderr)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE / "ccr")]
        subprocess.run([*command, "@musistudio/claude-code-router"], check=True, stdout=subprocess.DEVNULL)
    return folder


def router_version() -> str:
    """As its package says."""
    return str(json.loads((router() / "package.json").read_text())["version"])


@asynccontextmanager
async def start_litellm(url: str, folder: Path) -> AsyncIterator[Target]:
    """LiteLLM's proxy."""
    settings, port = folder / "config.yaml", free_port()
    settings.write_text(LITELLM.format(url=url, key=PROVIDER_KEY))
    words = ["--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": KEY, "HOME": str(folder)}
    async with process([str(litellm()), *words], env, f"http://127.0.0.1:{port}/health/liveliness", folder):
        models = {"openai_chat": "suite", "anthropic": "suite-anthropic"}
        yield target_at(f"http://127.0.0.1:{port}", models, token=KEY)


@asynccontextmanager
async def start_router(url: str, folder: Path) -> AsyncIterator[Target]:
    """claude-code-router."""
    port = free_port()
    provider = {"api_key": PROVIDER_KEY, "models": ["m"]}
    use = ["cleancache", "streamoptions"]  # "reasoning" keeps thinking, and loses why an answer stopped
    chat = {"name": "suite", "api_base_url": f"{url}/v1/chat/completions", "transformer": {"use": use}, **provider}
    own = {"name": "suite-anthropic", "api_base_url": f"{url}/v1/messages", "transformer": {"use": ["Anthropic"]}}
    settings = folder / ".claude-code-router" / "config.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({**CCR, "PORT": port, "Providers": [chat, {**own, **provider}]}))
    node = shutil.which("node")
    assert node is not None, "claude-code-router needs Node.js"
    command = [node, str(router() / "dist" / "cli.js"), "start"]
    async with process(command, {"HOME": str(folder)}, f"http://127.0.0.1:{port}/", folder):
        models = {"openai_chat": "suite,m", "anthropic": "suite-anthropic,m"}
        yield target_at(f"http://127.0.0.1:{port}", models)


@asynccontextmanager
async def start_landbridge(url: str, folder: Path) -> AsyncIterator[Target]:
    """This program, as `landbridge conformance --self` starts it."""
    async with own_gateway(url) as target:
        yield target


@asynccontextmanager
async def process(command: Sequence[str], env: Mapping[str, str], probe: str, folder: Path) -> AsyncIterator[None]:
    """A running program that answers at `probe`."""
    log = folder / "log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            command, env={**os.environ, **env}, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while (await send(compose("GET", probe, {}, b""), 2.0)).status != 200:
            if running.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            await asyncio.sleep(0.2)
        yield
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


Start = Callable[[str, Path], AbstractAsyncContextManager[Target]]
"""From the upstream's URL and an empty folder to a running gateway."""
GATEWAYS: dict[str, tuple[Callable[[], str], Start]] = {
    "landbridge": (lambda: landbridge.__version__, start_landbridge),
    "LiteLLM": (litellm_version, start_litellm),
    "claude-code-router": (router_version, start_router),
}


async def judge(name: str, only: Sequence[str], jobs: int) -> list[Result]:
    """What came of one gateway."""
    _, start = GATEWAYS[name]
    with tempfile.TemporaryDirectory() as folder:
        async with Upstream() as upstream, start(upstream.url, Path(folder)) as target:
            suite = Suite(target, upstream, jobs)
            await suite.look()
            chosen = runs(RULES, only)
            done = [0]

            def tell(result: Result) -> None:
                done[0] += 1
                print(f"\r{name}: {done[0]} of {len(chosen)}", end="", file=sys.stderr, flush=True)

            results = await suite.run(chosen, tell)
            print(file=sys.stderr)
            return results


def mark(results: Sequence[Result]) -> str:
    """One word for all runs of a rule."""
    verdicts = [result.verdict for result in results if result.verdict not in ("not offered", "not testable")]
    failed = verdicts.count("fail")
    if failed:
        return "**fail**" if failed == len(verdicts) else f"**fail** {failed} of {len(verdicts)}"
    return "pass" if verdicts else results[0].verdict if results else ""


def totals(found: Mapping[str, Sequence[Result]]) -> list[dict[str, str]]:
    """Rules by subject and gateway: kept of those that could be judged."""
    rows = []
    for letter, (title, _) in SECTIONS.items():
        row = {"subject": f"{letter}. {title}"}
        for name, results in found.items():
            marks = [mark(each) for each in by_rule(results).values() if each[0].rule.id.startswith(letter)]
            judged = [each for each in marks if each == "pass" or "fail" in each]
            row[name] = f"{judged.count('pass')} of {len(judged)}" if judged else "-"
        rows.append(row)
    sums = {"subject": "runs (a rule for each pair of dialects)"}
    for name, results in found.items():
        sums[name] = ", ".join(f"{number} {verdict}" for verdict, number in count(results).items() if number)
    return [*rows, sums]


def by_rule(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The runs of each rule."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.rule.id, []).append(result)
    return found


def details(found: Mapping[str, Sequence[Result]]) -> list[dict[str, str]]:
    """One row a rule."""
    marks = {name: {id: mark(each) for id, each in by_rule(results).items()} for name, results in found.items()}
    ids = dict.fromkeys(id for each in marks.values() for id in each)
    rules = [rule for rule in RULES if rule.id in ids]
    return [
        {"rule": rule.id, "": rule.title, **{name: each.get(rule.id, "") for name, each in marks.items()}}
        for rule in rules
    ]


def main() -> None:
    """Judge, print, and save where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", action="append", choices=list(GATEWAYS), help="only this one; may be repeated")
    parser.add_argument("--only", action="append", default=[], help="only these rules, as `landbridge conformance`")
    parser.add_argument("--jobs", type=int, default=1, help="rules at once (default 1: slow gateways are not slower)")
    parser.add_argument("--json", action="store_true", help="print every run with its reason as JSON")
    parser.add_argument("--save", action="store_true", help="put the tables into docs/conformance.md")
    asked = parser.parse_args()
    names = asked.gateway or list(GATEWAYS)
    found = {f"{name} {GATEWAYS[name][0]()}": asyncio.run(judge(name, asked.only, asked.jobs)) for name in names}
    if asked.json:
        print(json.dumps({name: [line(result) for result in results] for name, results in found.items()}, indent=1))
        return
    text = f"{table.markdown(totals(found))}\n\n{table.markdown(details(found))}"
    print(text)
    if asked.save:
        table.save("conformance", f"`python -m bench.conformance`, {table.machine()}:\n\n{text}", PAGE)


def line(result: Result) -> dict[str, str]:
    """A run as JSON."""
    return {"run": result.name, "title": result.rule.title, "verdict": result.verdict, "why": result.why}


if __name__ == "__main__":
    main()
