"""`landbridge providers probe`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from tests.cli.conftest import Home
from tests.fakes.provider import Provider, Reply, Script, chat_error, error

pytestmark = pytest.mark.io

SEES = Reply(text="OK green red heliotrope")


@contextmanager
def provider(script: Script = SEES, models: tuple[str, ...] = ("m",)) -> Iterator[str]:
    """A provider in a thread of its own; gives its base URL."""
    started, stop, url = threading.Event(), threading.Event(), ""

    async def serve() -> None:
        nonlocal url
        async with Provider(script, models=models) as server:
            url = server.base_url("openai_chat")
            started.set()
            while not stop.is_set():
                await anyio.sleep(0.02)

    thread = threading.Thread(target=anyio.run, args=(serve,))
    thread.start()
    try:
        assert started.wait(10)
        yield url
    finally:
        stop.set()
        thread.join()


def settings(url: str, more: str = 'models = ["m"]') -> str:
    return f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{url}"\n{more}\n'


def run(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    return home.run("providers", "probe", *words)


def test_a_table_for_people(home: Home) -> None:
    with provider() as url:
        home.settings(0, settings(url))
        done = run(home)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["lab/m"] in lines
    assert any(line[:3] == ["sees", "images", "yes"] for line in lines)
    assert any(line[:3] == ["window", "unsure"] or line[:2] == ["window", "unsure"] for line in lines)
    assert "asking lab/m 8 small questions" in done.stderr
    kept = json.loads((home.data / "probes.json").read_text())["probes"]
    assert [(each["provider"], each["model"]) for each in kept] == [("lab", "m")]


def test_json_for_programs(home: Home) -> None:
    with provider() as url:
        home.settings(0, settings(url))
        done = run(home, "lab", "--model", "lab/other", "--json")
    (found,) = json.loads(done.stdout)
    assert (found["model"], found["findings"]["images"]["verdict"]) == ("other", "yes")


def test_the_only_model_of_a_list_is_asked(home: Home) -> None:
    with provider() as url:
        home.settings(0, settings(url, ""))
        done = run(home, "lab")
    assert done.returncode == 0 and "lab/m" in done.stdout


def test_of_many_models_one_has_to_be_named(home: Home) -> None:
    with provider(models=("a", "b", "c", "d", "e", "f")) as url:
        home.settings(0, settings(url, ""))
        done = run(home, "lab")
    assert done.returncode == 2
    assert "It lists 6: a, b, c, d, e, ..." in done.stderr and "--model NAME" in done.stderr


def test_a_model_that_does_not_answer_is_a_failure(home: Home) -> None:
    with provider(error(*chat_error(500, "boom"))) as url:
        home.settings(0, settings(url))
        done = run(home)
    assert done.returncode == 1
    assert "boom" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lap",), "There is no provider 'lap' in the settings. There are: lab, bad."),
        (("bad",), "Provider 'bad'"),
        (("--model", "m"), "--model needs the provider's name"),
        (("lab",), "Which model of 'lab'? It lists none."),
        ((), "No provider in the settings names its models."),
    ],
)
def test_what_cannot_be_asked_is_said(home: Home, words: tuple[str, ...], said: str) -> None:
    bad = '[providers.bad]\ndialect = "openai_chat"\nbase_url = "no address"\n'
    home.settings(0, settings("http://127.0.0.1:9/v1", "") + bad)
    done = run(home, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_without_providers(home: Home) -> None:
    home.settings(0)
    done = run(home, "lab")
    assert done.returncode == 2 and "There are: none." in done.stderr
