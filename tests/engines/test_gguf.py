"""What a header says is read right; whatever else a file holds is `ModelUnusable`, soon and in little memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines import gguf
from landbridge.engines.facts import Facts
from landbridge.engines.gguf import read_facts
from landbridge.errors import ModelUnusable
from tests.fakes.gguf_model import write_model

pytestmark = pytest.mark.io

STRING, ARRAY, UINT32 = 8, 9, 4


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small sound model."""
    return write_model(tmp_path_factory.mktemp("sound") / "m.gguf", vocabulary=5, tensors=1).read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for files that are written again and again."""
    return tmp_path_factory.mktemp("scratch") / "m.gguf"


def header(tensors: int = 1, keys: int = 1, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def trouble(path: Path, data: bytes | None = None) -> str:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ModelUnusable) as caught:
        read_facts(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value.message


def test_facts_of_a_model(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.gguf")
    assert read_facts(path) == Facts(
        architecture="llama",
        name="Tiny",
        parameters=2 * 64 * 32,
        quantization="Q4_0",
        context_length=4096,
        embedding_length=64,
        layers=2,
        heads=4,
        kv_heads=2,
        key_length=16,
        value_length=16,
        sliding_window=0,
        vocabulary=600,
        chat_template="{{ messages }}",
        file_size=path.stat().st_size,
        layer_bytes=2 * 64 * 32 * 4,
    )


@pytest.mark.parametrize(
    ("number", "pooling"), [(0, "none"), (1, "mean"), (2, "cls"), (3, "last"), (4, "rank"), (9, ""), ("mean", "")]
)
def test_how_vectors_of_tokens_become_one(tmp_path: Path, number: object, pooling: str) -> None:
    facts = read_facts(write_model(tmp_path / "m.gguf", "bert", bert__pooling_type=number))
    assert (facts.pooling, facts.embeds) == (pooling, True)


def test_heads_may_differ_by_layer(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.gguf", llama__attention__head_count_kv=[0, 8, 0, 2])
    assert read_facts(path).kv_heads == 8


def test_keys_of_the_attention_win_over_what_follows_from_the_embedding(tmp_path: Path) -> None:
    path = write_model(
        tmp_path / "m.gguf",
        llama__attention__key_length=256,
        llama__attention__value_length=128,
        llama__attention__sliding_window=1024,
    )
    facts = read_facts(path)
    assert (facts.key_length, facts.value_length, facts.sliding_window) == (256, 128, 1024)


def test_without_kv_heads_every_head_has_its_own(tmp_path: Path) -> None:
    assert read_facts(write_model(tmp_path / "m.gguf", llama__attention__head_count_kv=None)).kv_heads == 4


@pytest.mark.parametrize("value", [-1, "many", 1.5, True, [-3, -4]])
def test_a_number_that_is_none_is_not_believed(tmp_path: Path, value: object) -> None:
    facts = read_facts(write_model(tmp_path / "m.gguf", llama__context_length=value))
    assert facts.context_length == 0


def test_words_that_are_none_are_not_believed(tmp_path: Path) -> None:
    facts = read_facts(write_model(tmp_path / "m.gguf", general__name=3, general__file_type=[2], name="x"))
    assert (facts.name, facts.quantization) in {("x", "unknown"), ("", "unknown")}


def test_a_vocabulary_longer_than_the_window(tmp_path: Path) -> None:
    """Names in a long list are stepped over wherever the pieces that are read happen to end."""
    for vocabulary in (40_000, 40_001, 40_003):
        path = write_model(tmp_path / "m.gguf", vocabulary=vocabulary, llama__block_count=7)
        assert path.stat().st_size > 2 * gguf.WINDOW
        facts = read_facts(path)
        assert (facts.vocabulary, facts.layers) == (vocabulary, 7)


def test_tables_are_those_of_ggml() -> None:
    sizes = {kind.value: size for kind, size in GGML_QUANT_SIZES.items() if kind != GGMLQuantizationType.Q8_1}
    assert sizes == gguf._BLOCKS  # Q8_1 exists only in memory


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Please log in", "web page"),
        (b"\n  <html><head>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
        (b"PK\x03\x04" + bytes(60), "zip archive"),
        (struct.pack("<Q", 2000) + b'{"__metadata__":{"format":"pt"}}', "safetensors"),
        (b"tjgg" + bytes(60), "before GGUF"),
        (b"G", "does not begin with GGUF"),
        (bytes(500), "does not begin with GGUF"),
        (b"GGUF", "truncated"),
        (header(version=1), "GGUF version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1), "big-endian"),
        (header(keys=0, tensors=0), "names no architecture"),
    ],
)
def test_what_is_no_model_is_called_by_its_name(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in trouble(tmp_path / "m.gguf", data)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"general__type": "adapter"}, "an adapter"),
        ({"general__type": "mmproj"}, "a model's eyes"),
        ({"architecture": "clip"}, "a model's eyes"),
        ({"general__type": "imatrix"}, "statistics"),
        ({"split__count": 3}, "one of 3 pieces"),
        ({"tensors": 0}, "holds no weights"),
    ],
)
def test_files_that_are_only_a_part_of_a_model(tmp_path: Path, meta: dict[str, Any], said: str) -> None:
    assert said in trouble(write_model(tmp_path / "m.gguf", **meta))


def test_a_file_that_says_it_is_a_model_is_one(tmp_path: Path) -> None:
    assert read_facts(write_model(tmp_path / "m.gguf", general__type="model", split__count=1)).layers == 2


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "is not there" in trouble(tmp_path / "none.gguf")
    assert "cannot be read" in trouble(tmp_path)


def test_cut_anywhere_it_is_truncated(sound: bytes, scratch: Path) -> None:
    data_begins = len(sound) - 64 * 32 * 4
    for length in (*range(4, data_begins), *range(data_begins, len(sound), 97), len(sound) - 1):
        assert "truncated" in trouble(scratch, sound[:length]), length
    scratch.write_bytes(sound)
    assert read_facts(scratch).architecture == "llama"


@given(data=st.data())
def test_any_bytes_changed_give_facts_or_our_error(data: st.DataObject, sound: bytes, scratch: Path) -> None:
    mangled = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(sound) - 64 * 32 * 4))
        piece = data.draw(st.binary(min_size=1, max_size=8))
        mangled[at : at + len(piece)] = piece
    scratch.write_bytes(mangled)
    facts_or_our_error(scratch)


@given(rest=st.binary(max_size=400), version=st.sampled_from([2, 3]), keys=st.integers(0, 3))
def test_any_garbage_gives_facts_or_our_error(rest: bytes, version: int, keys: int, scratch: Path) -> None:
    scratch.write_bytes(header(1, keys, version) + rest)
    facts_or_our_error(scratch)


@given(
    kind=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12]),
    length=st.integers(0, 3),
    value=st.binary(min_size=24, max_size=24),
    key=st.sampled_from(
        ["general.file_type", "general.name", "general.type", "general.alignment", "split.count", "x.block_count",
         "x.attention.head_count", "x.context_length", "tokenizer.ggml.tokens", "tokenizer.chat_template"]
    ),
)  # fmt: skip
def test_any_value_under_a_known_key(kind: int, length: int, value: bytes, key: str, scratch: Path) -> None:
    """A scalar, or a list of them, where something else is expected."""
    architecture = text("general.architecture") + struct.pack("<I", STRING) + text("x")
    width = struct.calcsize(gguf._SCALARS[kind])
    scalar = struct.pack("<I", kind) + value[:width]
    array = struct.pack("<IIQ", ARRAY, kind, length) + value[: width * length]
    tensor = text("w") + struct.pack("<IQIQ", 1, 1, 0, 0)
    for given_value in (scalar, array):
        scratch.write_bytes(header(1, 2) + architecture + text(key) + given_value + tensor + bytes(300))
        facts_or_our_error(scratch)


def facts_or_our_error(path: Path) -> None:
    try:
        facts = read_facts(path)
    except ModelUnusable:
        return
    assert facts.layers >= 0
    assert facts.kv_bytes_per_token >= 0
    assert facts.context_length >= 0


MUCH = 1 << 60
CLAIMS = {
    "tensors": header(tensors=MUCH),
    "keys": header(keys=MUCH),
    "a key's length": header() + struct.pack("<Q", MUCH),
    "a key as long as the file": header() + struct.pack("<Q", 1 << 35),
    "a text's length": header() + text("k") + struct.pack("<IQ", STRING, MUCH),
    "a text as long as the file": header() + text("k") + struct.pack("<IQ", STRING, 1 << 35),
    "an array's length": header() + text("k") + struct.pack("<IIQ", ARRAY, UINT32, MUCH),
    "numbers as long as the header may be": header() + text("k") + struct.pack("<IIQ", ARRAY, 10, gguf.MAX_MEMBERS),
    "texts": header() + text("k") + struct.pack("<IIQ", ARRAY, STRING, MUCH),
    "a text in an array": header() + text("k") + struct.pack("<IIQQ", ARRAY, STRING, 2, MUCH),
    "arrays in arrays": header() + text("k") + struct.pack("<IIQ", ARRAY, ARRAY, 1),
    "an unknown type": header() + text("k") + struct.pack("<I", 99),
    "as many keys as are allowed": header(keys=gguf.MAX_ENTRIES),
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("size", [1000, 1 << 36], ids=["small", "huge"])
def test_a_header_that_claims_too_much_costs_nothing(tmp_path: Path, claim: str, size: int) -> None:
    """The large file has holes: it is all zeros behind its header and takes no disk."""
    path = tmp_path / "m.gguf"
    with path.open("wb") as file:
        file.write(CLAIMS[claim])
        file.truncate(size)
    began = time.process_time()
    trouble(path)
    assert time.process_time() - began < 10
    tracemalloc.start()
    try:
        trouble(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024**2


def test_a_header_longer_than_any_is_given_up(tmp_path: Path) -> None:
    """Four million empty texts take half of what a header may have: there are no two such lists, let alone nine."""
    path = tmp_path / "m.gguf"
    one = text("k") + struct.pack("<IIQ", ARRAY, STRING, gguf.MAX_MEMBERS)
    with path.open("wb") as file:
        file.write(header(keys=9) + one)
        for _ in range(2):
            file.seek(gguf.MAX_MEMBERS * 8, 1)
            file.write(one)
        file.truncate(1 << 36)
    began = time.process_time()
    assert "longer than any" in trouble(path)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("dimensions", [(1 << 40, 1 << 40), (0,) * 9])
def test_tensors_that_cannot_be(tmp_path: Path, dimensions: tuple[int, ...]) -> None:
    architecture = text("general.architecture") + struct.pack("<I", STRING) + text("x")
    tensor = text("w") + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, 99, 0)
    assert "is damaged" in trouble(tmp_path / "m.gguf", header() + architecture + tensor + bytes(100))


CUT_AND_READ = """
import sys, threading, time
from pathlib import Path
from landbridge.engines.gguf import read_facts
from landbridge.errors import ModelUnusable
path, whole, done = Path(sys.argv[1]), Path(sys.argv[1]).read_bytes(), threading.Event()
def cut():
    while not done.is_set():
        with path.open("r+b") as file:
            file.truncate(100)
            file.write(whole)
thread = threading.Thread(target=cut)
thread.start()
ends, deadline = set(), time.monotonic() + 10
try:
    while time.monotonic() < deadline and len(ends) < 2 or time.monotonic() < deadline - 9:
        try:
            ends.add(read_facts(path).architecture)
        except ModelUnusable as fault:
            ends.add("unusable")
finally:
    done.set()
    thread.join()
print(sorted(ends))
"""


def test_a_file_that_is_cut_while_it_is_read_ends_nobody(tmp_path: Path) -> None:
    """A mapped file would end the whole process with SIGBUS."""
    path = write_model(tmp_path / "m.gguf", vocabulary=60_000)
    said = subprocess.run([sys.executable, "-c", CUT_AND_READ, str(path)], capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout) == (0, "['llama', 'unusable']\n"), said.stderr
