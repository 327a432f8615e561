"""What llama.cpp is told: parameters, argv, batches that can be cancelled."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.llamacpp import OURS, Run, cancellable_batch, in_slot, only_read, with_progress, write_argv, write_params
from landbridge.errors import ConfigFault


def run(template: str = "", *, batch: int = 64, pooling: str = "", **settings: object) -> Run:
    made = ModelSettings(**settings)  # type: ignore[arg-type]  # by name
    return Run(
        Path("/m.gguf"), context=4096, threads=3, batch=batch, gpu_layers=0, template=template, settings=made,
        pooling=pooling,
    )  # fmt: skip


def test_the_engine_listens_on_loopback_with_a_key_and_for_no_other_site() -> None:
    params = write_params(run(), "secret")
    expected = {"hostnames": ["127.0.0.1"], "port": 0, "api_keys": ["secret"], "cors_origins": "", "ui": False}
    assert expected.items() <= params.items()


def test_the_plan_reaches_the_engine() -> None:
    params = write_params(run(slots=2), "k")
    expected = {"model.path": "/m.gguf", "n_ctx": 4096, "n_parallel": 2, "n_batch": 64, "cpuparams.n_threads": 3}
    assert expected.items() <= params.items()
    assert "chat_template" not in params
    assert write_params(run("T"), "k")["chat_template"] == "T"


def test_a_batch_has_room_for_every_slot() -> None:
    params = write_params(run(slots=100), "k")
    assert (params["n_batch"], params["n_ubatch"]) == (100, 100)
    argv = write_argv(["llama-server"], run(slots=600), Path("/k"), None)
    assert (argv[argv.index("-b") + 1], argv[argv.index("-ub") + 1]) == ("600", "512")


def test_an_engine_for_embeddings_reads_each_text_in_one_batch() -> None:
    made = run(batch=4096, pooling="last")
    params = write_params(made, "k")
    expected = {"embedding": True, "pooling_type": 3, "n_batch": 4096, "n_ubatch": 4096}
    assert expected.items() <= params.items()
    argv = write_argv(["llama-server"], made, Path("/k"), None)
    assert argv[-3:] == ("--embeddings", "--pooling", "last")
    assert argv[argv.index("-ub") + 1] == "4096"
    chats = write_params(run(), "k")
    assert not {"embedding", "pooling_type"} & set(chats)
    assert "--embeddings" not in write_argv(["llama-server"], run(), Path("/k"), None)


def test_extra_settings_win_over_ours_but_for_what_keeps_the_engine_private() -> None:
    assert write_params(run(extra={"cache_ram_mib": 7}), "k")["cache_ram_mib"] == 7
    for name in OURS:
        with pytest.raises(ConfigFault, match=name):
            write_params(run(extra={name: "x"}), "k")


def test_a_command_line_has_no_secret() -> None:
    argv = write_argv(["llama-server", "--mlock"], run(extra={"seed": 4, "no-warmup": True}), Path("/k"), Path("/t"))
    assert argv[:6] == ("llama-server", "--mlock", "-m", "/m.gguf", "-c", "4096")
    assert argv[argv.index("--api-key-file") + 1] == "/k"
    assert argv[argv.index("--chat-template-file") + 1] == "/t"
    assert argv[-3:] == ("--seed", "4", "--no-warmup")


@pytest.mark.parametrize(
    ("batch", "size", "threads", "expected"),
    [
        (512, 98_362_432, 1, 48),
        (512, 98_362_432, 8, 384),
        (16, 98_362_432, 1, 16),
        (512, 10**10, 4, 32),
        (512, 0, 1, 512),
    ],
)
def test_p84_batches_are_small_enough_to_cancel(batch: int, size: int, threads: int, expected: int) -> None:
    assert cancellable_batch(batch, size, threads) == expected


def test_progress_is_asked_for_and_nothing_else_changes() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "}"}], "stream": True}
    assert msgspec.json.decode(with_progress(msgspec.json.encode(body) + b"\n")) == {**body, "return_progress": True}


def test_p79_a_request_names_its_slot_and_is_otherwise_what_it_was() -> None:
    sent = msgspec.json.decode(in_slot(with_progress(b'{"messages": []}\n'), 3))
    assert sent == {"messages": [], "return_progress": True, "id_slot": 3, "cache_prompt": True}


def test_where_prompts_are_saved_nobody_else_keeps_them() -> None:
    saving = msgspec.structs.replace(run(), prompts=Path("/data/prompts"))
    params = write_params(saving, "k")
    assert (params["slot_save_path"], params["cache_ram_mib"]) == ("/data/prompts/", 0)
    argv = write_argv(["llama-server"], saving, Path("/k"), None)
    assert argv[argv.index("--slot-save-path") + 1] == "/data/prompts/"
    assert "slot_save_path" not in write_params(run(), "k")
    assert "--slot-save-path" not in write_argv(["llama-server"], run(), Path("/k"), None)


def test_p78_a_slot_can_be_made_to_read_and_write_nothing() -> None:
    sent = msgspec.json.decode(only_read([1, 2], 3))
    assert sent == {
        "prompt": [1, 2], "n_predict": 0, "id_slot": 3, "cache_prompt": True, "stream": True, "return_progress": True
    }  # fmt: skip
