"""The library over HTTP: what is here and fits, how it would be run and with other settings, importing and removing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from landbridge.engines.library import Library
from landbridge.engines.plan import plan
from landbridge.server.admin_models import IMPORTABLE, LIBRARY
from tests.engines.bench import FAKE
from tests.fakes.gguf_model import write_model
from tests.fakes.running import Reply, Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]
JSON = {"content-type": "application/json"}
ENGINE = f"[engine]\nmemory_limit = 4000000000\ncommand = {json.dumps([sys.executable, str(FAKE)])}\n"


def running(folder: Path, settings: str = "") -> Running:
    """A router with a model `tiny`, and engines that are pretended."""
    models = folder / "models"
    models.mkdir()
    write_model(models / "tiny.gguf", llama__context_length=32_768, llama__block_count=32)
    return Running(folder, ENGINE + settings, library=Library(models), planner=plan, local=("tiny",))


async def ask(router: Running, method: str, path: str, body: Any = None) -> Reply:
    """As the router's owner."""
    key = (router.works.data_dir / "own.key").read_text()
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    async with router.session.request(method, router.url + path, json=body, headers=headers) as answer:
        return Reply(answer.status, dict(answer.headers), await answer.read())


async def test_what_is_here_and_what_can_be_had(tmp_path: Path) -> None:
    async with running(tmp_path) as router:
        (tmp_path / "models" / "broken.gguf").write_bytes(b"<!doctype html>")
        found = {each["name"]: each for each in (await router.get(LIBRARY)).json["models"]}
        tiny = found["tiny"]
        assert (tiny["kind"], tiny["context"], tiny["fit"]["fits"], tiny["state"]) == ("here", 32_768, "yes", "")
        assert tiny["fit"]["planned_context"] == 32_768
        assert 0 < tiny["fit"]["planned_memory"] < 4_000_000_000
        assert (found["broken"]["kind"], "web page" in found["broken"]["fault"]) == ("unusable", True)
        assert (found["smollm2"]["kind"], found["smollm2"]["fit"]["fits"]) == ("available", "yes")
        assert "Apache" in found["smollm2"]["licence"]


async def test_how_it_would_be_run_now_and_with_other_settings(tmp_path: Path) -> None:
    async with running(tmp_path, "[models.tiny]\nslots = 2\n") as router:
        now = (await router.get(f"{LIBRARY}/tiny")).json
        assert (now["plan"]["context"], now["plan"]["slots"], now["trouble"]) == (32_768, 2, "")
        assert any("what the model was trained for" in why for why in now["plan"]["why"])
        assert [each["chosen"] for each in now["alternatives"]].count(True) == 1
        at = f"{LIBRARY}/tiny/plan"
        other = (await router.post(at, {"settings": {"context": 8192, "slots": 1}}, JSON)).json["plan"]
        assert (other["context"], other["slots"]) == (8192, 1)
        assert other["memory"] < now["plan"]["memory"]
        usual = (await router.post(at, {"settings": {"slots": None}}, JSON)).json["plan"]
        assert usual["slots"] == 4, "as by default"
        never = (await router.post(at, {"settings": {"draft": "nobody"}}, JSON)).json
        assert (never["plan"], "There is no file nobody" in never["trouble"]) == (None, True)
        wrong = await router.post(at, {"settings": {"context": "much"}}, JSON)
        assert (wrong.status, "context" in wrong.json["error"]["message"]) == (400, True)
        assert (await router.post(f"{LIBRARY}/nobody/plan", {}, JSON)).status == 404
        assert (await router.get(f"{LIBRARY}/tiny")).json["plan"]["slots"] == 2, "nothing was saved"


async def test_what_is_loaded_is_said_and_not_removed_unasked(tmp_path: Path) -> None:
    async with running(tmp_path) as router:
        async with router.keeper.lease("tiny"):
            pass
        (row,) = [each for each in (await router.get(LIBRARY)).json["models"] if each["name"] == "tiny"]
        assert (row["state"], row["fit"]["fits"]) == ("ready", "yes")
        assert (await router.session.delete(f"{router.url}{LIBRARY}/tiny", headers={"x-landbridge": "1"})).status == 401
        refused = await ask(router, "DELETE", f"{LIBRARY}/tiny")
        assert (refused.status, "is loaded" in refused.json["error"]["message"]) == (400, True)
        gone = (await ask(router, "DELETE", f"{LIBRARY}/tiny?unload=true")).json
        assert (gone["name"], gone["freed"] > 0, gone["stays"]) == ("tiny", True, "")
        assert router.keeper.info("tiny").state == "stopped"
        assert router.works.library.names() == ()
        assert (await ask(router, "DELETE", f"{LIBRARY}/tiny")).status == 404


async def test_models_that_are_somewhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "else"
    folder.mkdir()
    file = write_model(folder / "mine.gguf")
    async with running(tmp_path) as router:
        (found,) = (await router.get(f"{IMPORTABLE}?folder={folder}")).json["models"]
        assert (found["name"], found["state"], found["context"]) == ("mine", "new", 4096)
        taken = (await ask(router, "POST", IMPORTABLE, {"what": str(file), "name": "own"})).json
        assert (taken["name"], taken["in_place"], taken["fit"]["fits"]) == ("own", True, "yes")
        (again,) = (await router.get(f"{IMPORTABLE}?folder={folder}")).json["models"]
        assert again["state"] == "here as own"
        refused = await ask(router, "POST", IMPORTABLE, {"what": str(file)})
        assert (refused.status, "here as own" in refused.json["error"]["message"]) == (400, True)
        gone = (await ask(router, "DELETE", f"{LIBRARY}/own")).json
        assert gone["stays"] == str(file) and file.exists()


async def test_names_that_come_and_go_are_told(tmp_path: Path) -> None:
    async with running(tmp_path) as router:
        await router.get(LIBRARY)
        async for said in router.hub.listen(["library"]):
            assert dict(said)["library"] == b'{"names":["tiny"]}'
            break
