"""The command line of `llama-server` as settings of a model."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec
import pytest

from landbridge.config.imports.carried import Gathering
from landbridge.config.imports.llama_server import ALONE, FLAGS, engine_settings, is_llama_server
from landbridge.config.schema import ModelSettings


def settings(line: str) -> tuple[dict[str, Any], list[str]]:
    into = Gathering({}, {})
    found = engine_settings(["llama-server", *shlex.split(line)], "models.m", into)
    msgspec.convert(found, ModelSettings)
    return found, [note.key for note in into.notes]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("-m /x.gguf --port 1 --host h --jinja", {"source": "/x.gguf"}),
        ("-hf a/b:Q4_K_M", {"source": "hf:a/b:Q4_K_M"}),
        ("--model-url https://h/x.gguf", {"source": "https://h/x.gguf"}),
        ("-c 0 -ngl -1 -t -1", {}),
        ("--ctx-size=8192 -ngl 0 -t 4", {"context": 8192, "gpu_layers": 0, "threads": 4}),
        ("-c 8192 -np 1", {"context": 8192, "slots": 1}),
        ("-fa on", {"flash_attention": "on"}),
        ("-fa --embedding", {"flash_attention": "on", "embeddings": True}),
        ("-fa auto", {}),
        ("--cache-ram 2048", {"cache_ram": 2048 * 1024**2}),
        ("--cache-ram -1", {}),
        ("--rope-scaling yarn --rope-scale 4 --yarn-orig-ctx 32768", None),
        ("--lora /a --lora-scaled /b 0.5", {"lora": {"/a": 1.0, "/b": 0.5}}),
        ("-md /d.gguf --mmproj /p.gguf --chat-template-file /t", None),
    ],
)
def test_flags_are_settings(line: str, found: dict[str, Any] | None) -> None:
    carried, notes = settings(line)
    assert notes == []
    assert carried == found if found is not None else len(carried) == 3


def test_slots_share_the_context() -> None:
    carried, notes = settings("-c 8192 -np 4")
    assert carried == {"context": 2048, "slots": 4}
    assert notes == ["models.m.cmd -c"]


def test_what_has_no_setting_is_named() -> None:
    assert settings("--temp 0.7 --no-mmap -x -m /x")[1] == [
        f"models.m.cmd {flag}" for flag in ("--temp", "--no-mmap", "-x")
    ]


def test_which_commands_run_it() -> None:
    assert is_llama_server(["/opt/llama/llama-server-ec9e0301"]) and is_llama_server(["llama-server.exe"])
    assert not is_llama_server(["docker", "run", "llama-server"]) and not is_llama_server(["vllm"])


def test_every_flag_leads_to_a_setting() -> None:
    fields = set(ModelSettings.__struct_fields__)
    assert {key for key, _ in FLAGS.values()} | {key for key, _ in ALONE.values()} <= fields
    names = [name for names in FLAGS for name in names]
    assert len(set(names)) == len(names)
