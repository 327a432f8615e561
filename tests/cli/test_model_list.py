"""The list: what is loaded, what fits, whose it is. The rest of it is tested where models are fetched and removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.gguf_model import write_model
from tests.fakes.router import FakeRouter

from .conftest import Shell

pytestmark = pytest.mark.io


@pytest.fixture
def here(shell: Shell) -> Path:
    """The models' folder, with a model `m` in it."""
    shell.folder.mkdir(parents=True)
    return write_model(shell.folder / "m.gguf").parent


def row(shell: Shell, name: str) -> dict[str, object]:
    found: dict[str, object] = next(each for each in shell.json("list") if each["name"] == name)
    return found


@pytest.mark.parametrize(("state", "shown"), [("ready", "loaded"), ("starting", "starting"), ("stopped", "installed")])
def test_what_the_router_has(shell: Shell, here: Path, router: FakeRouter, state: str, shown: str) -> None:
    shell.home.settings(router.port)
    router.answer("/api/v1/engines", 200, {"engines": [{"name": "m", "state": state}]})
    assert row(shell, "m")["state"] == shown


def test_what_fits(shell: Shell, here: Path) -> None:
    assert row(shell, "m")["fits"] == "yes"
    shell.home.settings(1, "[engine]\nmemory_limit = 1000000\n")
    assert row(shell, "m")["fits"] == "no"
    assert row(shell, "smollm2")["fits"] == "no"


def test_a_router_that_has_none_of_it_in_memory_and_a_library_with_everything(shell: Shell, here: Path) -> None:
    (here / "smollm2.gguf").write_bytes((here / "m.gguf").read_bytes())
    assert [each["name"] for each in shell.json("list")] == ["m", "smollm2", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]
    shell.models("list")
    assert shell.out.splitlines()[0].split() == ["MODEL", "SIZE", "QUANT", "CONTEXT", "FITS", "STATE", "FROM"]
