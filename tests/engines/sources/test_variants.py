"""Files of a repository become models one can choose from; the choice is the one meant, or the best, or a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.sources.variants import HubFile, base_of, choose, label_of, projector, variants
from landbridge.errors import ConfigFault

REPO = "org/Tiny-GGUF"


def files(*names: str) -> list[HubFile]:
    return [HubFile(name, 10 + number) for number, name in enumerate(names)]


def labels(*names: str) -> list[str]:
    return [variant.label for variant in variants(files(*names))]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf", "Q4_K_M"),
        ("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "Q4_K_M"),
        ("Llama-3.2-1B-Instruct.Q8_0.gguf", "Q8_0"),
        ("gemma-3-27b-it-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("UD-IQ1_S/DeepSeek-V3-UD-IQ1_S", "UD-IQ1_S"),
        ("UD-Q2_K_XL/model.gguf", "UD-Q2_K_XL"),
        ("model-fp16.gguf", "F16"),
        ("model.BF16.gguf", "BF16"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("tq/model-TQ1_0.gguf", "TQ1_0"),
        ("Phi-3-mini-4k-instruct-q4.gguf", "Q4"),
        ("model.gguf", ""),
        ("q4you-model.gguf", ""),
        ("seq4_k_m.gguf", ""),
        ("IQ3_M-of-things/m-IQ4_NL.gguf", "IQ4_NL"),
    ],
)
def test_quantisations_in_names(name: str, label: str) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("x/Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf", "Qwen2.5-Coder-7B-Instruct"),
        ("Llama-3.2-1B-Instruct.Q8_0.gguf", "Llama-3.2-1B-Instruct"),
        ("gemma-3-27b-it-UD-Q4_K_XL", "gemma-3-27b-it"),
        ("model.gguf", "model"),
        ("Q4_0.gguf", "Q4_0"),
    ],
)
def test_what_a_model_is_called(name: str, base: str) -> None:
    assert base_of(name) == base


def test_variants_are_by_size_and_have_all_their_files() -> None:
    found = variants(
        [
            HubFile("README.md", 1),
            HubFile("a-Q8_0-00002-of-00002.gguf", 300),
            HubFile("a-Q8_0-00001-of-00002.gguf", 400),
            HubFile("a-Q4_K_M.gguf", 350),
            HubFile("mmproj-F16.gguf", 5),
            HubFile("imatrix.gguf", 5),
            HubFile("a-F16-00001-of-00002.gguf", 900),
        ]
    )
    assert [(variant.label, variant.size) for variant in found] == [("Q4_K_M", 350), ("Q8_0", 700)]
    assert [file.name for file in found[1].files] == [f"a-Q8_0-0000{number}-of-00002.gguf" for number in (1, 2)]


def test_models_that_share_a_quantisation_go_by_their_names() -> None:
    assert labels("x/a-Q4_0.gguf", "y/a-Q4_0.gguf", "y/a-Q8_0.gguf") == ["x/a-Q4_0", "y/a-Q4_0", "Q8_0"]
    assert labels("one.gguf", "two.gguf") == ["one", "two"]
    assert labels("m-Q4_0.gguf", "m-Q4_0-00001-of-00002.gguf", "m-Q4_0-00002-of-00002.gguf") == ["Q4_0"]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["README.md", "m-f16.gguf", "mmproj-f16.gguf"], "mmproj-f16.gguf"),
        (["mmproj-BF16.gguf", "mmproj-F32.gguf", "mmproj-F16.gguf"], "mmproj-F16.gguf"),
        (["mmproj-model-Q8_0.gguf", "x/m.mmproj.gguf"], "mmproj-model-Q8_0.gguf"),
        (["mmproj.bin", "m.gguf"], None),
    ],
)
def test_the_projector(names: list[str], chosen: str | None) -> None:
    found = projector(files(*names))
    assert (found.name if found is not None else None) == chosen


@pytest.mark.parametrize(
    ("names", "wanted", "chosen"),
    [
        (["README.md", "a.gguf"], "", "a.gguf"),
        (["a-Q2_K.gguf", "a-Q4_K_M.gguf", "a-Q8_0.gguf"], "", "a-Q4_K_M.gguf"),
        (["a-Q2_K.gguf", "a-Q5_K_M.gguf", "a-q8_0.gguf"], "", "a-Q5_K_M.gguf"),
        (["a-Q2_K.gguf", "a-Q8_0.gguf"], "q2_k", "a-Q2_K.gguf"),
        (["a-f16-00001-of-00002.gguf", "a-f16-00002-of-00002.gguf", "a-q2.gguf"], "", "a-q2.gguf"),
        (["a-Q8_0.gguf", "mmproj-Q8_0.gguf"], "", "a-Q8_0.gguf"),
        (["a.gguf", "ba.gguf"], "a.gguf", "a.gguf"),
        (["x/a-Q4_0.gguf", "y/b-Q4_0.gguf"], "y/b", "y/b-Q4_0.gguf"),
        (["a-Q4_K.gguf", "a-Q4_K_M.gguf"], "q4_k", "a-Q4_K.gguf"),
        (["a-IQ1_S.gguf", "b-IQ2_M.gguf"], "", "b-IQ2_M.gguf"),
        (["a-Q3_K_M.gguf", "a-Q6_K.gguf", "a-F16.gguf"], "", "a-Q3_K_M.gguf"),
        (["a-Q3_K_M.gguf", "a-Q5_0.gguf", "a-F16.gguf"], "", "a-Q5_0.gguf"),
        (["a-Q6_K_L.gguf", "a-Q6_K.gguf"], "", "a-Q6_K.gguf"),
        (["x/a-Q4_0.gguf", "y/a-Q8_0.gguf"], "x/a-Q4_0.gguf", "x/a-Q4_0.gguf"),
        (["a-Q8_0-00001-of-00002.gguf", "a-Q8_0-00002-of-00002.gguf"], "Q8_0", "a-Q8_0-00001-of-00002.gguf"),
    ],
)
def test_the_one_meant(names: list[str], wanted: str, chosen: str) -> None:
    assert choose(variants(files(*names)), REPO, wanted).files[0].name == chosen


@pytest.mark.parametrize(
    ("names", "wanted", "said"),
    [
        (["README.md", "model.safetensors"], "", "has no GGUF model."),
        (["a-00001-of-00002.gguf"], "", "has no GGUF model."),
        (["a.gguf", "b.gguf"], "", "has several models: a, b."),
        (["x/a-Q4_0.gguf", "y/b-Q4_0.gguf"], "", "has several models: x/a-Q4_0, y/b-Q4_0."),
        (["a-Q4_0.gguf", "a-Q4_1.gguf"], "Q4", "has several models for Q4: Q4_0, Q4_1."),
        (["sub/a-Q4_0.gguf"], "Q9", "has no model for Q9: Q4_0."),
    ],
)
def test_choices_are_listed(names: list[str], wanted: str, said: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        choose(variants(files(*names)), REPO, wanted)
    assert caught.value.message == f"'{REPO}' {said}"
    assert caught.value.remedy


NAMES = st.from_regex(r"([ab]/)?[ab](-Q[2-8]_[01K])?(-0000[1-3]-of-0000[1-3])?\.gguf", fullmatch=True)


@given(names=st.sets(NAMES, max_size=8))
def test_every_label_names_its_variant(names: set[str]) -> None:
    """What the table shows can be said, and is understood as that."""
    found = variants(files(*sorted(names)))
    assert len({variant.label for variant in found}) == len(found)
    assert sum(len(variant.files) for variant in found) <= len(names)
    for variant in found:
        assert choose(found, REPO, variant.label) == variant
