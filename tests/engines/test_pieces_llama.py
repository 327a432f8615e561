"""The built-in engine with a real model in several files: it is given the first, and finds the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from gguf import GGUFReader, GGUFValueType, GGUFWriter

from landbridge.engines.gguf import read_facts
from landbridge.engines.pieces import read_model
from tests.engines.bench import MEGABYTE, Bench, ModelFile
from tests.engines.test_worker_llama import chat, complete

pytestmark = [pytest.mark.e2e, pytest.mark.anyio]


def split(model: Path, folder: Path) -> Path:
    """The same model in two files, as `llama-gguf-split` makes them; gives the first."""
    reader = GGUFReader(model)
    architecture = reader.fields["general.architecture"].contents()
    writer = GGUFWriter(folder / "m.gguf", architecture, split_max_tensors=len(reader.tensors) // 2 + 1)
    for field in reader.fields.values():
        if field.name != "general.architecture" and not field.name.startswith("GGUF."):
            kind = field.types[0]
            of = field.types[-1] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, sub_type=of)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_shape=tensor.data.shape, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return folder / "m-00001-of-00002.gguf"


async def test_a_model_in_two_files_answers(bench: Bench, smollm2: Path, tmp_path: Path) -> None:
    first = split(smollm2, tmp_path)
    facts, whole = read_model(first), read_facts(smollm2)
    assert (facts.parameters, facts.layers, facts.quantization) == (whole.parameters, whole.layers, whole.quantization)
    bench.set(command=None, start_timeout=60.0)
    bench.models["m"] = ModelFile(first, facts.file_size, 300 * MEGABYTE)
    async with bench.open() as keeper, keeper.lease("m") as lease:
        said = await complete(lease, chat("Say hello.", max_tokens=12))
        assert "ello" in str(said["choices"])
