"""What llama.cpp is told: parameters, argv, batches that can be cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.companions import Companions
from landbridge.engines.llamacpp import OURS, Run, write_argv, write_params
from landbridge.engines.stretch import Rope
from landbridge.errors import ConfigFault


def run(template: str = "", **given: Any) -> Run:
    """A run; what is no part of it by itself are settings of the model."""
    parts = {key: given.pop(key) for key in list(given) if key in Run.__struct_fields__}
    usual: dict[str, Any] = {"context": 4096, "threads": 3, "batch": 64, "gpu_layers": 0}
    return Run(path=Path("/m.gguf"), template=template, settings=ModelSettings(**given), **{**usual, **parts})


def test_the_engine_listens_on_loopback_with_a_key_and_for_no_other_site() -> None:
    params = write_params(run(), "secret")
    expected = {"hostnames": ["127.0.0.1"], "port": 0, "api_keys": ["secret"], "cors_origins": "", "ui": False}
    assert expected.items() <= params.items()


def test_the_plan_reaches_the_engine() -> None:
    params = write_params(run(slots=2), "k")
    expected = {"model.path": "/m.gguf", "n_ctx": 4096, "n_parallel": 2, "n_batch": 64, "cpuparams.n_threads": 3}
    assert {**params, **expected} == params
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
    assert "--embeddings --pooling last" in " ".join(argv)
    assert argv[argv.index("-ub") + 1] == "4096"
    chats = write_params(run(), "k")
    assert not {"embedding", "pooling_type"} & set(chats)
    assert "--embeddings" not in write_argv(["llama-server"], run(), Path("/k"), None)


def flags(made: Run) -> tuple[str, ...]:
    """A command line without what is always on it."""
    bare = write_argv(["llama-server"], run(), Path("/k"), None)
    return tuple(word for word in write_argv(["llama-server"], made, Path("/k"), None) if word not in bare)


def test_caches_are_as_planned() -> None:
    plain = write_params(run(), "k")
    usual = {"kv_unified": False, "cache_type_k": 1, "cache_type_v": 1, "flash_attn_type": -1, "cache_ram_mib": 0}
    assert usual.items() <= plain.items()
    made = run(cache_k="q8_0", cache_v="q4_0", flash="on", cache_ram=64 * 1024**2)
    assert {"cache_type_k": 8, "cache_type_v": 2, "flash_attn_type": 1, "cache_ram_mib": 64}.items() <= write_params(
        made, "k"
    ).items()
    argv = write_argv(["llama-server"], made, Path("/k"), None)
    for flag, value in (("-fa", "on"), ("-ctk", "q8_0"), ("-ctv", "q4_0"), ("--cache-ram", "64")):
        assert argv[argv.index(flag) + 1] == value


def test_p78_checkpoints_reach_over_the_whole_context() -> None:
    made = run(context=32_768, slots=2, checkpoints=8)
    params = write_params(made, "k")
    assert (params["n_ctx_checkpoints"], params["checkpoint_min_step"]) == (8, 2048)
    assert write_params(run(checkpoints=99), "k")["checkpoint_min_step"] == 256
    assert flags(made)[-2:] == ("--ctx-checkpoints", "8")
    none = write_params(run(), "k")
    assert none["n_ctx_checkpoints"] == 0
    assert "checkpoint_min_step" not in none


def test_p78_windowed_layers_keep_everything_where_the_plan_says_so() -> None:
    assert write_params(run(swa_full=True), "k")["swa_full"] is True
    assert write_params(run(), "k")["swa_full"] is False
    assert flags(run(swa_full=True)) == ("--swa-full",)


def test_stretched_positions() -> None:
    made = run(rope=Rope("yarn", 3.0, 8192))
    params = write_params(made, "k")
    assert (params["rope_scaling_type"], params["rope_freq_scale"], params["yarn_orig_ctx"]) == (2, 1 / 3, 8192)
    assert flags(made) == ("--rope-scaling", "yarn", "--rope-scale", "--yarn-orig-ctx", "8192")  # 3 are the threads
    assert write_params(run(rope=Rope("none")), "k")["rope_scaling_type"] == 0
    assert "rope_scaling_type" not in write_params(run(), "k")


def test_what_runs_beside_it() -> None:
    beside = Companions(Path("/d.gguf"), Path("/p.gguf"), ((Path("/a.gguf"), 1.0), (Path("/b.gguf"), 0.5)))
    params = write_params(run(companions=beside), "k")
    assert params["speculative.draft.mparams.path"] == "/d.gguf"
    assert (params["mmproj.path"], params["mmproj_use_gpu"]) == ("/p.gguf", False)
    assert params["lora_adapters"] == [["/a.gguf", 1.0], ["/b.gguf", 0.5]]
    assert flags(run(companions=beside)) == (
        "-md", "/d.gguf", "-ngld", "--mmproj", "/p.gguf", "--no-mmproj-offload", "--lora", "/a.gguf",
        "--lora-scaled", "/b.gguf:0.5",
    )  # fmt: skip
    on_card = run(companions=beside, companion_layers=9)
    assert write_params(on_card, "k")["mmproj_use_gpu"] is True
    assert "--no-mmproj-offload" not in flags(on_card)
    assert not {"speculative.types", "mmproj.path", "lora_adapters"} & set(write_params(run(), "k"))


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


def test_where_prompts_are_saved_nobody_else_keeps_them() -> None:
    saving = msgspec.structs.replace(run(), prompts=Path("/data/prompts"))
    params = write_params(saving, "k")
    assert (params["slot_save_path"], params["cache_ram_mib"]) == ("/data/prompts/", 0)
    argv = write_argv(["llama-server"], saving, Path("/k"), None)
    assert argv[argv.index("--slot-save-path") + 1] == "/data/prompts/"
    assert "slot_save_path" not in write_params(run(), "k")
    assert "--slot-save-path" not in write_argv(["llama-server"], run(), Path("/k"), None)
